"""The guard: cells taken and given back. The database alone decides who gets a time.

Whoever gives a consultation its time, from whatever entrance, calls ``take``.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import AdvisorLimits, Appointment, Cell, Place, Room, RoomClosure, run_out
from booking.quarters import MINUTES, quarter
from core.clock import at_local, local
from core.config import Booking
from core.errors import Refusal
from directory.model import Advisor


class SlotTaken(Refusal):
    """Somebody else has that time. ``nearest``: free starts close to it, in order."""

    key = "booking.slot_taken"

    def __init__(self, nearest: Collection[datetime] = ()) -> None:
        self.nearest = tuple(nearest)
        super().__init__(nearest=shown(self.nearest))


class DayFull(SlotTaken):
    """The advisor has as many consultations that day as the daily limit allows."""

    key = "booking.day_limit"


class NoRoom(SlotTaken):
    """Every room of the center is taken or closed at that time."""

    key = "booking.no_room"


@dataclass(frozen=True)
class Seat:
    """A place of an advisor or of a room; one of the two ids is None."""

    advisor_id: int | None
    room_id: int | None
    number: int


def shown(starts: Iterable[datetime]) -> str:
    """Instants as a person reads them in any language: ``11-25 10:00 / 11-25 10:30``."""
    return " / ".join(f"{local(start):%m-%d %H:%M}" for start in starts) or "—"


async def take(
    session: AsyncSession, row: Appointment, *, settings: Booking, now: datetime
) -> None:
    """Take the time of ``row`` as it stands: of its advisor, buffers included, and on site of a
    room. What it had before and needs no longer is given back afterwards.

    All or nothing, in the same order for everybody, so that people who want overlapping times wait
    for each other one way only: the advisor's cells by time, then a room's. Raises SlotTaken,
    DayFull, NoRoom; then its cells are what they were.
    """
    first = quarter(row.starts_at)
    end = first + row.minutes // MINUTES
    before, after = settings.buffer_before // MINUTES, settings.buffer_after // MINUTES
    async with session.begin_nested():
        had = await _cells_of(session, row.id)
        seats = await _advisor_seats(session, row, settings, now)
        span = range(first - before, end + after)
        mine = await _first_free(session, row.id, seats, span, had)
        if mine is None:
            raise SlotTaken
        kept = {(mine, n) for n in span}
        room = await _room(session, row, range(first, end), had)
        if room is not None:
            kept |= {(room, n) for n in range(first, end)}
        await _give_back(session, had, kept)
    row.room_id = None if room is None else room.room_id
    await session.flush()


async def vacate(session: AsyncSession, *, appointment_id: int) -> None:
    """Give back all cells of an appointment."""
    await session.execute(delete(Cell).where(Cell.appointment_id == appointment_id))


async def occupy(
    session: AsyncSession, *, appointment_id: int, seat: Seat, quarters: Iterable[int]
) -> None:
    """Take these quarters of one place, all or none. Raises SlotTaken when any of them is taken."""
    rows = [
        {
            "appointment_id": appointment_id,
            "advisor_id": seat.advisor_id,
            "room_id": seat.room_id,
            "seat": seat.number,
            "quarter": n,
        }
        for n in sorted(quarters)
    ]
    if not rows:
        return
    try:
        async with session.begin_nested():
            await session.execute(insert(Cell), rows)
    except IntegrityError as error:
        raise SlotTaken from error


async def _first_free(
    session: AsyncSession,
    appointment_id: int,
    seats: Sequence[Seat],
    span: Iterable[int],
    had: dict[tuple[Seat, int], int],
) -> Seat | None:
    """Take the span of the first place that has it; the place it is in already comes first."""
    own = {seat for seat, _ in had}
    for seat in sorted(seats, key=lambda one: one not in own):
        new = [n for n in span if (seat, n) not in had]
        try:
            await occupy(session, appointment_id=appointment_id, seat=seat, quarters=new)
        except SlotTaken:
            continue
        return seat
    return None


async def _advisor_seats(
    session: AsyncSession, row: Appointment, settings: Booking, now: datetime
) -> list[Seat]:
    """The advisor's places. Raises DayFull.

    The advisor's row is locked while a limited day is counted: two places of the same day are no
    two claims on the same cell, so that the cells alone could not tell them apart.
    """
    limits = await session.scalar(
        select(AdvisorLimits).where(AdvisorLimits.advisor_id == row.advisor_id)
    )
    capacity = 1 if limits is None else limits.capacity
    most = settings.daily_limit if limits is None else limits.daily_limit
    if most:
        lock = select(Advisor.id).where(Advisor.id == row.advisor_id)
        await session.execute(lock.with_for_update(key_share=True))
        if await _others_that_day(session, row, now) >= most:
            raise DayFull
    return [Seat(row.advisor_id, None, n) for n in range(capacity)]


async def _others_that_day(session: AsyncSession, row: Appointment, now: datetime) -> int:
    start = at_local(local(row.starts_at).date())
    occupies = select(Cell.id).where(Cell.appointment_id == Appointment.id).exists()
    count = await session.scalar(
        select(func.count()).where(
            Appointment.advisor_id == row.advisor_id,
            Appointment.id != row.id,
            Appointment.starts_at >= start,
            Appointment.starts_at < start + timedelta(days=1),
            occupies,
            ~run_out(now),
        )
    )
    return count or 0


async def _room(
    session: AsyncSession, row: Appointment, span: range, had: dict[tuple[Seat, int], int]
) -> Seat | None:
    """Take a room place where one is needed. Raises NoRoom."""
    if row.place != Place.ON_SITE:
        return None
    rooms = await session.execute(
        select(Room.id, Room.capacity)
        .where(Room.center_id == row.center_id, Room.active)
        .order_by(Room.id)
    )
    capacities: dict[int, int] = {room.id: room.capacity for room in rooms}
    if not capacities:
        return None
    closed = await session.scalars(
        select(RoomClosure.room_id).where(
            RoomClosure.room_id.in_(capacities),
            RoomClosure.starts_at < row.ends_at,
            RoomClosure.ends_at > row.starts_at,
        )
    )
    open_rooms = capacities.keys() - set(closed)
    seats = [Seat(None, room, n) for room in sorted(open_rooms) for n in range(capacities[room])]
    seat = await _first_free(session, row.id, seats, span, had)
    if seat is None:
        raise NoRoom
    return seat


async def _cells_of(session: AsyncSession, appointment_id: int) -> dict[tuple[Seat, int], int]:
    """The ids of what an appointment has, by place and quarter."""
    found = await session.execute(
        select(Cell.id, Cell.advisor_id, Cell.room_id, Cell.seat, Cell.quarter).where(
            Cell.appointment_id == appointment_id
        )
    )
    return {(Seat(advisor, room, seat), n): cell_id for cell_id, advisor, room, seat, n in found}


async def _give_back(
    session: AsyncSession, had: dict[tuple[Seat, int], int], kept: set[tuple[Seat, int]]
) -> None:
    gone = [cell_id for key, cell_id in had.items() if key not in kept]
    if gone:
        await session.execute(delete(Cell).where(Cell.id.in_(gone)))
