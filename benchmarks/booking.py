"""How long free times take with a million past appointments in the database.

Measured as a request does it: a transaction, the diaries read, the times worked out. Advisors are
booked up to three quarters in the coming fortnight, and for the worst case to the last slot. Beside
it, on the same rows, the loop over datetimes that one would otherwise write.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import statistics
import sys
import tempfile
import time as timing
from collections.abc import Awaitable, Callable
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import insert, select, text  # noqa: E402
from sqlalchemy.ext.asyncio import AsyncSession  # noqa: E402

from benchmarks.postgres import PostgreSQL  # noqa: E402
from booking.availability import Window, first_free, free  # noqa: E402
from booking.diaries import diaries  # noqa: E402
from booking.model import Appointment, Availability, Cell, Leave, Place, Room, Status  # noqa: E402
from booking.quarters import quarter  # noqa: E402
from core.clock import at_local, local_day  # noqa: E402
from core.config import Config, load  # noqa: E402
from core.database import Base, Database  # noqa: E402
from directory.model import Advisor, Agency, Center  # noqa: E402

NOW = datetime.fromisoformat("2026-11-23T02:00:00+00:00")  # a Monday, ten o'clock in China
CENTERS, ADVISORS, CHUNK = 20, 200, 5000
EACH = ADVISORS // CENTERS
WEEK = [
    (day, *span) for day in range(5) for span in ((time(9), time(12)), (time(13, 30), time(17, 30)))
]
STARTS = [time(h, m) for h in (9, 10, 11, 14, 15, 16) for m in (0, 30)]
LIMITS_MS = {"one_advisor_14_days": 5, "first_free_of_200": 50, "first_free_of_200_booked_up": 50}


def main() -> int:
    """Measure on both databases; exit status 1 when a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--quick", action="store_true", help="50,000 past appointments")
    options = parser.parse_args()
    past = 50_000 if options.quick else 1_000_000
    results = {"past_appointments": past, "advisors": ADVISORS, "limits_ms": LIMITS_MS}
    with tempfile.TemporaryDirectory(prefix="ipstation-bench-") as folder:
        url = f"sqlite+aiosqlite:///{folder}/bench.db"
        results["sqlite"] = asyncio.run(measure_on(url, past))
    with PostgreSQL() as url:
        results["postgresql"] = asyncio.run(measure_on(url, past))
    for name in ("sqlite", "postgresql"):
        for case, figures in results[name].items():
            print(f"{name:11} {case:36} {figures}")
    if options.json:
        print(json.dumps(results, ensure_ascii=False))
    slow = [
        f"{name} {case}"
        for name in ("sqlite", "postgresql")
        for case, limit in LIMITS_MS.items()
        if results[name][case]["median_ms"] > limit
    ]
    return 1 if slow else 0


async def measure_on(url: str, past: int) -> dict[str, Any]:
    """Fill one database and measure there."""
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    config = load(ROOT / "config.toml", environ={})
    filled = timing.perf_counter()
    ids = await fill(database, config, past)
    await analyse(database)
    filled = timing.perf_counter() - filled
    window = Window.at(NOW, config.booking, config.calendar())
    figures = await cases(database, ids, window)
    await book_up(database, ids, window, past * 2)
    await analyse(database)
    figures["first_free_of_200_booked_up"] = await measure(
        database, lambda session: first_of(session, ids, window)
    )
    await database.close()
    return {**figures, "filled_in": {"seconds": round(filled, 1)}}


async def cases(database: Database, ids: list[int], window: Window) -> dict[str, Any]:
    """The cases with diaries three quarters full."""
    one, found = ids[7], {}

    async def slots(session: AsyncSession) -> list[datetime]:
        read = await diaries(session, [one], window)
        return window.instants(free(read[one], 30, window))

    async with database.reading() as session:
        assert await slots(session) == (await plain_slots(session, [one], window))[one]
        plain = await plain_slots(session, ids, window)
        assert await first_of(session, ids, window) == min(min(s) for s in plain.values() if s)
    found["one_advisor_14_days"] = await measure(database, slots)
    found["one_advisor_14_days_plain"] = await measure(
        database, lambda session: plain_slots(session, [one], window)
    )
    found["first_free_of_200"] = await measure(
        database, lambda session: first_of(session, ids, window)
    )
    found["first_free_of_200_plain"] = await measure(
        database, lambda session: plain_slots(session, ids, window), times=5
    )
    return found


