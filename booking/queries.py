"""Reads over bookings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.diaries import diaries as diaries  # noqa: PLC0414 (one of the reads)
from booking.model import Appointment, Share, Status
from core.clock import at_local
from core.errors import Refusal
from directory.actor import Actor
from directory.model import Advisor, Agency, Center
from directory.queries import advisors_of, conflicted_agencies
from ledger.queries import month_bounds

ROTATION_WINDOW = timedelta(days=30)
AROUND = timedelta(days=1)


class UnknownAppointment(Refusal):
    """There is none, or it is not this actor's business; which of the two is not told."""

    key = "booking.unknown_appointment"


@dataclass(frozen=True)
class Sheet:
    """An appointment with the names that people need to see."""

    appointment: Appointment
    advisor: Advisor
    agency: Agency
    center: Center


async def access_appointment(
    session: AsyncSession, actor: Actor, appointment_id: int
) -> Appointment:
    """The appointment, for the person who booked it, its advisor, its center's staff, the province.

    Raises UnknownAppointment.
    """
    found = await session.get(Appointment, appointment_id, populate_existing=True)
    if found is None or not may_see(actor, found):
        raise UnknownAppointment
    return found


async def by_code(session: AsyncSession, actor: Actor, code: str) -> Appointment:
    """The appointment with that code, as a person reads it out. Raises UnknownAppointment."""
    found = await session.scalar(
        select(Appointment).where(Appointment.code == "".join(code.split()).upper())
    )
    if found is None or not may_see(actor, found):
        raise UnknownAppointment
    return found


def may_see(actor: Actor, appointment: Appointment) -> bool:
    """Whether the appointment is this actor's business."""
    if actor.kind == "system":
        return True
    if actor.kind != "desk":
        return actor.id is not None and actor.id == appointment.contact_id
    own = actor.advisor_id is not None and actor.advisor_id == appointment.advisor_id
    return own or actor.may_see_center(appointment.center_id)


async def sheet(session: AsyncSession, appointment: Appointment) -> Sheet:
    """The names that belong to an appointment already accessed."""
    return (await sheets(session, Appointment.id == appointment.id))[0]


def unsealed(actor: Actor, one: Sheet) -> Sheet:
    """The sheet as this actor may read it."""
    return one


async def mine(session: AsyncSession, contact_id: int, now: datetime) -> list[Sheet]:
    """A person's appointments still to come or under way, soonest first."""
    found = await sheets(
        session,
        Appointment.contact_id == contact_id,
        Appointment.status == Status.BOOKED,
        Appointment.starts_at > now - AROUND,
    )
    return [one for one in found if one.appointment.ends_at > now]


async def advisor_day(
    session: AsyncSession, actor: Actor, advisor_id: int, day: date
) -> list[Sheet]:
    """An advisor's appointments of a day. Raises UnknownAppointment for a foreign diary."""
    advisor = await session.get(Advisor, advisor_id)
    own = actor.advisor_id is not None and actor.advisor_id == advisor_id
    if advisor is None or not (own or actor.may_see_center(advisor.center_id)):
        raise UnknownAppointment
    return await sheets(session, Appointment.advisor_id == advisor_id, *_arranged_on(day))


async def day_of_center(
    session: AsyncSession, actor: Actor, center_id: int, day: date
) -> list[Sheet]:
    """All appointments of a center's day. Raises UnknownAppointment for a foreign center."""
    if not actor.may_see_center(center_id):
        raise UnknownAppointment
    return await sheets(session, Appointment.center_id == center_id, *_arranged_on(day))


async def last_booked(session: AsyncSession, contact_id: int) -> Appointment | None:
    """The person's latest confirmed appointment, whose details can be used again."""
    return await session.scalar(
        select(Appointment)
        .where(Appointment.contact_id == contact_id, Appointment.arranged_at.is_not(None))
        .order_by(Appointment.id.desc())
        .limit(1)
    )


async def open_count(
    session: AsyncSession, now: datetime, *, contact_id: int | None, enterprise_id: int | None
) -> int:
    """Appointments still to come of the person, or of the enterprise where that is more."""
    most = 0
    for column, value in (
        (Appointment.contact_id, contact_id),
        (Appointment.enterprise_id, enterprise_id),
    ):
        if value is not None:
            count = await session.scalar(
                select(func.count()).where(
                    column == value,
                    Appointment.status == Status.BOOKED,
                    Appointment.starts_at > now,
                )
            )
            most = max(most, count or 0)
    return most


