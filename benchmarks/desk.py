"""How quick the desk is for a center with a hundred thousand tickets.

Pages are asked for over HTTP, as a browser does, from a server in this process; times are from the
request to the last byte, rendering included. News is timed from the commit on another connection
pool (another replica) to the event on a colleague's stream. Beside the queue by key, the same page
by OFFSET, as one would otherwise write it.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import random
import statistics
import sys
import tempfile
import time as timing
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from aiohttp import ClientSession, CookieJar, web  # noqa: E402
from aiohttp.test_utils import TestServer  # noqa: E402
from sqlalchemy import func, insert, select, text  # noqa: E402

import bot.__main__  # noqa: E402, F401  (every room's tables)
from benchmarks.postgres import PostgreSQL  # noqa: E402
from bot.station import Station  # noqa: E402
from console.app import create_app  # noqa: E402
from core.clock import system_clock  # noqa: E402
from core.config import Config, load  # noqa: E402
from core.database import Base, Database  # noqa: E402
from directory.actor import account_actor  # noqa: E402
from directory.model import Account, Center, Enterprise, Role  # noqa: E402
from directory.service import open_desk_session  # noqa: E402
from escalation.lifecycle import Party, write_event  # noqa: E402
from escalation.model import OPEN, Source, Status, Ticket, TicketEvent  # noqa: E402
from escalation.model_search import SearchMark  # noqa: E402
from escalation.queries import queue  # noqa: E402
from escalation.service.index import index_changed  # noqa: E402
from knowledge.engine import Engine  # noqa: E402

CHUNK, ENTERPRISES, ROUNDS, TOLD = 5000, 2000, 15, 12
LIMITS_MS = {"queue": 100, "search": 200, "news": 1000}
SITUATION = {  # of a thousand tickets; the rest are closed
    Status.NEW: 4, Status.ACCEPTED: 8, Status.IN_PROGRESS: 8, Status.WAITING_ASKER: 4,
    Status.WITH_EXPERT: 4, Status.ANSWERED: 12, Status.RATED: 6, Status.WITHDRAWN: 14,
}  # fmt: skip
PAGES = {
    "queue: open": "/tickets",
    "queue: done, newest": "/tickets?tab=done",
    "queue: done, half way": "/tickets?tab=done&after={half}",
    "queue: mine": "/tickets?person=me",
    "queue: rare topic among done": "/tickets?tab=done&area=copyright&channel=telegram",
    "queue: one enterprise, done": "/tickets?tab=done&enterprise=91430000BENCH00077",
    "queue: one day, done": "/tickets?tab=done&since=2025-03-03&until=2025-03-03",
    "search: rare": "/search?q=麒麟阁",
    "search: common": "/search?q=专利",
    "search: two words": "/search?q=专利 年费",
    "search: number": "/search?q=BENCH-0000077",
    "search: nothing": "/search?q=没有这样的词组",
    "home": "/",
    "enterprise card": "/enterprises/77",
}


def main() -> int:
    """Measure on both databases; exit status 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--quick", action="store_true", help="20,000 tickets")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one database")
    options = parser.parse_args()
    tickets = 20_000 if options.quick else 100_000
    results: dict[str, Any] = {"tickets": tickets, "limits_ms": LIMITS_MS}
    if options.only != "postgresql":
        with tempfile.TemporaryDirectory(prefix="ipstation-bench-") as folder:
            url = f"sqlite+aiosqlite:///{folder}/bench.db"
            results["sqlite"] = asyncio.run(measure_on(url, tickets))
    if options.only != "sqlite":
        with PostgreSQL() as url:
            results["postgresql"] = asyncio.run(measure_on(url, tickets))
    slow = []
    for name in ("sqlite", "postgresql"):
        for case, figures in results.get(name, {}).items():
            print(f"{name:11} {case:34} {figures}")
            limit = LIMITS_MS.get(case.partition(":")[0])
            if limit is not None and figures["median_ms"] > limit:
                slow.append(f"{name} {case}")
    if slow:
        print("too slow:", "; ".join(slow))
    if options.json:
        print(json.dumps(results, ensure_ascii=False))
    return 1 if slow else 0


