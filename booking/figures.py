"""What each agency of a center did in a month. Every agency is listed, by name, none left out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Status
from booking.model_desk import IncentiveWeights
from booking.model_life import Request, Share
from booking.queries import UnknownAppointment, month_figures, rotation
from core.clock import local_day
from core.worktime import Worktime
from directory.actor import Actor
from directory.model import Advisor, Agency
from directory.queries import advisors_of
from ledger.queries import month_bounds

NOT_KEPT = ("offered", Status.CANCELLED, Status.LAPSED, "refused")


@dataclass(frozen=True)
class Response:
    """How soon an agency answered requests. minutes: mean, of working time."""

    asked: int
    in_time: int
    minutes: int


@dataclass(frozen=True)
class AgencyMonth:
    """One agency. rating: the mean of ``ratings`` in tenths of a star; None without any.

    points: by the center's own weights; None where it has set none.
    """

    agency: Agency
    offered: int
    booked: int
    attended: int
    no_show: int
    cancelled: int
    ratings: int = 0
    rating: int | None = None
    response: Response | None = None
    points: int | None = None


@dataclass(frozen=True)
class Turn:
    """An agency in the order of the rotation, and its part of a month's offers."""

    agency: Agency
    rotated: int
    chosen: int
    booked: int


async def agency_months(
    session: AsyncSession, actor: Actor, *, center_id: int, month: str, worktime: Worktime
) -> list[AgencyMonth]:
    """The figures of every agency of a center. Raises UnknownAppointment (a foreign center)."""
    if not actor.may_see_center(center_id):
        raise UnknownAppointment
    figures = await month_figures(session, month, center_id)
    agencies = await _agencies(session, center_id, {agency for _, agency in figures})
    ratings = await _ratings(session, center_id, month)
    responses = await _responses(session, center_id, month, worktime)
    weights = await weights_of(session, center_id)
    found = []
    for agency in agencies:
        numbers = figures.get((center_id, agency.id), {})
        stars, count = ratings.get(agency.id, (0, 0))
        one = AgencyMonth(
            agency=agency,
            offered=numbers.get("offered", 0),
            booked=sum(n for status, n in numbers.items() if status not in NOT_KEPT),
            attended=numbers.get(Status.ATTENDED, 0),
            no_show=numbers.get(Status.NO_SHOW, 0),
            cancelled=numbers.get(Status.CANCELLED, 0),
            ratings=count,
            rating=_rounded(Fraction(10 * stars, count)) if count else None,
            response=responses.get(agency.id),
        )
        found.append(one if weights is None else _weighed(one, weights))
    return found


async def turns(
    session: AsyncSession, *, center_id: int, shares: Sequence[Share], now: datetime
) -> list[Turn]:
    """Every agency of the center, the one whose turn is next first; with its part of ``shares``."""
    agencies = await _agencies(session, center_id, {share.agency_id for share in shares})
    active = {agency.id for _, agency in await advisors_of(session, center_id)}
    order = await rotation(session, center_id, active, now)
    found = [
        Turn(
            agency=agency,
            rotated=sum(s.rotated and s.agency_id == agency.id for s in shares),
            chosen=sum(not s.rotated and s.agency_id == agency.id for s in shares),
            booked=sum(s.booked_at is not None and s.agency_id == agency.id for s in shares),
        )
        for agency in agencies
    ]
    places = {agency_id: place for place, agency_id in enumerate(order)}
    return sorted(found, key=lambda turn: places.get(turn.agency.id, len(places)))


async def weights_of(session: AsyncSession, center_id: int) -> IncentiveWeights | None:
    """The center's weights, if its director has set any."""
    return await session.scalar(
        select(IncentiveWeights).where(IncentiveWeights.center_id == center_id)
    )


def worked_minutes(worktime: Worktime, start: datetime, end: datetime) -> int:
    """The minutes of working time between two instants."""
    total, day = timedelta(), local_day(start)
    while day <= local_day(end):
        for opening, closing in worktime.spans_on(day):
            total += max(min(closing, end) - max(opening, start), timedelta())
        day += timedelta(days=1)
    return int(total.total_seconds() // 60)


def _weighed(one: AgencyMonth, weights: IncentiveWeights) -> AgencyMonth:
    """The points: attended and missed ones each, the mean rating, and answers in time."""
    points = Fraction(weights.attended * one.attended - weights.no_show * one.no_show)
    points += Fraction(weights.rating * (one.rating or 0), 10)
    if one.response is not None and one.response.asked:
        points += Fraction(weights.prompt * one.response.in_time, one.response.asked)
    return AgencyMonth(**{**vars(one), "points": _rounded(points)})


def _rounded(number: Fraction) -> int:
    """Half up, as people do it."""
    return (number + Fraction(1, 2)).__floor__()


async def _agencies(session: AsyncSession, center_id: int, more: set[int]) -> Sequence[Agency]:
    """Those with advisors in the center, and ``more`` that had figures; by name."""
    here = select(Advisor.agency_id).where(Advisor.center_id == center_id, Advisor.active)
    found = await session.scalars(
        select(Agency).where(Agency.id.in_(here) | Agency.id.in_(more)).order_by(Agency.name)
    )
    return found.all()


async def _ratings(session: AsyncSession, center_id: int, month: str) -> dict[int, tuple[int, int]]:
    """By agency: the sum of the stars, and of how many."""
    start, end = month_bounds(month)
    found = await session.execute(
        select(Appointment.agency_id, func.sum(Appointment.rating), func.count())
        .where(
            Appointment.center_id == center_id,
            Appointment.starts_at >= start,
            Appointment.starts_at < end,
            Appointment.rating.is_not(None),
        )
        .group_by(Appointment.agency_id)
    )
    return {agency_id: (int(stars or 0), count) for agency_id, stars, count in found}


async def _responses(
    session: AsyncSession, center_id: int, month: str, worktime: Worktime
) -> dict[int, Response]:
    """By agency: the requests of the month that were answered, or whose time is over."""
    start, end = month_bounds(month)
    rows = await session.execute(
        select(Request.agency_id, Request.asked_at, Request.due_at, Request.answered_at)
        .join(Appointment, Appointment.id == Request.appointment_id)
        .where(
            Appointment.center_id == center_id,
            Request.asked_at >= start,
            Request.asked_at < end,
            Request.answered_at.is_not(None),
        )
    )
    taken: dict[int, list[tuple[int, bool]]] = {}
    for agency_id, asked, due, answered in rows:
        assert answered is not None  # as asked for
        minutes = worked_minutes(worktime, asked, answered)
        taken.setdefault(agency_id, []).append((minutes, answered <= due))
    return {
        agency_id: Response(
            asked=len(found),
            in_time=sum(good for _, good in found),
            minutes=_rounded(Fraction(sum(minutes for minutes, _ in found), len(found))),
        )
        for agency_id, found in taken.items()
    }
