"""Talk and drafts of confidential tickets are sealed"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """What lies plain already is sealed by the job ``ticket-seal-left``: only it has the key."""
    for table in ("ticket_messages", "reply_drafts"):
        with op.batch_alter_table(table, schema=None) as batch_op:
            batch_op.add_column(sa.Column("sealed", sa.Text(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("go back by restoring a backup: the later tables hold people's words")
