"""rooms, special days, limits; cells of advisors and of rooms"""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


SECONDS, BLOCK = 900, 32  # as booking.quarters and booking.model have it


def upgrade() -> None:
    op.create_table(
        "rooms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["centers.id"], name=op.f("fk_rooms_center_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rooms")),
        sa.UniqueConstraint("center_id", "name", name=op.f("uq_rooms_center_id_name")),
    )
    op.create_table(
        "advisor_limits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("daily_limit", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["advisors.id"], name=op.f("fk_advisor_limits_advisor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_advisor_limits")),
        sa.UniqueConstraint("advisor_id", name=op.f("uq_advisor_limits_advisor_id")),
    )
    op.create_table(
        "room_closures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(timezone=True), nullable=False),
        sa.Column("ends_at", Instant(timezone=True), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(["room_id"], ["rooms.id"], name=op.f("fk_room_closures_room_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_closures")),
    )
    with op.batch_alter_table("room_closures", schema=None) as batch_op:
        batch_op.create_index("ix_room_closures_room", ["room_id", "ends_at"], unique=False)
    op.create_table(
        "special_days",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("start", sa.Time(), nullable=True),
        sa.Column("end", sa.Time(), nullable=True),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["advisors.id"], name=op.f("fk_special_days_advisor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_special_days")),
    )
    with op.batch_alter_table("special_days", schema=None) as batch_op:
        batch_op.create_index("ix_special_days_advisor", ["advisor_id", "day"], unique=False)

    with op.batch_alter_table("appointments") as batch_op:
        batch_op.add_column(
            sa.Column("place", sa.String(length=8), nullable=False, server_default="on_site")
        )
        batch_op.add_column(sa.Column("room_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("kept", sa.String(length=60), nullable=False, server_default="")
        )
        batch_op.create_index("ix_appointments_hold", ["hold_until"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_appointments_room_id"), "rooms", ["room_id"], ["id"]
        )
    with op.batch_alter_table("appointments") as batch_op:
        batch_op.alter_column("place", server_default=None)
        batch_op.alter_column("kept", server_default=None)
    _cells()


def _cells() -> None:
    """Quarters of an hour were instants; now they are numbers, in blocks that can be summed."""
    with op.batch_alter_table("booking_cells") as batch_op:
        batch_op.add_column(sa.Column("room_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("seat", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("quarter", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("block", sa.Integer(), nullable=True))
    cells = sa.table(
        "booking_cells",
        sa.column("id", sa.Integer),
        sa.column("starts_at", Instant),
        sa.column("quarter", sa.Integer),
        sa.column("block", sa.Integer),
    )
    connection = op.get_bind()
    for cell_id, starts_at in connection.execute(sa.select(cells.c.id, cells.c.starts_at)).all():
        quarter = int(starts_at.timestamp()) // SECONDS
        connection.execute(
            cells.update()
            .where(cells.c.id == cell_id)
            .values(quarter=quarter, block=quarter // BLOCK)
        )
    with op.batch_alter_table("booking_cells") as batch_op:
        batch_op.alter_column("seat", existing_type=sa.Integer(), server_default=None)
        batch_op.alter_column("quarter", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("block", existing_type=sa.Integer(), nullable=False)
        batch_op.alter_column("advisor_id", existing_type=sa.Integer(), nullable=True)
        batch_op.drop_index(batch_op.f("uq_booking_cells_advisor_id_starts_at"))
        batch_op.create_index(
            "uq_booking_cells_advisor", ["advisor_id", "block", "seat", "quarter"], unique=True
        )
        batch_op.create_index(
            "uq_booking_cells_room", ["room_id", "block", "seat", "quarter"], unique=True
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_booking_cells_room_id"), "rooms", ["room_id"], ["id"]
        )
        batch_op.create_check_constraint("one_owner", "(advisor_id IS NULL) <> (room_id IS NULL)")
        batch_op.create_check_constraint("block_of_quarter", f"block = quarter / {BLOCK}")
        batch_op.drop_column("starts_at")


def downgrade() -> None:
    raise NotImplementedError("restore the backup made before the upgrade")