async def measure_on(url: str, tickets: int) -> dict[str, Any]:
    """Fill one database and measure there."""
    database, replica = Database(url), Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    engine = Engine.open(ROOT / "knowledge" / "entries", None, embed=False)
    begun = timing.perf_counter()
    await fill(database, engine, tickets)
    filled = timing.perf_counter() - begun
    indexed = await index_all(database)
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        for statement in ["ANALYZE"] if database.is_sqlite else ["VACUUM ANALYZE"]:
            await connection.execute(text(statement))
    config = settings()
    station = Station.build(config, [], engine=engine, database=database)
    figures = await over_http(station, replica)
    figures["(by OFFSET, done, half way)"] = await by_offset(database, tickets)
    figures["filled in"] = {"seconds": round(filled, 1)}
    figures["indexed in"] = {"seconds": round(indexed, 1)}
    await database.close()
    await replica.close()
    return figures


def settings() -> Config:
    """The shipped settings with a key of the benchmark's own."""
    shipped = load(ROOT / "config.toml", environ={})
    security = dataclasses.replace(shipped.security, secret_key="benchmark")
    return dataclasses.replace(shipped, security=security)


async def fill(database: Database, engine: Engine, tickets: int) -> None:
    """One center with its staff, enterprises, tickets of three years and two lines for each."""
    now, dice = system_clock(), random.Random(7)
    async with database.transaction() as session:
        session.add(Center(id=1, code="bench", name="测速分中心"))
        await session.flush()
        session.add_all(
            Account(
                id=n, username=f"staff{n}", password_hash="!", name=f"职员{n}", role=Role.STAFF,
                center_id=1,
            )
            for n in range(1, 9)
        )  # fmt: skip
        rows = [
            {"id": n, "name": f"测速企业{n:05d}有限公司", "uscc": f"91430000BENCH{n:05d}",
             "center_id": 1, "high_tech": False, "above_scale": False}
            for n in range(1, ENTERPRISES + 1)
        ]  # fmt: skip
        await session.execute(insert(Enterprise), rows)
    asks = [ask for entry in engine.base.entries.values() for ask in entry.phrasings]
    for first in range(1, tickets + 1, CHUNK):
        ids = range(first, min(first + CHUNK, tickets + 1))
        matters = [matter(n, asks, dice, now, tickets) for n in ids]
        lines = [line for one in matters for line in timeline_of(one, asks, dice)]
        async with database.transaction() as session:
            await session.execute(insert(Ticket), matters)
            await session.execute(insert(TicketEvent), lines)
    if not database.is_sqlite:
        async with database.transaction() as session:
            for table in ("tickets", "accounts", "enterprises", "centers"):
                await session.execute(
                    text(f"SELECT setval('{table}_id_seq', (SELECT max(id) FROM {table}))")
                )


def matter(
    number: int, asks: list[str], dice: random.Random, now: datetime, every: int
) -> dict[str, Any]:
    """One ticket; those that are not closed are of the last weeks."""
    roll, status = dice.randrange(1000), Status.CLOSED
    for other, share in SITUATION.items():
        if roll < share:
            status = other
            break
        roll -= share
    age = timedelta(days=1000 * (1 - number / every))
    if status in OPEN:
        age = timedelta(days=dice.random() * 14)
    brought = now - age
    words = f"{dice.choice(asks)}，另外{dice.choice(asks)}"
    return {
        "id": number, "number": f"BENCH-{number:07d}", "center_id": 1, "status": status,
        "question": words + ("，麒麟阁项目" if number % 5000 == 77 else ""),
        "enterprise_id": dice.randrange(1, ENTERPRISES + 1) if number % 3 else None,
        "area": dice.choice(("filing", "trademark", "enforcement", "financing")),
        "source": dice.choice(tuple(Source)), "channel": dice.choice(("web", None)),
        "person_name": f"联系人{number % 977}", "phone": f"138{number:08d}",
        "assignee_id": None if status == Status.NEW else dice.randrange(1, 9),
        "due_at": brought + timedelta(days=2), "created_at": brought,
        "opened_by": f"bench:{number}",
    }  # fmt: skip


def timeline_of(one: dict[str, Any], asks: list[str], dice: random.Random) -> list[dict[str, Any]]:
    """That it was opened, and mostly that it was answered."""
    line = {
        "ticket_id": one["id"], "at": one["created_at"], "actor_id": None, "actor_name": "",
        "visible_to_asker": True,
    }  # fmt: skip
    opened = {**line, "kind": "opened", "actor_kind": Party.ASKER, "text": one["question"]}
    if one["status"] in OPEN:
        return [opened]
    answer = "答复：" + dice.choice(asks)
    return [opened, {**line, "kind": "answer", "actor_kind": Party.STAFF, "text": answer}]


