"""An empty database upgraded by the migrations is exactly what the models say, on both backends."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import MetaData, insert, select
from sqlalchemy.exc import IntegrityError

from booking.model import Appointment, Cell, Place
from booking.quarters import quarter
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


async def test_what_was_booked_before_the_rooms_came_keeps_its_time(
    empty_database: Database,
) -> None:
    """Cells were instants in the first tables; they are numbered quarters since."""
    await schema.upgrade(empty_database, "0001")
    starts = datetime(2026, 11, 25, 2, 15, tzinfo=UTC)
    old = MetaData()
    async with empty_database.engine.begin() as connection:
        await connection.run_sync(old.reflect)
        for table, values in _booked(starts):
            await connection.execute(insert(old.tables[table]).values(**values))
    await schema.upgrade(empty_database)
    async with empty_database.transaction() as session:
        cell = (await session.scalars(select(Cell))).one()
        assert (cell.advisor_id, cell.seat, cell.quarter) == (1, 0, quarter(starts))
        row = (await session.scalars(select(Appointment))).one()
        assert (row.place, row.starts_at) == (Place.ON_SITE, starts)
        session.add(Cell(advisor_id=1, quarter=quarter(starts), appointment_id=1))
        with pytest.raises(IntegrityError):
            await session.flush()
        await session.rollback()


def _booked(starts: datetime) -> list[tuple[str, dict[str, Any]]]:
    naive = starts.replace(tzinfo=None)
    return [
        ("centers", {"id": 1, "code": "north", "name": "北", "address": ""}),
        ("agencies", {"id": 1, "name": "甲", "credit_grade": "A"}),
        (
            "advisors",
            {
                "id": 1,
                "agency_id": 1,
                "center_id": 1,
                "name": "顾问",
                "areas": [],
                "active": True,
            },
        ),
        (
            "appointments",
            {
                **dict.fromkeys(("enterprise_name", "name", "phone", "note", "reason", "chat"), ""),
                **dict.fromkeys(("id", "advisor_id", "agency_id", "center_id"), 1),
                "code": "AB23CD",
                "status": "booked",
                "area": "filing",
                "uid": "u",
                "starts_at": naive,
                "created_at": naive,
                "minutes": 15,
                "sequence": 0,
                "channel": "web",
                "lang": "zh",
            },
        ),
        ("booking_cells", {"id": 1, "advisor_id": 1, "appointment_id": 1, "starts_at": naive}),
    ]
