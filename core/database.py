"""The database: engine, transactions, column types and the two write idioms.

SQLite and PostgreSQL are both first-class. A write transaction on SQLite begins IMMEDIATE, so
that read-then-write is safe; writers of one process queue on a lock instead of polling the file.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import CursorResult, DateTime, Dialect, MetaData, Result, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase
from sqlalchemy.types import TypeDecorator

from core.seal import Sealer


class Base(DeclarativeBase):
    """Parent of every table; constraint names are fixed so that migrations can name them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. Refuses naive datetimes."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime: pass the instant from core.clock")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One engine and its transactions.

    sealer: what sessions seal and open confidential words with; its key is never in the database.
    """

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.sealer: Sealer | None = None
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = self._make_engine()
        self._writers = asyncio.Lock() if self.is_sqlite else nullcontext()

    def _make_engine(self) -> AsyncEngine:
        if not self.is_sqlite:
            return create_async_engine(self.url, pool_size=10, max_overflow=20, pool_pre_ping=True)
        if self.url.database:
            Path(self.url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_async_engine(self.url, connect_args={"timeout": 30})
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """A write transaction: committed at the end of the block, rolled back on any error."""
        async with (
            self._writers,
            AsyncSession(self.engine, expire_on_commit=False, info=self._info()) as session,
            session.begin(),
        ):
            yield session

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A read-only transaction that does not wait for writers."""
        engine = self.engine.execution_options(ipstation_reading=True)
        async with AsyncSession(engine, expire_on_commit=False, info=self._info()) as session:
            yield session

    def _info(self) -> dict[str, Any]:
        return {} if self.sealer is None else {"sealer": self.sealer}

    async def close(self) -> None:
        """Give back every connection."""
        await self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=NORMAL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get("ipstation_reading")
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")


def changed(result: Result[Any]) -> bool:
    """Whether a conditional update or delete found its row: who gets True has won the claim."""
    assert isinstance(result, CursorResult)
    return result.rowcount > 0


async def insert_or_ignore(session: AsyncSession, model: type[Base], **values: Any) -> bool:
    """Insert one row unless a unique key forbids it. True when this call inserted it.

    This is how a repeat is recognised: two replicas race, exactly one gets True.
    """
    on_postgres = session.get_bind().dialect.name == "postgresql"
    build = postgresql.insert if on_postgres else sqlite.insert
    statement = build(model).values(**values).on_conflict_do_nothing()
    return changed(await session.execute(statement))
