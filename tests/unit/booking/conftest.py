"""The booking room for these tests."""

import pytest

from core.config import Config
from core.database import Database
from tests.unit.booking.room import Room, make_room


@pytest.fixture
def room_database(request: pytest.FixtureRequest) -> Database:
    """SQLite; with ``both_backends``, PostgreSQL as well."""
    backend = getattr(request, "param", "sqlite")
    database: Database = request.getfixturevalue(f"{backend}_database")
    return database


@pytest.fixture
async def room(room_database: Database, config: Config) -> Room:
    return await make_room(room_database, config)