async def candidates(
    session: AsyncSession,
    *,
    center_id: int,
    now: datetime,
    area: str | None = None,
    agency_id: int | None = None,
    enterprise_id: int | None = None,
) -> list[tuple[Advisor, Agency]]:
    """Advisors whom the person could be offered, those of the agency next in rotation first.

    Agencies with a conflict of interest with the enterprise are left out.
    """
    conflicted = await conflicted_agencies(session, enterprise_id)
    found = [
        (advisor, agency)
        for advisor, agency in await advisors_of(session, center_id)
        if (area is None or area in advisor.areas)
        and agency_id in (None, agency.id)
        and agency.id not in conflicted
    ]
    order = await rotation(session, center_id, {agency.id for _, agency in found}, now)
    return sorted(found, key=lambda pair: (order.index(pair[1].id), pair[0].id))


async def rotation(
    session: AsyncSession, center_id: int, agency_ids: Collection[int], now: datetime
) -> list[int]:
    """The agencies in the order in which the next 'any agency' booking falls to them.

    Fewest offers by rotation in the last 30 days first, then the one whose last offer is oldest.
    The window keeps a newcomer from getting everything until it has caught up with years.
    """
    log = await session.execute(
        select(Share.agency_id, func.count(), func.max(Share.offered_at))
        .where(
            Share.center_id == center_id,
            Share.rotated,
            ~Share.lapsed,
            Share.offered_at > now - ROTATION_WINDOW,
        )
        .group_by(Share.agency_id)
    )
    offers = {agency_id: (count, last.timestamp()) for agency_id, count, last in log}
    return sorted(agency_ids, key=lambda agency_id: (*offers.get(agency_id, (0, 0.0)), agency_id))


async def share_log(session: AsyncSession, center_id: int, month: str) -> Sequence[Share]:
    """The share log of a center's month, newest first; every agency of the center may read it."""
    start, end = month_bounds(month)
    return (
        await session.scalars(
            select(Share)
            .where(Share.center_id == center_id, Share.offered_at >= start, Share.offered_at < end)
            .order_by(Share.id.desc())
        )
    ).all()


async def month_figures(
    session: AsyncSession, month: str, center_id: int | None = None
) -> dict[tuple[int, int], dict[str, int]]:
    """Appointments of a month by (center, agency) and status; ``offered`` by the share log."""
    start, end = month_bounds(month)
    by_status = (
        select(Appointment.center_id, Appointment.agency_id, Appointment.status, func.count())
        .where(
            Appointment.starts_at >= start,
            Appointment.starts_at < end,
            Appointment.arranged_at.is_not(None),
        )
        .group_by(Appointment.center_id, Appointment.agency_id, Appointment.status)
    )
    offered = (
        select(Share.center_id, Share.agency_id, func.count())
        .where(Share.offered_at >= start, Share.offered_at < end)
        .group_by(Share.center_id, Share.agency_id)
    )
    figures: dict[tuple[int, int], dict[str, int]] = {}
    for center, agency, status, count in await session.execute(by_status):
        figures.setdefault((center, agency), {})[str(status)] = count
    for center, agency, count in await session.execute(offered):
        figures.setdefault((center, agency), {})["offered"] = count
    return {key: row for key, row in figures.items() if center_id in (None, key[0])}


def _arranged_on(day: date) -> tuple[Any, ...]:
    start = at_local(day)
    return (
        Appointment.starts_at >= start,
        Appointment.starts_at < start + timedelta(days=1),
        Appointment.arranged_at.is_not(None),
    )


async def sheets(session: AsyncSession, *conditions: Any) -> list[Sheet]:
    """Appointments that meet the conditions, soonest first; access is the caller's to check."""
    rows = await session.execute(
        select(Appointment, Advisor, Agency, Center)
        .join(Advisor, Advisor.id == Appointment.advisor_id)
        .join(Agency, Agency.id == Appointment.agency_id)
        .join(Center, Center.id == Appointment.center_id)
        .where(*conditions)
        .order_by(Appointment.starts_at, Appointment.id)
    )
    return [Sheet(*row) for row in rows]
