"""A publication in one process reaches the others."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from core.config import Config
from core.database import Database
from knowledge.engine import Engine
from knowledge.model import EntryVersion, State
from knowledge.service.record import next_edition
from knowledge.service.transfer import import_folder
from knowledge.serving import EVERY, Serving
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld
from tests.flow.curators import BLUE, QUESTION, changed, curators, publish
from tests.unit.knowledge.small import entry, write

DAY = date(2026, 11, 23)


class Other(Serving):
    """The engine of another process; ``looks`` counts how often it looked for a publication."""

    looks = 0
    looked: asyncio.Event

    async def refresh(self) -> bool:
        exchanged = await super().refresh()
        self.looks += 1
        self.looked.set()
        return exchanged

    async def look_again(self) -> None:
        """Wait for a look that begins after now."""
        wanted = self.looks + 2  # the one under way may have read before
        while self.looks < wanted:
            self.looked.clear()
            await self.looked.wait()

    def says(self) -> str:
        """Its answer to the question about the blue entry."""
        answer = self.engine.ask(QUESTION, DAY).answer
        return answer.short if answer else ""


@pytest.fixture
async def desk(database: Database, config: Config, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with curators(database, config, tmp_path / "entries") as served:
        yield served


@pytest.fixture
async def other(desk: DeskWorld) -> AsyncIterator[Other]:
    """A second process: an engine and a connection of its own, and its own turns."""
    station = desk.world.station
    database = Database(station.database.url.render_as_string(hide_password=False))
    folder = station.config.paths.entries
    engine = Engine.open(folder, None, embed=False)
    serving = Other(engine, database, folder, desk.world.clock, every=0.01)
    serving.looked = asyncio.Event()
    turns = asyncio.create_task(serving.run())
    yield serving
    turns.cancel()
    await asyncio.gather(turns, return_exceptions=True)
    await database.close()


async def test_a_publication_is_answered_in_another_process(desk: DeskWorld, other: Other) -> None:
    assert EVERY <= 15
    await other.look_again()
    assert "每年交一次" in other.says()
    await publish(desk, changed())
    await other.look_again()
    assert "每两年交一次" in other.says()


async def test_a_base_that_does_not_load_leaves_the_other_process_as_it_was(
    desk: DeskWorld, other: Other
) -> None:
    """Somebody wrote into the database past the checks."""
    await publish(desk, changed())
    await other.look_again()
    engine = other.engine
    async with desk.world.session() as session:
        await next_edition(session, now=MONDAY)
        await session.execute(
            update(EntryVersion)
            .where(EntryVersion.entry_id == BLUE, EntryVersion.state == State.PUBLISHED)
            .values(files={"filing/blue-fee.md": entry(valid_from="2026-02-30")})
        )
    await other.look_again()
    assert other.engine is engine and "每两年交一次" in other.says()
    assert other.trouble is not None and "2026-02-30" in other.trouble.problems[0]
    folder = write(desk.world.station.config.paths.entries)
    async with desk.world.session() as session:
        await import_folder(session, folder=folder, now=MONDAY, why="put right")
    await other.look_again()
    assert other.trouble is None and "每年交一次" in other.says()
