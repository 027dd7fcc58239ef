"""Bringing a database to the present schema, and comparing the two."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncConnection

from core.database import Base, Database
from core.fulltext import is_ours


def _alembic(connection: Connection) -> AlembicConfig:
    config = AlembicConfig()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


async def upgrade(database: Database, revision: str = "head") -> None:
    """Run the migrations that have not run yet. Every room's model must be imported."""
    async with database.engine.connect() as connection:
        if database.is_sqlite:
            # SQLite changes a table by copying and dropping it, which its rows' keys would forbid.
            await _foreign_keys(connection, "OFF")
        async with connection.begin():
            await connection.run_sync(lambda c: command.upgrade(_alembic(c), revision))
            if database.is_sqlite:
                await connection.run_sync(_require_whole)
        if database.is_sqlite:
            await _foreign_keys(connection, "ON")


async def _foreign_keys(connection: AsyncConnection, value: str) -> None:
    """Outside of any transaction: within one SQLite ignores the setting."""
    raw = await connection.get_raw_connection()
    assert raw.driver_connection is not None
    await raw.driver_connection.execute(f"PRAGMA foreign_keys={value}")


def _require_whole(connection: Connection) -> None:
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    if broken:
        raise RuntimeError(f"rows whose references lead nowhere: {broken[:5]}")


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
                MigrationContext.configure(c, opts={"compare_type": True, "include_name": is_ours}),
                Base.metadata,
            )
        )