async def first_of(session: AsyncSession, ids: list[int], window: Window) -> datetime | None:
    """The first free half hour of any advisor."""
    return first_free(await diaries(session, ids, window), 30, window)


async def measure(
    database: Database, run: Callable[[AsyncSession], Awaitable[Any]], times: int = 60
) -> dict[str, float]:
    """Milliseconds, after three runs that do not count."""
    taken = []
    for _ in range(times + 3):
        start = timing.perf_counter()
        async with database.reading() as session:
            await run(session)
        taken.append((timing.perf_counter() - start) * 1000)
    counted = sorted(taken[3:])
    return {
        "median_ms": round(statistics.median(counted), 2),
        "p95_ms": round(counted[int(len(counted) * 0.95)], 2),
    }


async def plain_slots(
    session: AsyncSession, ids: list[int], window: Window
) -> dict[int, list[datetime]]:
    """What one would otherwise write: appointments as spans of datetimes, every start compared.

    It knows neither rooms nor buffers nor leave, which favours it.
    """
    weekly: dict[int, list[Any]] = {one: [] for one in ids}
    busy: dict[int, list[tuple[datetime, datetime]]] = {one: [] for one in ids}
    for rule in await session.scalars(select(Availability).where(Availability.advisor_id.in_(ids))):
        weekly[rule.advisor_id].append(rule)
    booked = select(Appointment.advisor_id, Appointment.starts_at, Appointment.minutes).where(
        Appointment.advisor_id.in_(ids),
        Appointment.starts_at > window.now,
        Appointment.status == Status.BOOKED,
    )
    for advisor_id, starts_at, minutes in await session.execute(booked):
        busy[advisor_id].append((starts_at, starts_at + timedelta(minutes=minutes)))
    return {one: _plain(weekly[one], busy[one], window) for one in ids}


def _plain(
    weekly: list[Any], busy: list[tuple[datetime, datetime]], window: Window
) -> list[datetime]:
    found, day, half_hour = [], local_day(window.now), timedelta(minutes=30)
    while day <= window.last_day:
        if window.worktime.is_workday(day):
            for rule in (r for r in weekly if r.weekday == day.weekday()):
                start = at_local(day, rule.start.hour, rule.start.minute)
                end = at_local(day, rule.end.hour, rule.end.minute)
                while start + half_hour <= end:
                    taken = any(a < start + half_hour and start < b for a, b in busy)
                    if start >= window.first and not taken:
                        found.append(start)
                    start += half_hour
        day += timedelta(days=1)
    return sorted(found)


