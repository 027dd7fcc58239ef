"""A publication in one process reaches the others."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import update

from bot.station import Station
from core.config import Config
from core.database import Database
from knowledge.engine import Engine
from knowledge.model import EntryVersion, Flag, State
from knowledge.service.record import next_edition
from knowledge.service.transfer import import_folder
from knowledge.serving import EVERY, Serving
from knowledge.statutes.store import save, store_file
from knowledge.statutes.text import Law
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld
from tests.flow.curators import BLUE, QUESTION, changed, curators, publish
from tests.unit.knowledge.small import entry, write

DAY = date(2026, 11, 23)
NEW_LAW = date(2027, 1, 1)
GREEN, RED = "filing-green-search", "trademark-red-mark"


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
        await import_folder(session, folder=folder, now=MONDAY, why="put right", force=True)
    await other.look_again()
    assert other.trouble is None and "每年交一次" in other.says()


def doubtful_from(serving: Serving) -> date | None:
    """The day from which the blue entry is not stated as certain, on the day of the new law."""
    answer = serving.engine.answer(BLUE, NEW_LAW)
    assert answer is not None
    return answer.changed_from


async def test_a_settled_flag_on_the_files_is_gone_without_a_restart(desk: DeskWorld) -> None:
    serving = desk.world.station.serving
    assert not await serving.refresh()
    async with desk.world.session() as session:
        await next_edition(session, now=MONDAY)
        told = {"law": "专利法", "article": "第四十二条", "from_day": NEW_LAW, "why": "修法"}
        more = {"actor": "x", "cleared_by": "", "cleared": "", "note": ""}
        session.add(Flag(entry_id=BLUE, at=MONDAY, **told, **more))
    assert await serving.refresh() and doubtful_from(serving) == NEW_LAW
    async with desk.world.session() as session:
        await next_edition(session, now=MONDAY)
        await session.execute(update(Flag).values(cleared_at=MONDAY, cleared="unchanged"))
    assert await serving.refresh() and doubtful_from(serving) is None


async def test_laws_imported_meanwhile_are_seen_without_a_restart(desk: DeskWorld) -> None:
    serving = desk.world.station.serving
    assert not await serving.refresh()
    cited = Law("专利法", date(2020, 10, 17), date(2021, 6, 1), None, ())
    store = store_file(desk.world.station.config.paths.var)
    save([cited], store)
    await serving.refresh()
    assert doubtful_from(serving) is None
    save([cited, Law("专利法", date(2026, 9, 1), NEW_LAW, None, ())], store)
    assert await serving.refresh() and doubtful_from(serving) == NEW_LAW
    assert not await serving.refresh()
    store.unlink()
    assert await serving.refresh() and doubtful_from(serving) is None


async def test_a_law_text_that_comes_into_the_folder_is_seen_without_a_restart(
    desk: DeskWorld, tmp_path: Path
) -> None:
    laws = tmp_path / "laws"
    laws.mkdir()
    before = "自2021年6月1日起施行\n第四十二条 示例。\n"
    (laws / "专利法(2020-10-17).md").write_text(before, encoding="utf-8")
    station = desk.world.station
    config = dataclasses.replace(
        station.config,
        knowledge=dataclasses.replace(station.config.knowledge, statutes=str(laws)),
    )
    parts = {"engine": station.engine, "database": station.database}
    serving = Station.build(config, [], **parts, clock=desk.world.clock).serving
    await serving.refresh()
    assert doubtful_from(serving) is None
    after = "自2027年1月1日起施行\n第四十二条 示例。\n"
    (laws / "专利法(2026-09-01).md").write_text(after, encoding="utf-8")
    assert await serving.refresh() and doubtful_from(serving) == NEW_LAW


async def rewrite(desk: DeskWorld, entry_id: str, files: dict[str, str] | None) -> None:
    """Change what is published past the checks, as an upgrade may; None takes it down."""
    change = {"files": files} if files else {"state": State.EXPIRED}
    async with desk.world.session() as session:
        await next_edition(session, now=MONDAY)
        await session.execute(
            update(EntryVersion).where(EntryVersion.entry_id == entry_id).values(change)
        )


async def test_a_base_that_does_not_load_at_the_start_answers_with_its_sound_entries(
    desk: DeskWorld,
) -> None:
    """The files would bring back what was taken down."""
    serving = desk.world.station.serving
    async with desk.world.session() as session:
        await import_folder(session, folder=serving.folder, now=MONDAY, why="first")
    await rewrite(desk, GREEN, None)
    coming = entry(valid_from="2027-01-01", body="{{no-such-figure}}。\n")
    blue = {"filing/blue-fee.md": entry(), "filing/blue-fee@2027-01-01.md": coming}
    await rewrite(desk, BLUE, blue)
    assert await serving.refresh() and set(serving.engine.base.entries) == {RED}
    assert serving.trouble is not None and serving.trouble.partial
    assert "filing/blue-fee@2027-01-01.md" in serving.trouble.problems[0]
    said = await (await desk.signed_in("editor")).open("/kb")
    assert "下列条目没能载入，暂不回答" in said
    await rewrite(desk, RED, {"trademark/red-mark.md": entry("trademark/red-mark", "红的变了。\n")})
    await serving.refresh()  # what is sound is followed further
    answer = serving.engine.answer(RED, DAY)
    assert answer is not None and answer.short == "红的变了。"
    await rewrite(desk, BLUE, {"filing/blue-fee.md": entry()})
    assert await serving.refresh() and set(serving.engine.base.entries) == {BLUE, RED}
    assert serving.trouble is None
