"""Diaries read from the database: few queries, however many advisors.

What is taken comes as sums of bits made by the database, a row for eight hours of a place, so that
the number of appointments, past or to come, hardly matters.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Integer,
    Select,
    and_,
    bindparam,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.ext.asyncio import AsyncSession

from booking.availability import Diary, Span, Window, hours_of
from booking.model import (
    BLOCK,
    CLOCK_SLACK,
    AdvisorLimits,
    Appointment,
    Availability,
    Cell,
    Leave,
    Place,
    Room,
    RoomClosure,
    SpecialDay,
    held,
)
from booking.model_desk import BusySpan
from core.clock import at_local, local_day
from core.database import Instant
from directory.model import Advisor

# Statements are built once: building one takes SQLAlchemy longer than running it takes a database.
IDS: Any = bindparam("ids", expanding=True)
ROOM_IDS: Any = bindparam("rooms", expanding=True)

PEOPLE: Any = (
    select(
        Advisor.id,
        Advisor.center_id,
        Advisor.active,
        AdvisorLimits.capacity,
        AdvisorLimits.daily_limit,
    )
    .outerjoin(AdvisorLimits, AdvisorLimits.advisor_id == Advisor.id)
    .where(Advisor.id.in_(IDS))
)
# What an advisor's hours follow from, in one reading: the week, the special days, the leave.
RULES: Any = union_all(
    select(
        Availability.advisor_id,
        Availability.weekday,
        cast(null(), Date),
        Availability.start,
        Availability.end,
        cast(null(), Instant),
        cast(null(), Instant),
    ).where(Availability.advisor_id.in_(IDS)),
    select(
        SpecialDay.advisor_id,
        null(),
        SpecialDay.day,
        SpecialDay.start,
        SpecialDay.end,
        null(),
        null(),
    ).where(
        SpecialDay.advisor_id.in_(IDS),
        SpecialDay.day.between(bindparam("first"), bindparam("last")),
    ),
    select(Leave.advisor_id, null(), null(), null(), null(), Leave.starts_at, Leave.ends_at).where(
        Leave.advisor_id.in_(IDS), Leave.ends_at > bindparam("now")
    ),
    # Busy by a calendar elsewhere is as good as leave.
    select(
        BusySpan.advisor_id, null(), null(), null(), null(), BusySpan.starts_at, BusySpan.ends_at
    ).where(BusySpan.advisor_id.in_(IDS), BusySpan.ends_at > bindparam("now")),
)


# The appointments that occupy nothing for the one who asks; a null is equal to nothing.
IGNORED: Any = union_all(
    select(Appointment.id).where(
        held(),
        or_(
            Appointment.hold_until <= bindparam("now"),
            Appointment.created_at > bindparam("ahead"),
            Appointment.contact_id == bindparam("holder"),
        ),
    ),
    select(bindparam("moving", type_=Integer)),
)


def _sums(advisor: Any, room: Any, *owners: Any, sign: int = 1) -> Select[*tuple[Any, ...]]:
    """The bits of the taken quarters, added up, a row for each block of a place of ``owners``."""
    bit = literal(sign, BigInteger).bitwise_lshift(Cell.quarter % BLOCK)
    return (
        select(advisor, room, Cell.seat, Cell.block, cast(func.sum(bit), BigInteger))
        .where(Cell.block.between(bindparam("first"), bindparam("last")))
        .group_by(*owners, Cell.block, Cell.seat)
    )


NOBODY: Any = cast(null(), Integer)
# Each quarter of a place is taken once, so the sum of its bits is its mask, and what is to be
# ignored can simply be subtracted. For the many that count, nothing but the index is read.
TAKEN: Any = union_all(
    _sums(Cell.advisor_id, NOBODY, Cell.advisor_id).where(Cell.advisor_id.in_(IDS)),
    _sums(NOBODY, Cell.room_id, Cell.room_id).where(Cell.room_id.in_(ROOM_IDS)),
    _sums(Cell.advisor_id, Cell.room_id, Cell.advisor_id, Cell.room_id, sign=-1).where(
        Cell.appointment_id.in_(IGNORED)
    ),
)

Taken = dict[tuple[int | None, int | None, int], int]  # masks by (advisor, room, seat)


@dataclass(frozen=True)
class RoomPlan:
    """A room that can be used. ``closed``: the mask of its closures."""

    id: int
    center_id: int
    capacity: int
    closed: int = 0


async def diaries(
    session: AsyncSession,
    advisor_ids: Iterable[int],
    window: Window,
    *,
    holder: int | None = None,
    moving: int | None = None,
    place: str = Place.ON_SITE,
) -> dict[int, Diary]:
    """The diaries of several advisors over the window; that of one who has left is empty.

    An expired hold occupies nothing; nor does the live hold of contact ``holder``, who may choose
    again, nor the appointment ``moving``, which is to be moved.
    """
    asked = {
        "ids": (ids := sorted(set(advisor_ids))),
        "now": window.now,
        "ahead": window.now + CLOCK_SLACK,
        "holder": holder,
        "moving": moving or 0,  # no id: a null would make "not in" unknown for every row
    }
    people = (await session.execute(PEOPLE, asked)).all()
    centers = {one.center_id for one in people if place == Place.ON_SITE}
    rooms = await room_plans(session, centers, window)
    taken = await _taken(session, {**asked, "rooms": [room.id for room in rooms]}, window)
    places = _room_places(rooms, taken)
    hours, away = await _hours(session, ids, window)
    limits = {one.id: _or(one.daily_limit, window.daily_limit) for one in people}
    full = await _full_days(session, limits, window, asked)
    return {
        one.id: Diary(
            hours=hours[one.id] if one.active else 0,
            away=away[one.id],
            taken=tuple(taken[(one.id, None, n)] for n in range(_or(one.capacity, 1))),
            daily_limit=limits[one.id],
            full=full[one.id],
            rooms=places.get(one.center_id),
        )
        for one in people
    }


async def room_plans(
    session: AsyncSession, center_ids: Collection[int], window: Window
) -> list[RoomPlan]:
    """The active rooms of these centers, as if nobody was in them."""
    if not center_ids:
        return []
    found = await session.execute(
        select(Room.id, Room.center_id, Room.capacity, RoomClosure.starts_at, RoomClosure.ends_at)
        .outerjoin(
            RoomClosure, and_(RoomClosure.room_id == Room.id, RoomClosure.ends_at > window.now)
        )
        .where(Room.center_id.in_(center_ids), Room.active)
        .order_by(Room.id)
    )
    plans: dict[int, RoomPlan] = {}
    for room_id, center_id, capacity, starts_at, ends_at in found:
        plan = plans.setdefault(room_id, RoomPlan(room_id, center_id, capacity))
        if starts_at is not None:
            closed = plan.closed | window.span(starts_at, ends_at)
            plans[room_id] = replace(plan, closed=closed)
    return list(plans.values())


def _room_places(rooms: list[RoomPlan], taken: Taken) -> dict[int, tuple[int, ...]]:
    """By center, when each place can be had; a center without rooms is not in it."""
    found: dict[int, tuple[int, ...]] = {}
    for room in rooms:
        used = (taken[(None, room.id, n)] for n in range(room.capacity))
        free = tuple(~(one | room.closed) for one in used)
        found[room.center_id] = found.get(room.center_id, ()) + free
    return found


async def _hours(
    session: AsyncSession, ids: list[int], window: Window
) -> tuple[dict[int, int], dict[int, int]]:
    """Masks of the hours and of the leave, by advisor."""
    weekly: dict[int, list[tuple[int, time, time]]] = defaultdict(list)
    special: dict[int, dict[date, list[Span]]] = defaultdict(lambda: defaultdict(list))
    away: dict[int, int] = defaultdict(int)
    parts = {
        "ids": ids,
        "now": window.now,
        "first": local_day(window.now),
        "last": window.last_day,
    }
    for advisor_id, weekday, day, start, end, since, until in await session.execute(RULES, parts):
        if weekday is not None:
            weekly[advisor_id].append((weekday, start, end))
        elif day is None:
            away[advisor_id] |= window.span(since, until)
        else:
            spans = special[advisor_id][day]  # made by asking: without spans the day is closed
            if start is not None:
                spans.append((start, end))
    return {one: hours_of(weekly[one], special[one], window) for one in ids}, away


async def _taken(session: AsyncSession, asked: dict[str, Any], window: Window) -> Taken:
    """What is taken; the window begins where a block does."""
    first = window.origin // BLOCK
    blocks = {"first": first, "last": first + window.size // BLOCK - 1}
    taken: Taken = defaultdict(int)
    for advisor, room, seat, block, total in await session.execute(TAKEN, {**asked, **blocks}):
        taken[(advisor, room, seat)] += total << (block - first) * BLOCK
    return taken


async def _full_days(
    session: AsyncSession, limits: dict[int, int], window: Window, asked: dict[str, Any]
) -> dict[int, int]:
    """Masks of the days on which an advisor has as many consultations as the limit allows."""
    full: dict[int, int] = defaultdict(int)
    limited = [one for one, limit in limits.items() if limit]
    if not limited:
        return full
    occupies = select(Cell.id).where(Cell.appointment_id == Appointment.id).exists()
    found = await session.execute(
        select(Appointment.advisor_id, Appointment.starts_at).where(
            Appointment.advisor_id.in_(limited),
            Appointment.starts_at >= at_local(local_day(window.now)),
            Appointment.starts_at < at_local(window.last_day + timedelta(days=1)),
            occupies,
            Appointment.id.not_in(IGNORED),
        ),
        asked,
    )
    counts: dict[tuple[int, date], int] = defaultdict(int)
    for advisor_id, starts_at in found:
        counts[(advisor_id, local_day(starts_at))] += 1
    for (advisor_id, day), count in counts.items():
        if count >= limits[advisor_id]:
            full[advisor_id] |= window.day(day)
    return full


def _or(value: int | None, default: int) -> int:
    return default if value is None else value
