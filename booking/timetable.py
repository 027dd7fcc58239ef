"""What a day or a week looks like, per advisor or per room: what is taken, free, closed."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.availability import Span, Window, hours_of
from booking.conflicts import access_advisor
from booking.model import (
    AdvisorLimits,
    Appointment,
    Availability,
    Cell,
    Leave,
    Room,
    RoomClosure,
    SpecialDay,
    run_out,
)
from booking.model_desk import BusySpan
from booking.quarters import bits, instant, of_day
from booking.queries import Sheet, UnknownAppointment, sheets, unsealed
from core.clock import at_local, local
from core.worktime import Worktime
from directory.actor import Actor
from directory.model import Advisor, Agency


class Kind(StrEnum):
    """What a stretch of a day is."""

    MEETING = "meeting"
    FREE = "free"
    LEAVE = "leave"
    BUSY = "busy"  # by the advisor's calendar elsewhere
    CLOSED = "closed"  # a room that cannot be used


@dataclass(frozen=True)
class Part:
    """A stretch of a day. ``sheet``: of a meeting."""

    kind: Kind
    starts_at: datetime
    ends_at: datetime
    reason: str = ""
    sheet: Sheet | None = None

    @property
    def local_start(self) -> datetime:
        """The start on a wall clock in China."""
        return local(self.starts_at)

    @property
    def local_end(self) -> datetime:
        """The end on a wall clock in China."""
        return local(self.ends_at)


@dataclass(frozen=True)
class Day:
    """A day of one owner. ``special``: other hours than the week's; ``shut``: none at all."""

    day: date
    worked: bool
    parts: tuple[Part, ...]
    special: bool = False
    shut: bool = False
    reason: str = ""

    @property
    def meetings(self) -> list[Sheet]:
        """The appointments of the day."""
        return [part.sheet for part in self.parts if part.sheet is not None]


@dataclass(frozen=True)
class Line:
    """An advisor (with the agency) or a room, and the days asked for."""

    id: int
    name: str
    agency: str
    active: bool
    days: tuple[Day, ...]


@dataclass
class _Facts:
    """What was read about one owner. ``taken``: quarters by seat."""

    weekly: list[tuple[int, time, time]] = field(default_factory=list)
    special: dict[date, list[Span]] = field(default_factory=dict)
    reasons: dict[date, str] = field(default_factory=dict)
    away: list[Part] = field(default_factory=list)
    taken: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    meetings: list[Sheet] = field(default_factory=list)


async def by_advisor(
    session: AsyncSession,
    actor: Actor,
    *,
    days: Sequence[date],
    worktime: Worktime,
    now: datetime,
    center_id: int | None = None,
    advisor_id: int | None = None,
) -> list[Line]:
    """The days of one advisor, or of everybody of a center who is active or has appointments.

    Raises UnknownAdvisor, UnknownAppointment (a foreign center).
    """
    if advisor_id is not None:
        await access_advisor(session, actor, advisor_id)
        owner = Appointment.advisor_id == advisor_id
    else:
        _require(actor, center_id)
        owner = Appointment.center_id == center_id
    window = _window(days, worktime)
    found = await sheets(session, owner, *_shown(days))
    people = await _people(session, center_id, advisor_id, {one.advisor.id for one in found})
    facts = await _facts_of_advisors(session, [person.id for person, _ in people], window, now)
    for one in found:
        facts[one.advisor.id].meetings.append(unsealed(actor, one))
    seats = await _capacities(session, [person.id for person, _ in people])
    lines = []
    for person, agency in people:
        own = facts[person.id]
        hours = hours_of(own.weekly, own.special, window) if person.active else 0
        hours &= ~window.span(window.now, now)  # what is past is not free
        places = seats.get(person.id, 1)
        shown = _days(own, days, window, hours, places)
        lines.append(Line(person.id, person.name, agency.name, person.active, shown))
    return lines


async def by_room(
    session: AsyncSession,
    actor: Actor,
    *,
    days: Sequence[date],
    worktime: Worktime,
    now: datetime,
    center_id: int,
) -> list[Line]:
    """The days of a center's rooms. Raises UnknownAppointment for a foreign center."""
    _require(actor, center_id)
    window = _window(days, worktime)
    own = await session.scalars(select(Room).where(Room.center_id == center_id).order_by(Room.name))
    rooms, facts = own.all(), defaultdict[int, _Facts](_Facts)
    ids = [room.id for room in rooms]
    for closure in await session.scalars(
        select(RoomClosure).where(
            RoomClosure.room_id.in_(ids), *_touching(RoomClosure, days)
        )
    ):  # fmt: skip
        away = Part(Kind.CLOSED, closure.starts_at, closure.ends_at, closure.reason)
        facts[closure.room_id].away.append(away)
    await _add_taken(session, facts, Cell.room_id, ids, window=window, now=now)
    for one in await sheets(session, Appointment.room_id.in_(ids), *_shown(days)):
        facts[one.appointment.room_id or 0].meetings.append(unsealed(actor, one))
    open_hours = _office_hours(worktime, days, window) & ~window.span(window.now, now)
    return [
        Line(
            room.id,
            room.name,
            "",
            room.active,
            _days(facts[room.id], days, window, open_hours if room.active else 0, room.capacity),
        )
        for room in rooms
        if room.active or facts[room.id].meetings
    ]


def _require(actor: Actor, center_id: int | None) -> None:
    if center_id is None or not actor.may_see_center(center_id):
        raise UnknownAppointment


def _window(days: Sequence[date], worktime: Worktime) -> Window:
    start = at_local(days[0])
    return Window(start, start, days[-1], worktime)


