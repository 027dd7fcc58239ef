"""Appointments that the present rules would not allow any more.

Changing a rule breaks no appointment. What no longer fits is listed here, worked out anew each
time, until a person moves it, cancels it, or keeps it as it is.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.availability import Diary, Window
from booking.diaries import RoomPlan, diaries, room_plans
from booking.model import Appointment, Cell, Place, Status
from booking.queries import Sheet, UnknownAppointment, sheets, unsealed
from core.clock import local_day
from core.config import Booking
from core.errors import Refusal
from core.worktime import Worktime
from directory.actor import Actor
from directory.model import Advisor


class UnknownAdvisor(Refusal):
    """There is none, or the diary is not this actor's business; which of the two is not told."""

    key = "booking.unknown_advisor"


class Why(StrEnum):
    """What an appointment does not fit any more."""

    ADVISOR = "advisor"  # the advisor has left
    HOURS = "hours"  # outside the week, a special day or the working calendar
    LEAVE = "leave"
    ROOM = "room"  # its room is gone, closed or smaller, or it has none
    CAPACITY = "capacity"  # more at the same time than the advisor takes
    DAILY_LIMIT = "daily_limit"


@dataclass(frozen=True)
class Clash:
    """An appointment outside the present rules, and which of them."""

    sheet: Sheet
    why: tuple[Why, ...]


async def access_advisor(session: AsyncSession, actor: Actor, advisor_id: int) -> Advisor:
    """The advisor whose diary the actor may read and change: the advisor's own, the center's staff,
    the province. Raises UnknownAdvisor.
    """
    advisor = await session.get(Advisor, advisor_id, populate_existing=True)
    own = actor.advisor_id is not None and actor.advisor_id == advisor_id
    allowed = advisor is not None and (own or actor.may_see_center(advisor.center_id))
    if advisor is None or not (allowed or actor.kind == "system"):
        raise UnknownAdvisor
    return advisor


async def conflicts(
    session: AsyncSession,
    actor: Actor,
    *,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
    advisor_id: int | None = None,
    center_id: int | None = None,
) -> list[Clash]:
    """Appointments to come that do not fit and that nobody has kept, soonest first.

    Of one advisor, or else of one center. Notice and horizon do not count: they are about booking.
    Raises UnknownAdvisor, UnknownAppointment (a foreign center).
    """
    if advisor_id is not None:
        await access_advisor(session, actor, advisor_id)
    elif center_id is None or not (actor.kind == "system" or actor.may_see_center(center_id)):
        raise UnknownAppointment
    owner = (
        Appointment.center_id == center_id
        if advisor_id is None
        else Appointment.advisor_id == advisor_id
    )
    found = await sheets(session, owner, Appointment.starts_at > now, *_standing())
    clashes = await _clashes(session, found, settings, worktime, now)
    return [
        Clash(unsealed(actor, one.sheet), one.why)
        for one in clashes
        if not set(one.why) <= _kept(one.sheet.appointment)
    ]


async def why_not(
    session: AsyncSession, row: Appointment, *, settings: Booking, worktime: Worktime, now: datetime
) -> tuple[Why, ...]:
    """What an appointment already accessed does not fit, kept or not; empty when all is well."""
    to_come = Appointment.advisor_id == row.advisor_id, Appointment.starts_at > now
    found = await sheets(session, *to_come, *_standing())
    clashes = await _clashes(session, found, settings, worktime, now)
    return next((one.why for one in clashes if one.sheet.appointment.id == row.id), ())


def _standing() -> tuple[object, ...]:
    """The conditions of an appointment that is to take place, whatever its state is called: it
    occupies time and is no hold."""
    occupies = select(Cell.id).where(Cell.appointment_id == Appointment.id).exists()
    return Appointment.status != Status.HELD, occupies


def _kept(row: Appointment) -> set[str]:
    return set(row.kept.split(",")) - {""}


async def _clashes(
    session: AsyncSession,
    found: Sequence[Sheet],
    settings: Booking,
    worktime: Worktime,
    now: datetime,
) -> list[Clash]:
    if not found:
        return []
    last_day = max(one.appointment.local_start.date() for one in found)
    window = Window(now, now, last_day, worktime, daily_limit=settings.daily_limit)
    by_advisor = await diaries(
        session, {one.appointment.advisor_id for one in found}, window, place=Place.PHONE
    )
    centers = {one.appointment.center_id for one in found}
    rooms = await room_plans(session, centers, window)
    seats = await _seats(session, [one.appointment.id for one in found])
    over = _over_limit(found, by_advisor, window)
    cases = (
        _Case(
            row=one.appointment,
            advisor=one.advisor,
            diary=by_advisor[one.appointment.advisor_id],
            rooms=rooms,
            seats=seats[one.appointment.id],
            over=one.appointment.id in over,
        )
        for one in found
    )
    clashes = (Clash(one, _why(case, window)) for one, case in zip(found, cases, strict=True))
    return [clash for clash in clashes if clash.why]


@dataclass(frozen=True)
class _Case:
    """All that decides about one appointment. ``seats``: place numbers; ``over``: the limit."""

    row: Appointment
    advisor: Advisor
    diary: Diary
    rooms: list[RoomPlan]
    seats: dict[str, int]
    over: bool


def _why(case: _Case, window: Window) -> tuple[Why, ...]:
    row, diary, there = case.row, case.diary, case.advisor.active
    span = window.span(row.starts_at, row.ends_at)
    wrong = {
        Why.ADVISOR: not there,
        Why.HOURS: there and bool(span & ~diary.hours),
        Why.LEAVE: bool(span & diary.away),
        Why.ROOM: row.place == Place.ON_SITE and _roomless(row, span, case.seats, case.rooms),
        Why.CAPACITY: case.seats.get("advisor", 0) >= len(diary.taken),
        Why.DAILY_LIMIT: case.over,
    }
    return tuple(why for why, holds in wrong.items() if holds)


def _roomless(row: Appointment, span: int, seats: dict[str, int], rooms: list[RoomPlan]) -> bool:
    if row.room_id is None:
        return any(room.center_id == row.center_id for room in rooms)
    its = next((room for room in rooms if room.id == row.room_id), None)
    return its is None or bool(its.closed & span) or seats.get("room", 0) >= its.capacity


async def _seats(session: AsyncSession, ids: list[int]) -> dict[int, dict[str, int]]:
    """The place numbers each appointment has of its advisor and of its room."""
    found = await session.execute(
        select(Cell.appointment_id, Cell.room_id, func.max(Cell.seat))
        .where(Cell.appointment_id.in_(ids))
        .group_by(Cell.appointment_id, Cell.room_id)
    )
    seats: dict[int, dict[str, int]] = defaultdict(dict)
    for appointment_id, room_id, seat in found:
        seats[appointment_id]["advisor" if room_id is None else "room"] = seat
    return seats


def _over_limit(found: Sequence[Sheet], by_advisor: dict[int, Diary], window: Window) -> set[int]:
    """Those of a day beyond the limit: who was agreed on first stays."""
    counts: dict[tuple[int, date], int] = defaultdict(int)
    over = set()
    rows = [one.appointment for one in found]
    for row in sorted(rows, key=lambda row: (row.arranged_at or window.now, row.id)):
        limit = by_advisor[row.advisor_id].daily_limit
        key = (row.advisor_id, local_day(row.starts_at))
        counts[key] += 1
        if limit and counts[key] > limit:
            over.add(row.id)
    return over
