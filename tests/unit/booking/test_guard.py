"""The guard: the database lets one of many win, and without it more than one does."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from booking.model import Appointment, Status
from booking.quarters import quarter
from booking.service.guard import Seat, SlotTaken, occupy
from core.database import Database
from core.messages import Address
from tests.unit.booking.room import TUESDAY_10, Room, both_backends

ATTEMPTS = 50
HALF_HOUR = timedelta(minutes=30)
DROP_GUARD = text("DROP INDEX uq_booking_cells_advisor")


def quarters_of(minutes: int) -> range:
    return range(quarter(TUESDAY_10), quarter(TUESDAY_10) + minutes // 15)


async def drop_guard(database: Database) -> None:
    async with database.engine.begin() as connection:
        await connection.execute(DROP_GUARD)


async def race(room: Room) -> tuple[list[Appointment], list[SlotTaken]]:
    """Fifty people want the same time of the same advisor, each in a transaction of their own."""
    users = [f"u{n}" for n in range(ATTEMPTS)]
    for user in users:
        await room.contact(user)
    results = await asyncio.gather(*(room.hold(u) for u in users), return_exceptions=True)
    winners = [one for one in results if isinstance(one, Appointment)]
    losers = [one for one in results if isinstance(one, SlotTaken)]
    assert len(winners) + len(losers) == ATTEMPTS, [r for r in results if r not in winners]
    return winners, losers


@both_backends
async def test_of_fifty_at_once_one_wins_and_the_others_hear_of_free_times(room: Room) -> None:
    winners, losers = await race(room)
    assert len(winners) == 1
    for loser in losers:
        assert loser.nearest
        assert TUESDAY_10 not in loser.nearest
        assert "11-24 09:30" in loser.params["nearest"]


@both_backends
async def test_without_the_guard_more_than_one_wins(room: Room) -> None:
    await drop_guard(room.database)
    winners, _ = await race(room)
    assert len(winners) > 1


@both_backends
async def test_a_race_of_overlapping_lengths_for_the_time_of_an_expired_hold(room: Room) -> None:
    """Every one of them wants 10:30 to 11:00, and has to clear the old hold away first."""
    await room.hold("old", TUESDAY_10, 60)
    room.clock.move(minutes=10)
    wishes = [(TUESDAY_10, 60), (TUESDAY_10 + HALF_HOUR, 30), (TUESDAY_10 + HALF_HOUR, 60)] * 10
    users = [f"u{n}" for n in range(len(wishes))]
    for user in users:
        await room.contact(user)
    results = await asyncio.gather(
        *(room.hold(user, *wish) for user, wish in zip(users, wishes, strict=True)),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Appointment) for one in results) == 1
    assert sum(isinstance(one, SlotTaken) for one in results) == len(wishes) - 1


async def occupy_after_everybody_looked(room: Room, *, people: int) -> int:
    """All have read that the time is free before the first of them takes it; how many get it.

    SQLite lets one transaction write at a time, so this is how its guard meets stale readers.
    """
    ids = []
    async with room.session() as session:
        for n in range(people):
            row = bare_appointment(room, f"T{n:05}")
            session.add(row)
            await session.flush()
            ids.append(row.id)

    async def take(appointment_id: int) -> bool:
        async with room.session() as session:
            try:
                await occupy(
                    session,
                    appointment_id=appointment_id,
                    seat=Seat(room.ids["advisor_b"], None, 0),
                    quarters=quarters_of(30),
                )
            except SlotTaken:
                return False
            return True

    return sum(await asyncio.gather(*(take(one) for one in ids)))


@both_backends
async def test_stale_readers_meet_the_guard(room: Room) -> None:
    assert await occupy_after_everybody_looked(room, people=20) == 1


@both_backends
async def test_stale_readers_all_win_without_the_guard(room: Room) -> None:
    await drop_guard(room.database)
    assert await occupy_after_everybody_looked(room, people=20) == 20


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ((0, 60), (30, 30), True),
        ((30, 30), (0, 60), True),
        ((0, 60), (-30, 60), True),
        ((0, 30), (30, 30), False),
        ((0, 60), (60, 60), False),
        ((30, 60), (0, 30), False),
    ],
)
async def test_overlapping_lengths(
    room: Room, first: tuple[int, int], second: tuple[int, int], overlap: bool
) -> None:
    at = [TUESDAY_10 + timedelta(minutes=offset) for offset, _ in (first, second)]
    await room.hold("zhang", at[0], first[1])
    if overlap:
        with pytest.raises(SlotTaken):
            await room.hold("li", at[1], second[1])
    else:
        await room.hold("li", at[1], second[1])


@both_backends
async def test_a_refused_attempt_leaves_nothing(room: Room) -> None:
    held = await room.hold("zhang", TUESDAY_10 + timedelta(minutes=30))
    async with room.session() as session:
        row = bare_appointment(room, "T00001")
        session.add(row)
        await session.flush()
        with pytest.raises(SlotTaken):
            await occupy(
                session,
                appointment_id=row.id,
                seat=Seat(held.advisor_id, None, 0),
                quarters=quarters_of(60),
            )
    assert await room.cells(row.id) == []
    assert len(await room.cells(held.id)) == 2


def bare_appointment(room: Room, code: str) -> Appointment:
    to = Address("fake", "x")
    return Appointment(
        code=code,
        uid=code,
        status=Status.HELD,
        hold_until=room.clock() + timedelta(minutes=10),
        advisor_id=room.ids["advisor_b"],
        agency_id=room.ids["agency_b"],
        center_id=room.ids["north"],
        area="filing",
        starts_at=TUESDAY_10,
        minutes=30,
        channel=to.channel,
        chat=to.chat,
        lang=to.lang,
        created_at=room.clock(),
    )
