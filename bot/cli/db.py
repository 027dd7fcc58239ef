"""``ipstation db``: bring the database to the present schema, or draft a migration."""

from core import schema
from core.config import Config
from core.database import Database


async def upgrade(config: Config) -> int:
    """Run the migrations that have not run yet."""
    database = Database(config.database.url)
    await schema.upgrade(database)
    await database.close()
    print("数据库已是最新结构。")
    return 0


async def draft(config: Config, message: str) -> int:
    """Write a migration file from what the models have and the database lacks."""
    database = Database(config.database.url)
    await schema.draft_revision(database, message)
    await database.close()
    return 0
