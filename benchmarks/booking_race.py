"""Double booking under fire: many people, several processes, one time, PostgreSQL.

In each round fifty people want times that all hold one and the same quarter of an hour, with
different starts and lengths, each in a transaction of their own, started together in several
processes. Some hold a time, some move an appointment into it, some (every other round) want any
advisor where one room place is left. Exactly one may win; the others must hear which times are
free. Who won is read from the appointments themselves, not from the guard's cells. Then the same
with the guard's unique indexes dropped, which has to show double bookings, or the race proves
nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import sys
import time as timing
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import delete, func, select, text  # noqa: E402

from benchmarks.postgres import PostgreSQL  # noqa: E402
from booking.model import Appointment, Availability, Cell, Room, Status  # noqa: E402
from booking.model_life import Request, Share  # noqa: E402
from booking.quarters import quarter  # noqa: E402
from booking.service.guard import SlotTaken, take  # noqa: E402
from booking.service.hold import Wish, hold  # noqa: E402
from booking.service.reschedule import reschedule  # noqa: E402
from core.config import Config, load  # noqa: E402
from core.database import Base, Database  # noqa: E402
from core.messages import Address  # noqa: E402
from core.outbox import OutboxRow  # noqa: E402
from directory.actor import SYSTEM  # noqa: E402
from directory.model import Advisor, Agency, Center, Contact  # noqa: E402

NOW = datetime.fromisoformat("2026-11-23T02:00:00+00:00")  # a Monday, ten o'clock in China
WANTED = NOW + timedelta(days=1)
ASIDE = NOW + timedelta(days=7)  # where the appointments stand that are to be moved
HALF_HOUR = timedelta(minutes=30)
PROCESSES, ATTEMPTS, MOVERS, ADVISORS = 4, 50, 10, 8
# Every one of them holds the quarter that begins half an hour after WANTED.
WISHES = ((timedelta(0), 60), (HALF_HOUR, 30), (HALF_HOUR, 60))
GUARD = ("uq_booking_cells_advisor", "uq_booking_cells_room")


@dataclass(frozen=True)
class Attempt:
    """One person's wish. ``mover``: the appointment to move there; else a new hold."""

    person: int
    starts_at: datetime
    minutes: int
    mover: int | None = None
    any_agency: bool = False


def main() -> int:
    """Exit status 0 only if the guard held every time and its absence shows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    parser.add_argument("--quick", action="store_true", help="40 rounds instead of 1,000")
    parser.add_argument("--rounds", type=int, help="so many rounds")
    options = parser.parse_args()
    rounds = options.rounds or (40 if options.quick else 1000)
    with PostgreSQL() as url:
        asyncio.run(furnish(url))
        guarded = run(url, rounds)
        asyncio.run(drop_guard(url))
        unguarded = run(url, max(rounds // 10, 8))
    result = {**guarded, "processes": PROCESSES, "unguarded": unguarded}
    for name, value in result.items():
        print(f"{name:20} {value}")
    if options.json:
        print(json.dumps(result))
    held = not (guarded["double_booked"] or guarded["no_winner"] or guarded["errors"])
    return 0 if held and unguarded["double_booked"] else 1


def run(url: str, rounds: int) -> dict[str, Any]:
    """So many rounds, and what came of them."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(PROCESSES + 1)
    tasks = [context.Queue() for _ in range(PROCESSES)]
    answers = context.Queue()
    workers = [
        context.Process(target=worker, args=(url, tasks[n], answers, barrier), daemon=True)
        for n in range(PROCESSES)
    ]
    for one in workers:
        one.start()
    started = timing.perf_counter()
    result = asyncio.run(referee(url, rounds, tasks, answers, barrier))
    for queue in tasks:
        queue.put(None)
    for one in workers:
        one.join()
    return {**result, "seconds": round(timing.perf_counter() - started, 1)}


async def referee(
    url: str, rounds: int, tasks: list[Any], answers: Any, barrier: Barrier
) -> dict[str, Any]:
    """Set up each round, start it, and see who has the time in the end."""
    database = Database(url)
    total: Counter[str] = Counter()
    examples: list[str] = []
    for number in range(rounds):
        movers = await reset(database, rooms=number % 2 == 1)
        share = attempts(number, movers)
        for n, queue in enumerate(tasks):
            queue.put(share[n::PROCESSES])
        barrier.wait()
        outcomes = [one for _ in tasks for one in answers.get()]
        winners = await having(database)
        total["double_booked"] += winners > 1
        total["no_winner"] += winners == 0
        total["told_winners"] += sum(kind == "won" for kind, _ in outcomes)
        total["refused"] += sum(kind == "refused" for kind, _ in outcomes)
        total["refused_with_nearest"] += sum(k == "refused" and bool(w) for k, w in outcomes)
        examples += [what for kind, what in outcomes if kind == "error"]
    await database.close()
    names = ("double_booked", "no_winner", "told_winners", "refused", "refused_with_nearest")
    counts = {name: total[name] for name in names}
    return {
        "rounds": rounds,
        "attempts": rounds * ATTEMPTS,
        **counts,
        "errors": len(examples),
        "first_errors": examples[:3],
    }


