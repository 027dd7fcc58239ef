"""The card of an enterprise: what it asked, booked and was served with."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment
from booking.model import Status as Booked
from console.visit import Visit
from directory.enterprises import NoSuchEnterprise, access_enterprise, liaisons_of
from directory.queries import center_by_id
from escalation.enterprise import ticket_figures, tickets_of_enterprise
from ledger.catalogue import Service, services
from ledger.model import ServiceCount

BOOKINGS = 12
_MADE = (Booked.BOOKED, Booked.ATTENDED, Booked.NO_SHOW, Booked.CANCELLED)


async def show(visit: Visit) -> web.StreamResponse:
    """Its own center's people and the province see it."""
    async with visit.reading() as session:
        try:
            one = await access_enterprise(session, visit.actor, visit.id_of())
        except NoSuchEnterprise as unknown:
            raise web.HTTPNotFound from unknown
        every, waiting = await ticket_figures(session, visit.actor, one.id)
        return visit.render(
            "enterprise.html",
            e=one,
            center=await center_by_id(session, one.center_id),
            liaisons=await liaisons_of(session, one),
            tickets=await tickets_of_enterprise(session, visit.actor, one.id),
            every=every,
            waiting=waiting,
            bookings=await _bookings(session, one.id, one.center_id),
            figures=await _figures(session, one.id, one.center_id),
        )


async def _bookings(
    session: AsyncSession, enterprise_id: int, center_id: int
) -> Sequence[Appointment]:
    """The latest of its own center; what another center arranged is not this one's to see."""
    query = select(Appointment).where(
        Appointment.enterprise_id == enterprise_id,
        Appointment.center_id == center_id,
        Appointment.status.in_(_MADE),
    )
    return (
        await session.scalars(query.order_by(Appointment.starts_at.desc()).limit(BOOKINGS))
    ).all()


async def _figures(
    session: AsyncSession, enterprise_id: int, center_id: int
) -> list[tuple[Service, int]]:
    """What stands in the ledger, by code."""
    found = await session.execute(
        select(ServiceCount.code, func.sum(ServiceCount.quantity))
        .where(ServiceCount.enterprise_id == enterprise_id, ServiceCount.center_id == center_id)
        .group_by(ServiceCount.code)
    )
    sums = {code: int(total) for code, total in found}
    return [(service, sums[code]) for code, service in services().items() if sums.get(code)]
