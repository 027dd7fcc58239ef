"""Change when an advisor sees people: the week, single days, leave, limits, leaving for good.

No change touches an appointment. Each service returns the appointments that do not fit any more,
for a person to move, cancel or keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.conflicts import Clash, access_advisor, conflicts
from booking.model import AdvisorLimits, Availability, Leave, SpecialDay
from core.clock import local_day
from core.config import Booking
from core.errors import Refusal
from core.worktime import Worktime
from directory.actor import Actor

MOST_AT_ONCE = 20


class BadRule(Refusal):
    """A span ends before it begins, overlaps another, or is over; a number is out of range."""

    key = "booking.bad_rule"

    def __init__(self) -> None:
        super().__init__(most=MOST_AT_ONCE)


class UnknownRule(Refusal):
    """There is no such leave or room, or it is not this actor's business."""

    key = "booking.unknown_rule"


@dataclass(frozen=True)
class Weekly:
    """A span of the week; weekday 0 is Monday, wall-clock time in China."""

    weekday: int
    start: time
    end: time


@dataclass(frozen=True)
class Rules:
    """What is needed to tell what a change leaves outside the rules."""

    settings: Booking
    worktime: Worktime


async def set_week(
    session: AsyncSession,
    *,
    actor: Actor,
    advisor_id: int,
    week: Sequence[Weekly],
    rules: Rules,
    now: datetime,
) -> list[Clash]:
    """Replace the advisor's week. Raises BadRule, UnknownAdvisor."""
    await access_advisor(session, actor, advisor_id)
    for weekday in {one.weekday for one in week}:
        if not 0 <= weekday <= 6:
            raise BadRule
        _require_apart([(one.start, one.end) for one in week if one.weekday == weekday])
    await session.execute(delete(Availability).where(Availability.advisor_id == advisor_id))
    session.add_all(
        Availability(advisor_id=advisor_id, weekday=one.weekday, start=one.start, end=one.end)
        for one in week
    )
    return await outside(session, actor, rules, now, advisor_id=advisor_id)


async def set_day(
    session: AsyncSession,
    *,
    actor: Actor,
    advisor_id: int,
    day: date,
    spans: Sequence[tuple[time, time]],
    rules: Rules,
    now: datetime,
    reason: str = "",
) -> list[Clash]:
    """Other hours on one day, a rest day too; no spans: closed. Raises BadRule, UnknownAdvisor."""
    await access_advisor(session, actor, advisor_id)
    _require_apart(spans)
    if day < local_day(now):
        raise BadRule
    await _clear_day(session, advisor_id, day)
    rows = [SpecialDay(start=start, end=end) for start, end in spans] or [SpecialDay()]
    for row in rows:
        row.advisor_id, row.day, row.reason = advisor_id, day, reason
    session.add_all(rows)
    return await outside(session, actor, rules, now, advisor_id=advisor_id)


async def clear_day(
    session: AsyncSession,
    *,
    actor: Actor,
    advisor_id: int,
    day: date,
    rules: Rules,
    now: datetime,
) -> list[Clash]:
    """The week's hours again on that day. Raises UnknownAdvisor."""
    await access_advisor(session, actor, advisor_id)
    await _clear_day(session, advisor_id, day)
    return await outside(session, actor, rules, now, advisor_id=advisor_id)


async def add_leave(
    session: AsyncSession,
    *,
    actor: Actor,
    advisor_id: int,
    starts_at: datetime,
    ends_at: datetime,
    rules: Rules,
    now: datetime,
    reason: str = "",
) -> list[Clash]:
    """Away from ``starts_at`` to ``ends_at``. Raises BadRule, UnknownAdvisor."""
    await access_advisor(session, actor, advisor_id)
    require_ahead(starts_at, ends_at, now)
    session.add(Leave(advisor_id=advisor_id, starts_at=starts_at, ends_at=ends_at, reason=reason))
    return await outside(session, actor, rules, now, advisor_id=advisor_id)


async def remove_leave(session: AsyncSession, *, actor: Actor, leave_id: int) -> None:
    """Back earlier, or not away at all. Raises UnknownRule, UnknownAdvisor."""
    leave = await session.get(Leave, leave_id)
    if leave is None:
        raise UnknownRule
    await access_advisor(session, actor, leave.advisor_id)
    await session.delete(leave)
    await session.flush()


async def set_limits(
    session: AsyncSession,
    *,
    actor: Actor,
    advisor_id: int,
    rules: Rules,
    now: datetime,
    capacity: int = 1,
    daily_limit: int = 0,
) -> list[Clash]:
    """Consultations at the same time, and a day (0: no limit). Raises BadRule, UnknownAdvisor."""
    await access_advisor(session, actor, advisor_id)
    if not 1 <= capacity <= MOST_AT_ONCE or daily_limit < 0:
        raise BadRule
    row = await session.scalar(select(AdvisorLimits).where(AdvisorLimits.advisor_id == advisor_id))
    if row is None:
        row = AdvisorLimits(advisor_id=advisor_id)
        session.add(row)
    row.capacity, row.daily_limit = capacity, daily_limit
    return await outside(session, actor, rules, now, advisor_id=advisor_id)


async def retire(
    session: AsyncSession, *, actor: Actor, advisor_id: int, rules: Rules, now: datetime
) -> list[Clash]:
    """The advisor sees nobody any more; what is booked waits for a person to give it to another.

    Raises UnknownAdvisor.
    """
    advisor = await access_advisor(session, actor, advisor_id)
    advisor.active = False
    return await outside(session, actor, rules, now, advisor_id=advisor_id)


def require_ahead(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """Raises BadRule for a span that is turned round or over."""
    if starts_at >= ends_at or ends_at <= now:
        raise BadRule


def _require_apart(spans: Sequence[tuple[time, time]]) -> None:
    """Raises BadRule unless each ends after it begins and before the next one begins."""
    ordered = sorted(spans)
    turned = any(start >= end for start, end in ordered)
    if turned or any(a[1] > b[0] for a, b in pairwise(ordered)):
        raise BadRule


async def _clear_day(session: AsyncSession, advisor_id: int, day: date) -> None:
    await session.execute(
        delete(SpecialDay).where(SpecialDay.advisor_id == advisor_id, SpecialDay.day == day)
    )


async def outside(
    session: AsyncSession,
    actor: Actor,
    rules: Rules,
    now: datetime,
    *,
    advisor_id: int | None = None,
    center_id: int | None = None,
) -> list[Clash]:
    """What the change just made leaves outside the rules, of one advisor or else one center."""
    await session.flush()
    return await conflicts(
        session,
        actor,
        settings=rules.settings,
        worktime=rules.worktime,
        now=now,
        advisor_id=advisor_id,
        center_id=center_id,
    )
