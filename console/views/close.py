"""办结: the matter is done and counts."""

from aiohttp import web

from console.visit import Visit
from escalation.deadlines import ServiceLevels
from escalation.service.close import close


async def submit(visit: Visit) -> web.StreamResponse:
    """Close the ticket."""
    async with visit.writing() as session:
        ticket = await close(
            session,
            actor=visit.actor,
            ticket_id=visit.id_of(),
            levels=ServiceLevels(visit.desk.config.escalation, visit.desk.worktime),
            now=visit.now,
        )
    return visit.go("ticket", said="desk.ticket.closed", id=ticket.id)