async def fill(database: Database, config: Config, past: int) -> list[int]:
    """People, a booked fortnight to come and ``past`` appointments behind; the advisors' ids."""
    worktime, chance = config.calendar(), random.Random(4)
    async with database.transaction() as session:
        centers = [Center(code=f"bench{n}", name="示例分中心") for n in range(CENTERS)]
        agency = Agency(name="示例机构")
        session.add_all([*centers, agency])
        await session.flush()
        people = [
            Advisor(
                agency_id=agency.id,
                center_id=centers[n // EACH].id,
                name=f"示例{n}",
                areas=["filing"],
            )
            for n in range(ADVISORS)
        ]
        session.add_all(people)
        session.add_all(Room(center_id=one.id, name="示例接待室", capacity=EACH) for one in centers)
        await session.flush()
        ids = [one.id for one in people]
        week = [{"weekday": day, "start": start, "end": end} for day, start, end in WEEK]
        rules = [{"advisor_id": one, **rule} for one in ids for rule in week]
        await session.execute(insert(Availability), rules)
        away = [
            {
                "advisor_id": one,
                "starts_at": NOW + timedelta(days=n % 9),
                "ends_at": NOW + timedelta(days=n % 9 + 1),
                "reason": "",
            }
            for n, one in enumerate(ids[100:140])
        ]
        await session.execute(insert(Leave), away)
    ahead = [
        day for n in range(15) if worktime.is_workday(day := local_day(NOW) + timedelta(days=n))
    ]
    slots = [(one, at_local(day, t.hour, t.minute)) for day in ahead for t in STARTS for one in ids]
    coming = [slot for slot in slots if chance.random() < 0.75]
    await write(database, coming, Status.BOOKED, 1)
    done, day = len(coming), local_day(NOW)
    first, left = done + 1, past
    while left > 0:
        batch: list[tuple[int, datetime]] = []
        while len(batch) < min(CHUNK * 10, left):
            day -= timedelta(days=1)
            batch += [(one, at_local(day, t.hour, t.minute)) for t in STARTS for one in ids]
        batch = batch[:left]
        await write(database, batch, Status.ATTENDED, first)
        first, left = first + len(batch), left - len(batch)
    return ids


async def book_up(database: Database, ids: list[int], window: Window, first: int) -> None:
    """Everybody busy with something until the last day begins."""
    async with database.reading() as session:
        read = await diaries(session, ids, window, place=Place.PHONE)
    early = ~window.day(window.last_day)
    slots = [
        (one, start)
        for one in ids
        for start in window.instants(free(read[one], 30, window) & early)
    ]
    await write(database, slots, Status.BOOKED, first)


async def write(
    database: Database, slots: list[tuple[int, datetime]], status: Status, first: int
) -> None:
    """Half-hour appointments with their cells; those to come take a room place each."""
    for at in range(0, len(slots), CHUNK):
        chunk = list(enumerate(slots[at : at + CHUNK], first + at))
        async with database.transaction() as session:
            rows = [appointment(n, one, start, status) for n, (one, start) in chunk]
            await session.execute(insert(Appointment), rows)
            cells = [
                {
                    "advisor_id": one,
                    "seat": 0,
                    "quarter": quarter(start) + more,
                    "appointment_id": n,
                }
                for n, (one, start) in chunk
                for more in range(2)
            ]
            await session.execute(insert(Cell), cells)
            if status == Status.BOOKED:
                rooms = [
                    {
                        "room_id": (cell["advisor_id"] - 1) // EACH + 1,
                        "seat": (cell["advisor_id"] - 1) % EACH,
                        "quarter": cell["quarter"],
                        "appointment_id": cell["appointment_id"],
                    }
                    for cell in cells
                ]
                await session.execute(insert(Cell), rooms)


def appointment(n: int, advisor_id: int, starts_at: datetime, status: Status) -> dict[str, Any]:
    """One row as a booking would leave it."""
    return {
        "id": n,
        "code": f"B{n:07}",
        "uid": f"{n}@bench",
        "status": status,
        "advisor_id": advisor_id,
        "agency_id": 1,
        "center_id": (advisor_id - 1) // EACH + 1,
        "area": "filing",
        "name": "示例人",
        "phone": "13800000000",
        "starts_at": starts_at,
        "minutes": 30,
        "place": Place.ON_SITE,
        "channel": "web",
        "chat": f"c{n % 997}",
        "lang": "zh",
        "created_at": starts_at - timedelta(days=3),
        "arranged_at": starts_at - timedelta(days=3),
    }


async def analyse(database: Database) -> None:
    """What autovacuum does on a server that has been up for a while."""
    async with database.engine.connect() as connection:
        if not database.is_sqlite:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("ANALYZE" if database.is_sqlite else "VACUUM ANALYZE"))
        await connection.commit()


if __name__ == "__main__":
    sys.exit(main())
