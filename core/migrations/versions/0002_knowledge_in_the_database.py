"""versions, flags and exams of the base; reminders of deadlines"""

import sqlalchemy as sa
from alembic import op

from core.database import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "deadline_reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=False),
        sa.Column("lang", sa.String(length=5), nullable=False),
        sa.Column("kind", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("days_before", sa.Integer(), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=False),
        sa.Column("made_at", Instant(timezone=True), nullable=False),
        sa.Column("sent_at", Instant(timezone=True), nullable=True),
        sa.Column("cancelled_at", Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_reminders")),
        sa.UniqueConstraint(
            "channel",
            "chat",
            "kind",
            "last_day",
            "days_before",
            name=op.f("uq_deadline_reminders_channel_chat_kind_last_day_days_before"),
        ),
    )
    with op.batch_alter_table("deadline_reminders", schema=None) as batch_op:
        batch_op.create_index("ix_deadline_reminders_due", ["sent_at", "due_at"], unique=False)
    op.create_table(
        "kb_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_edition")),
    )
    op.create_table(
        "kb_flags",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(length=80), nullable=False),
        sa.Column("law", sa.String(length=80), nullable=False),
        sa.Column("article", sa.String(length=20), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("cleared_at", Instant(timezone=True), nullable=True),
        sa.Column("cleared_by", sa.String(length=40), nullable=False),
        sa.Column("cleared", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["accounts.id"], name=op.f("fk_kb_flags_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_flags")),
        sa.UniqueConstraint(
            "entry_id",
            "law",
            "article",
            "from_day",
            name=op.f("uq_kb_flags_entry_id_law_article_from_day"),
        ),
    )
    with op.batch_alter_table("kb_flags", schema=None) as batch_op:
        batch_op.create_index("ix_kb_flags_open", ["cleared_at"], unique=False)
    op.create_table(
        "kb_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(length=80), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=True),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("author", sa.String(length=40), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("reviewer", sa.String(length=40), nullable=False),
        sa.Column("review_note", sa.Text(), nullable=False),
        sa.Column("reviewed_at", Instant(timezone=True), nullable=True),
        sa.Column("publisher_id", sa.Integer(), nullable=True),
        sa.Column("publisher", sa.String(length=40), nullable=False),
        sa.Column("published_at", Instant(timezone=True), nullable=True),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.Column("moves", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["accounts.id"], name=op.f("fk_kb_versions_author_id")
        ),
        sa.ForeignKeyConstraint(
            ["publisher_id"], ["accounts.id"], name=op.f("fk_kb_versions_publisher_id")
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["accounts.id"], name=op.f("fk_kb_versions_reviewer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_versions")),
        sa.UniqueConstraint("entry_id", "number", name=op.f("uq_kb_versions_entry_id_number")),
    )
    with op.batch_alter_table("kb_versions", schema=None) as batch_op:
        batch_op.create_index("ix_kb_versions_state", ["state", "entry_id"], unique=False)
    op.create_table(
        "kb_events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.String(length=80), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=10), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("diff", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["accounts.id"], name=op.f("fk_kb_events_actor_id")),
        sa.ForeignKeyConstraint(
            ["version_id"], ["kb_versions.id"], name=op.f("fk_kb_events_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_events")),
    )
    with op.batch_alter_table("kb_events", schema=None) as batch_op:
        batch_op.create_index("ix_kb_events_entry", ["entry_id", "id"], unique=False)
    op.create_table(
        "kb_exams",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("base", sa.String(length=64), nullable=False),
        sa.Column("started_at", Instant(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(length=40), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("finished_at", Instant(timezone=True), nullable=True),
        sa.Column("failed", sa.Text(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("seen_at", Instant(timezone=True), nullable=True),
        sa.Column("seen_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["kb_versions.id"], name=op.f("fk_kb_exams_version_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_exams")),
    )
    with op.batch_alter_table("kb_exams", schema=None) as batch_op:
        batch_op.create_index("ix_kb_exams_version", ["version_id", "id"], unique=False)


def downgrade() -> None:
    for table in (
        "kb_exams", "kb_events", "kb_versions", "kb_flags", "kb_edition", "deadline_reminders",
    ):  # fmt: skip
        op.drop_table(table)
