"""Bringing a database to the present schema, and comparing the two."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from core.database import Base, Database


def _alembic(connection: Connection) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database) -> None:
    """Run every migration that has not run yet. Every room's model must be imported."""
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda c: command.upgrade(_alembic(c), "head"))


async def draft_revision(database: Database, message: str) -> None:
    """Write a new migration file from the difference between the models and the database."""
    async with database.engine.begin() as connection:
        await connection.run_sync(
            lambda c: command.revision(_alembic(c), message=message, autogenerate=True)
        )


async def differences(database: Database) -> list[Any]:
    """What the database lacks or has beyond the models; empty when they agree."""
    async with database.engine.begin() as connection:
        return await connection.run_sync(
            lambda c: compare_metadata(
                MigrationContext.configure(c, opts={"compare_type": True}), Base.metadata
            )
        )
