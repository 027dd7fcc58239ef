"""Alembic's entry: uses the connection it is handed, never a setting of its own."""

from alembic import context

from core.database import Base
from core.fulltext import is_ours

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
    include_name=is_ours,
    user_module_prefix="",
)
with context.begin_transaction():
    context.run_migrations()