async def index_all(database: Database) -> float:
    """Let the job read everything; how long that takes."""
    begun, last = timing.perf_counter(), -1
    async with database.reading() as session:
        newest = await session.scalar(select(func.max(TicketEvent.id)))
    while last != newest:
        async with database.transaction() as session:
            await index_changed(session, system_clock())
            last = (await session.get_one(SearchMark, "tickets", populate_existing=True)).last_id
    return timing.perf_counter() - begun


async def over_http(station: Station, replica: Database) -> dict[str, Any]:
    """Pages and news, as browsers get them."""
    desk = create_app(
        station.config,
        station.database,
        worktime=station.config.calendar(),
        clock=station.clock,
        wake_pump=lambda: None,
        examiner=station.examiner,
    )
    app = web.Application()
    app.add_subapp("/desk", desk)
    server = TestServer(app)
    await server.start_server()
    async with station.database.transaction() as session:
        token = await open_desk_session(session, account_id=1, now=system_clock(), hours=1)
        middle = await session.scalar(
            select(Ticket.due_at).where(Ticket.id == (await _most(session)) // 2)
        )
    assert middle is not None
    key = f"{int(middle.timestamp() * 1_000_000)}.1"
    root = str(server.make_url("/desk"))
    found: dict[str, Any] = {}
    jar = CookieJar(unsafe=True)
    async with ClientSession(cookie_jar=jar, cookies={"desk_session": token}) as http:
        for case, path in PAGES.items():
            url = root + path.format(half=key)
            found[case] = await measure(lambda url=url: fetch(http, url))
        found["news: to a colleague's page"] = await news(http, f"{root}/events", replica)
    await server.close()
    return found


async def _most(session: Any) -> int:
    return int(await session.scalar(select(func.max(Ticket.id))))


async def fetch(http: ClientSession, url: str) -> None:
    """One page, whole."""
    async with http.get(url) as answer:
        body = await answer.text()
        assert answer.status == 200, (url, answer.status, body[:200])


async def news(http: ClientSession, url: str, replica: Database) -> dict[str, float]:
    """From the commit elsewhere to the event on the stream."""
    taken = []
    async with http.get(url) as stream:
        while b"ready" not in await stream.content.readline():
            pass
        async with replica.reading() as session:
            asker = account_actor(await session.get_one(Account, 2))
        for n in range(TOLD):
            await asyncio.sleep(0.13 * (n % 5))  # at all points between two looks
            async with replica.transaction() as session:
                ticket = await session.get_one(Ticket, 3)
                write_event(
                    session, ticket, "supplement", actor=asker, party=Party.ASKER,
                    now=system_clock(), text="又想起一件事",
                )  # fmt: skip
            begun = timing.perf_counter()
            while not (await stream.content.readline()).startswith(b'data: {"key'):
                pass
            taken.append((timing.perf_counter() - begun) * 1000)
    return figures_of(taken)


async def by_offset(database: Database, tickets: int) -> dict[str, float]:
    """The same page of the done ones, by OFFSET."""
    async with database.reading() as session:
        actor = account_actor(await session.get_one(Account, 1))

    async def once() -> None:
        async with database.reading() as session:
            done = (Status.CLOSED, Status.WITHDRAWN)
            await queue(session, actor, done, limit=26, offset=tickets // 2)

    return await measure(once)


async def measure(once: Callable[[], Awaitable[None]]) -> dict[str, float]:
    """Median and worst of some rounds after a first one, and how long this process worked."""
    await once()
    taken, worked = [], timing.process_time()
    for _ in range(ROUNDS):
        begun = timing.perf_counter()
        await once()
        taken.append((timing.perf_counter() - begun) * 1000)
    worked = (timing.process_time() - worked) * 1000 / ROUNDS
    return {**figures_of(taken), "cpu_ms": round(worked, 1)}


def figures_of(taken: list[float]) -> dict[str, float]:
    """In milliseconds."""
    return {"median_ms": round(statistics.median(taken), 1), "worst_ms": round(max(taken), 1)}


if __name__ == "__main__":
    sys.exit(main())
