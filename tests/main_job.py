"""Plays the script in a child process that is killed at random points and played again.

``python -m tests.main_job FOLDER KILLS SEEDS`` plays it once undisturbed in FOLDER/calm and killed
in FOLDER/killed-0 and so on, once a seed. The child kills itself with SIGKILL before a random
database statement, so any point of the work can be the last. Prints how many children really died.
"""

import asyncio
import os
import random
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import event, func, select

import bot.__main__  # noqa: F401  (every room's tables)
from bot.messages import Incoming
from bot.model import Inbox
from bot.station import Station
from core.config import load
from core.database import Base, Database
from core.jobs import tick
from core.outbox import OPEN, OutboxRow
from knowledge.engine import Engine
from tests.fakes import MONDAY, FakeClock
from tests.script import STEPS, Step, furnish, instants
from tests.world import populate

ROOT = Path(__file__).resolve().parent.parent
FARTHEST = 160  # statements that a child lives at most


class FileChannel:
    """Writes each delivery to a file: what arrived is known even after the kill."""

    name = "fake"
    per_second: float | None = None
    chat_interval = 0.0

    def __init__(self, path: Path) -> None:
        self._path = path

    def parse(self, payload: Mapping[str, Any]) -> Incoming | None:
        return None

    async def send(self, row: OutboxRow) -> None:
        with self._path.open("a") as file:
            file.write(f"{row.chat} {row.id}\n")


async def prepare(folder: Path) -> None:
    """An empty database with the small world in it."""
    database = Database(f"sqlite+aiosqlite:///{folder}/job.db")
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    ids = await populate(database)
    async with database.transaction() as session:
        await furnish(session, ids["expert_filing"], MONDAY.replace(year=2027))
    await database.close()


async def play(folder: Path, engine: Engine, die_after: int | None) -> None:
    """Play every step that was not handled yet, then send whatever is left."""
    clock = FakeClock(MONDAY)
    database = Database(f"sqlite+aiosqlite:///{folder}/job.db")
    if die_after is not None:
        _die_after(database, die_after)
    channel = FileChannel(folder / "delivered.txt")
    config = load(ROOT / "config.toml", environ={})
    station = Station.build(config, [channel], engine=engine, database=database, clock=clock)
    for number, (step, at) in enumerate(zip(STEPS, instants(), strict=True)):
        clock.now = at
        await _play_step(station, number, step)
        await station.pump.drain("fake")
    for job in station.jobs:
        await tick(database, job, clock.now)
    while await _unsent(database):
        clock.move(minutes=2)
        await station.pump.drain("fake")
    await database.close()


def _die_after(database: Database, statements: int) -> None:
    left = iter(range(statements))

    @event.listens_for(database.engine.sync_engine, "before_cursor_execute")
    def count(*_: object) -> None:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)


async def _play_step(station: Station, number: int, step: Step) -> None:
    if step.desk is not None:
        async with station.database.transaction() as session:
            await step.desk(session, station.clock())
        return
    async with station.database.reading() as session:
        if await session.scalar(select(Inbox.id).where(Inbox.event_id == f"step{number}")):
            return
    button = None if step.tap is None else await _button(station.database, step.chat, step.tap)
    incoming = Incoming(
        "fake",
        f"step{number}",
        step.chat,
        step.chat,
        station.clock(),
        text=step.say,
        button=button,
        start=step.link,
    )
    await station.dispatcher.handle(incoming)


async def _button(database: Database, chat: str, label: str) -> str:
    async with database.reading() as session:
        rows = await session.scalars(
            select(OutboxRow)
            .where(OutboxRow.chat == chat, OutboxRow.menu.is_not(None))
            .order_by(OutboxRow.id.desc())
        )
        for row in rows:
            for index, button in enumerate(b for line in row.payload["buttons"] for b in line):
                if label in button["label"]:
                    return f"{row.menu}.{index}"
    raise SystemExit(f"no button {label!r} in chat {chat}")


async def _unsent(database: Database) -> int:
    async with database.reading() as session:
        found = await session.scalar(
            select(func.count()).select_from(OutboxRow).where(OutboxRow.state.in_(OPEN))
        )
        return found or 0


def run(folder: Path, engine: Engine, kills: int, chance: random.Random) -> int:
    """Play to the end, killed up to ``kills`` times on the way; how many children died."""
    folder.mkdir()
    asyncio.run(prepare(folder))
    died = 0
    for remaining in range(kills, -1, -1):
        die_after = chance.randint(1, FARTHEST) if remaining else None
        child = os.fork()
        if child == 0:
            asyncio.run(play(folder, engine, die_after))
            os._exit(0)
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        if code not in (0, -signal.SIGKILL):
            raise SystemExit(f"the script failed with {code}")
        died += code == -signal.SIGKILL
    return died


def main(folder: Path, kills: int, seeds: int) -> None:
    """An undisturbed run, then one killed at other points for each seed; all over one engine."""
    engine = Engine.open(ROOT / "knowledge" / "entries", None, embed=False)
    run(folder / "calm", engine, 0, random.Random(0))
    for seed in range(seeds):
        died = run(folder / f"killed-{seed}", engine, kills, random.Random(seed))
        sys.stdout.write(f"{died}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
