"""The rules of one advisor and of a center's rooms, as a person reads and changes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.availability import Span
from booking.conflicts import access_advisor
from booking.model import AdvisorLimits, Availability, Leave, Room, RoomClosure, SpecialDay
from booking.queries import UnknownAppointment
from core.clock import local_day
from directory.actor import Actor
from directory.model import Advisor, Agency


@dataclass(frozen=True)
class DayRule:
    """A special day. Without spans it is closed."""

    day: date
    spans: tuple[Span, ...]
    reason: str


@dataclass(frozen=True)
class Rulebook:
    """All that decides when an advisor sees people. ``week``: spans by weekday, Monday first."""

    advisor: Advisor
    agency: Agency
    week: tuple[tuple[Span, ...], ...]
    days: tuple[DayRule, ...]
    leave: Sequence[Leave]
    capacity: int
    daily_limit: int


@dataclass(frozen=True)
class RoomRule:
    """A room with its closures to come."""

    room: Room
    closures: tuple[RoomClosure, ...]


async def rulebook(
    session: AsyncSession, actor: Actor, advisor_id: int, *, daily_limit: int, now: datetime
) -> Rulebook:
    """The rules of an advisor; special days and leave from today on. Raises UnknownAdvisor.

    daily_limit: the settings', for an advisor without limits of their own.
    """
    advisor = await access_advisor(session, actor, advisor_id)
    week: list[list[Span]] = [[] for _ in range(7)]
    for row in await session.scalars(
        select(Availability)
        .where(Availability.advisor_id == advisor_id)
        .order_by(Availability.start)
    ):
        week[row.weekday].append((row.start, row.end))
    limits = await session.scalar(
        select(AdvisorLimits).where(AdvisorLimits.advisor_id == advisor_id)
    )
    leave = await session.scalars(
        select(Leave)
        .where(Leave.advisor_id == advisor_id, Leave.ends_at > now)
        .order_by(Leave.starts_at)
    )
    return Rulebook(
        advisor=advisor,
        agency=await session.get_one(Agency, advisor.agency_id),
        week=tuple(tuple(spans) for spans in week),
        days=await _days(session, advisor_id, now),
        leave=leave.all(),
        capacity=1 if limits is None else limits.capacity,
        daily_limit=daily_limit if limits is None else limits.daily_limit,
    )


async def _days(session: AsyncSession, advisor_id: int, now: datetime) -> tuple[DayRule, ...]:
    spans: dict[date, list[Span]] = {}
    reasons: dict[date, str] = {}
    for row in await session.scalars(
        select(SpecialDay)
        .where(SpecialDay.advisor_id == advisor_id, SpecialDay.day >= local_day(now))
        .order_by(SpecialDay.day, SpecialDay.start)
    ):
        found = spans.setdefault(row.day, [])
        reasons[row.day] = row.reason
        if row.start is not None and row.end is not None:
            found.append((row.start, row.end))
    return tuple(DayRule(day, tuple(found), reasons[day]) for day, found in spans.items())


async def rooms_of(
    session: AsyncSession, actor: Actor, center_id: int, now: datetime
) -> list[RoomRule]:
    """The rooms of a center, those in use first. Raises UnknownAppointment (a foreign center)."""
    if not actor.may_see_center(center_id):
        raise UnknownAppointment
    rooms = await session.scalars(
        select(Room).where(Room.center_id == center_id).order_by(Room.active.desc(), Room.name)
    )
    closures: dict[int, list[RoomClosure]] = {}
    for row in await session.scalars(
        select(RoomClosure).where(RoomClosure.ends_at > now).order_by(RoomClosure.starts_at)
    ):
        closures.setdefault(row.room_id, []).append(row)
    return [RoomRule(room, tuple(closures.get(room.id, ()))) for room in rooms]


async def all_advisors(
    session: AsyncSession, actor: Actor, center_id: int
) -> list[tuple[Advisor, Agency]]:
    """The advisors of a center, those who have left last. Raises UnknownAppointment."""
    if not actor.may_see_center(center_id):
        raise UnknownAppointment
    found = await session.execute(
        select(Advisor, Agency)
        .join(Agency, Agency.id == Advisor.agency_id)
        .where(Advisor.center_id == center_id)
        .order_by(Advisor.active.desc(), Agency.name, Advisor.id)
    )
    return [(advisor, agency) for advisor, agency in found]
