"""A station over the small base, and the curators' ways at its desk."""

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from core.config import Config
from core.database import Database
from knowledge.engine import Engine
from knowledge.exam import Asked
from tests.conftest import make_world
from tests.fakes_desk import DeskWorld, Seat, desk_of
from tests.unit.knowledge.small import TOPICS, entry, write

BLUE = "filing-blue-fee"
QUESTION = TOPICS["filing/blue-fee"][0]


def few() -> list[Asked]:
    """A question of each entry, and one of another field: enough for an exam here."""
    ours = [
        Asked(asks[1], frozenset({slug.replace("/", "-")})) for slug, (_, asks, _) in TOPICS.items()
    ]
    return [*ours, Asked("今天天气怎么样", frozenset())]


@asynccontextmanager
async def curators(database: Database, config: Config, folder: Path) -> AsyncIterator[DeskWorld]:
    """The desk over a small base in ``folder``."""
    write(folder)
    config = dataclasses.replace(config, paths=dataclasses.replace(config.paths, entries=folder))
    engine = Engine.open(folder, None, embed=False)
    world = await make_world(database, config, engine)
    async with desk_of(world, few) as desk:
        yield desk
        await desk.examiner.idle()


def changed(short: str = "蓝色专利的年费改为每两年交一次。") -> str:
    """The file of the blue entry with another short answer."""
    return entry(body=f"{short}\n\n## 步骤\n1. 先登录。\n2. 再办理。\n")


async def draft(seat: Seat, text: str, entry_id: str = BLUE, why: str = "规定变了") -> str:
    """Change an entry at the desk, merged with what was published since; what the page says."""
    await seat.open(f"/kb/{entry_id}/edit")
    fields = {name: seat.hidden(name) for name in ("version", "seen", "based_on", "name-0")}
    if 'name="merged"' in seat.page:
        fields["merged"] = seat.hidden("merged")
    return await seat.send(f"/kb/{entry_id}/edit", **fields, **{"file-0": text}, why=why)


async def step(seat: Seat, verb: str, entry_id: str = BLUE, **fields: str) -> str:
    """A step of the draft, as its page shows it."""
    await seat.open(f"/kb/{entry_id}")
    shown = {name: seat.hidden(name) for name in ("version", "seen")}
    return await seat.send(f"/kb/{entry_id}/{verb}", **{**shown, **fields})


async def examine_only(desk: DeskWorld, seat: Seat, entry_id: str = BLUE) -> str:
    """Hold the exam; what the list says."""
    await seat.open(f"/kb/{entry_id}/exam")
    await seat.send(f"/kb/{entry_id}/exam")
    await desk.examiner.idle()
    return await seat.open(f"/kb/{entry_id}/exam")


async def examine(desk: DeskWorld, seat: Seat, entry_id: str = BLUE) -> str:
    """Hold the exam and say that it was looked at; what the list said."""
    said = await examine_only(desk, seat, entry_id)
    await seat.send(f"/kb/{entry_id}/exam/seen", exam=seat.hidden("exam"))
    return said


async def publish(desk: DeskWorld, text: str, entry_id: str = BLUE) -> str:
    """The whole way: drafted by one editor, reviewed by another, examined, published."""
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await draft(first, text, entry_id)
    await step(second, "review", entry_id)
    await examine(desk, first, entry_id)
    return await step(first, "publish", entry_id)
