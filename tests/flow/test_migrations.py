"""An empty database upgraded by the migrations is exactly what the models say, on both backends."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from core import schema
from core.database import Base, Database
from tests.conftest import run_as_admin


@pytest.fixture
async def empty_sqlite(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/empty.db")
    yield database
    await database.close()


@pytest.fixture
async def empty_postgres(postgres_server: str) -> AsyncIterator[Database]:
    name = f"empty_{uuid4().hex}"
    await run_as_admin(postgres_server, f"CREATE DATABASE {name}")
    database = Database(postgres_server.format(name=name))
    yield database
    await database.close()
    await run_as_admin(postgres_server, f"DROP DATABASE {name}")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_database(request: pytest.FixtureRequest) -> Database:
    return request.getfixturevalue(f"empty_{request.param}")


async def test_migrations_and_models_agree(empty_database: Database) -> None:
    assert len(await schema.differences(empty_database)) >= len(Base.metadata.tables)
    await schema.upgrade(empty_database)
    assert await schema.differences(empty_database) == []
    await schema.upgrade(empty_database)  # a second start changes nothing