def attempts(number: int, movers: list[int]) -> list[Attempt]:
    """Fifty of them, mixed anew each round; movers among them. Every other round the room is it."""
    rooms = number % 2 == 1
    found = []
    for n in range(ATTEMPTS):
        offset, minutes = WISHES[(n + number) % len(WISHES)]
        mover = movers[n // (ATTEMPTS // MOVERS)] if n % (ATTEMPTS // MOVERS) == 0 else None
        if mover is not None:
            offset, minutes = HALF_HOUR, 30  # a move keeps the length
        found.append(Attempt(n, WANTED + offset, minutes, mover, any_agency=rooms))
    return found


def worker(url: str, tasks: Any, answers: Any, barrier: Barrier) -> None:
    """A replica of the service: takes its part of each round and plays it all at once."""
    asyncio.run(_worker(url, tasks, answers, barrier))


async def _worker(url: str, tasks: Any, answers: Any, barrier: Barrier) -> None:
    database = Database(url)
    config = load(ROOT / "config.toml", environ={})
    while (mine := tasks.get()) is not None:
        barrier.wait()
        answers.put(list(await asyncio.gather(*(play(database, config, one) for one in mine))))
    await database.close()


async def play(database: Database, config: Config, one: Attempt) -> tuple[str, str]:
    """What the person is told: won, refused (with the nearest times), or an error."""
    try:
        async with database.transaction() as session:
            common = {"settings": config.booking, "worktime": config.calendar(), "now": NOW}
            if one.mover is None:
                wish = Wish(
                    center_id=1,
                    area="filing",
                    starts_at=one.starts_at,
                    minutes=one.minutes,
                    agency_id=None if one.any_agency else 1,
                )
                to = Address("web", f"c{one.person}")
                await hold(session, wish=wish, to=to, contact_id=one.person + 1, **common)
            else:
                await reschedule(
                    session,
                    actor=SYSTEM,
                    appointment_id=one.mover,
                    starts_at=one.starts_at,
                    **common,
                )
    except SlotTaken as refused:
        return "refused", " ".join(str(start) for start in refused.nearest)
    except Exception as error:  # what a person would see as a fault; counted, not hidden
        return "error", f"{type(error).__name__}: {error}"[:200]
    return "won", ""


async def furnish(url: str) -> None:
    """One center; agency 1 with a single advisor, others for the rounds about the room."""
    database = Database(url)
    async with database.engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with database.transaction() as session:
        session.add_all(
            [
                Center(id=1, code="race", name="示例分中心"),
                *(Agency(id=n + 1, name=f"示例机构{n}") for n in range(ADVISORS)),
                *(
                    Contact(id=n + 1, channel="web", user=f"c{n}", created_at=NOW)
                    for n in range(ATTEMPTS)
                ),
            ]
        )
        await session.flush()
        session.add_all(
            Advisor(id=n + 1, agency_id=n + 1, center_id=1, name=f"示例{n}", areas=["filing"])
            for n in range(ADVISORS)
        )
        session.add(Room(id=1, center_id=1, name="示例接待室", capacity=1, active=False))
        await session.flush()
        session.add_all(
            Availability(advisor_id=n + 1, weekday=day, start=time(9), end=time(18))
            for n in range(ADVISORS)
            for day in range(5)
        )
    await database.close()


async def reset(database: Database, *, rooms: bool) -> list[int]:
    """A clean sheet with the appointments that are to be moved; their ids."""
    config = load(ROOT / "config.toml", environ={})
    async with database.transaction() as session:
        for table in (Cell, Share, Request, OutboxRow, Appointment):
            await session.execute(delete(table))
        room = await session.get_one(Room, 1)
        room.active = rooms
        await session.flush()
        movers = []
        for n in range(MOVERS):
            advisor = n % ADVISORS + 1 if rooms else 1
            row = booked(n, advisor, ASIDE + n * HALF_HOUR)
            session.add(row)
            await session.flush()
            await take(session, row, settings=config.booking, now=NOW)
            movers.append(row.id)
        return movers


def booked(n: int, advisor_id: int, starts_at: datetime) -> Appointment:
    """A confirmed appointment of half an hour."""
    return Appointment(
        code=f"M{n:05}",
        uid=f"m{n}",
        status=Status.BOOKED,
        advisor_id=advisor_id,
        agency_id=advisor_id,
        center_id=1,
        area="filing",
        starts_at=starts_at,
        minutes=30,
        channel="web",
        chat=f"m{n}",
        lang="zh",
        created_at=NOW,
        arranged_at=NOW,
    )


async def having(database: Database) -> int:
    """How many live appointments hold the wanted quarter."""
    wanted = quarter(WANTED + HALF_HOUR)
    async with database.reading() as session:
        rows = await session.execute(
            select(Appointment.starts_at, Appointment.minutes).where(
                Appointment.status.in_((Status.HELD, Status.REQUESTED, Status.BOOKED)),
                func.date(Appointment.starts_at) == WANTED.date(),
            )
        )
    return sum(
        quarter(starts_at) <= wanted < quarter(starts_at) + minutes // 15
        for starts_at, minutes in rows
    )


async def drop_guard(url: str) -> None:
    """Take the unique indexes away; plain ones keep the reading as quick as before."""
    database = Database(url)
    async with database.engine.begin() as connection:
        for name in GUARD:
            await connection.execute(text(f"DROP INDEX {name}"))
        await connection.execute(text("CREATE INDEX plain ON booking_cells (advisor_id, block)"))
    await database.close()


if __name__ == "__main__":
    sys.exit(main())