def _shown(days: Sequence[date]) -> tuple[Any, ...]:
    return (
        Appointment.starts_at >= at_local(days[0]),
        Appointment.starts_at < at_local(days[-1] + timedelta(days=1)),
        Appointment.arranged_at.is_not(None),
    )


def _touching(table: Any, days: Sequence[date]) -> tuple[Any, ...]:
    end = at_local(days[-1] + timedelta(days=1))
    return table.starts_at < end, table.ends_at > at_local(days[0])


async def _people(
    session: AsyncSession, center_id: int | None, advisor_id: int | None, busy: Collection[int]
) -> list[tuple[Advisor, Agency]]:
    of_center = (Advisor.center_id == center_id) & (Advisor.active | Advisor.id.in_(busy))
    found = await session.execute(
        select(Advisor, Agency)
        .join(Agency, Agency.id == Advisor.agency_id)
        .where(of_center if advisor_id is None else Advisor.id == advisor_id)
        .order_by(Advisor.id)
    )
    return [(advisor, agency) for advisor, agency in found]


async def _facts_of_advisors(
    session: AsyncSession, ids: list[int], window: Window, now: datetime
) -> dict[int, _Facts]:
    days = (local(window.now).date(), window.last_day)
    facts = defaultdict[int, _Facts](_Facts)
    for week in await session.scalars(select(Availability).where(Availability.advisor_id.in_(ids))):
        facts[week.advisor_id].weekly.append((week.weekday, week.start, week.end))
    for one in await session.scalars(
        select(SpecialDay).where(SpecialDay.advisor_id.in_(ids), SpecialDay.day.between(*days))
    ):
        spans = facts[one.advisor_id].special.setdefault(one.day, [])
        facts[one.advisor_id].reasons[one.day] = one.reason
        if one.start is not None and one.end is not None:
            spans.append((one.start, one.end))
    for leave in await session.scalars(
        select(Leave).where(Leave.advisor_id.in_(ids), *_touching(Leave, days))
    ):
        away = Part(Kind.LEAVE, leave.starts_at, leave.ends_at, leave.reason)
        facts[leave.advisor_id].away.append(away)
    for busy in await session.scalars(
        select(BusySpan).where(BusySpan.advisor_id.in_(ids), *_touching(BusySpan, days))
    ):
        facts[busy.advisor_id].away.append(Part(Kind.BUSY, busy.starts_at, busy.ends_at))
    await _add_taken(session, facts, Cell.advisor_id, ids, window=window, now=now)
    return facts


async def _add_taken(
    session: AsyncSession,
    facts: dict[int, _Facts],
    owner: Any,
    ids: list[int],
    *,
    window: Window,
    now: datetime,
) -> None:
    """The quarters that appointments and live holds occupy, buffers included."""
    rows = await session.execute(
        select(owner, Cell.seat, Cell.quarter)
        .join(Appointment, Appointment.id == Cell.appointment_id)
        .where(
            owner.in_(ids),
            Cell.quarter.between(window.origin, window.origin + window.size),
            ~run_out(now),
        )
    )
    for owner_id, seat, quarter in rows:
        facts[owner_id].taken[seat] |= 1 << quarter - window.origin


async def _capacities(session: AsyncSession, ids: list[int]) -> dict[int, int]:
    found = await session.execute(
        select(AdvisorLimits.advisor_id, AdvisorLimits.capacity).where(
            AdvisorLimits.advisor_id.in_(ids)
        )
    )
    return {row.advisor_id: row.capacity for row in found}


def _office_hours(worktime: Worktime, days: Iterable[date], window: Window) -> int:
    mask = 0
    for day in days:
        if worktime.is_workday(day):
            for start, end in worktime.spans:
                mask |= bits(of_day(start, up=True), of_day(end)) << window.bit_of_day(day)
    return mask


def _days(
    facts: _Facts, days: Sequence[date], window: Window, hours: int, places: int
) -> tuple[Day, ...]:
    blocked = 0
    for away in facts.away:
        blocked |= window.span(away.starts_at, away.ends_at)
    full = -1
    for seat in range(places):
        full &= facts.taken.get(seat, 0)
    free = hours & ~blocked & ~full
    return tuple(_day(facts, day, window, free & window.day(day)) for day in days)


def _day(facts: _Facts, day: date, window: Window, free: int) -> Day:
    start, end = at_local(day), at_local(day + timedelta(days=1))
    parts = [
        Part(a.kind, max(a.starts_at, start), min(a.ends_at, end), a.reason)
        for a in facts.away
        if a.starts_at < end and a.ends_at > start
    ]
    parts += [
        Part(Kind.MEETING, one.appointment.starts_at, one.appointment.ends_at, sheet=one)
        for one in facts.meetings
        if start <= one.appointment.starts_at < end
    ]
    parts += [Part(Kind.FREE, a, b) for a, b in _stretches(free, window)]
    special = day in facts.special
    return Day(
        day=day,
        worked=window.worktime.is_workday(day),
        parts=tuple(sorted(parts, key=lambda part: (part.starts_at, part.ends_at))),
        special=special,
        shut=special and not facts.special[day],
        reason=facts.reasons.get(day, ""),
    )


def _stretches(mask: int, window: Window) -> list[tuple[datetime, datetime]]:
    """The runs of set bits as instants."""
    found = []
    while mask:
        first = (mask & -mask).bit_length() - 1
        length = (~(mask >> first) & (mask >> first) + 1).bit_length() - 1
        found.append((instant(window.origin + first), instant(window.origin + first + length)))
        mask &= ~bits(first, first + length)
    return found
