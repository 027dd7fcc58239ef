"""``ipstation db``: bring the database to the present schema, or draft a migration."""

import argparse
import asyncio

from core import schema
from core.config import Config
from core.database import Database


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The subcommands and their arguments."""
    steps = commands.add_parser("db", help="数据库结构").add_subparsers(
        required=True, metavar="操作"
    )
    up = steps.add_parser("upgrade", help="升级到最新结构")
    up.set_defaults(run=lambda config, _: asyncio.run(upgrade(config)))
    draft_ = steps.add_parser("revision", help="（开发用）根据模型的变化起草一个迁移")
    draft_.add_argument("message", metavar="说明", help="迁移说明（英文）")
    draft_.set_defaults(run=lambda config, arguments: asyncio.run(draft(config, arguments.message)))


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
