"""接受: the expert will answer."""

from aiohttp import web

from console.visit import Visit
from escalation.service.expert import accept


async def submit(visit: Visit) -> web.StreamResponse:
    """Accept the ticket."""
    async with visit.writing() as session:
        ticket = await accept(session, actor=visit.actor, ticket_id=visit.id_of(), now=visit.now)
    return visit.go("ticket", said="desk.ticket.expert_accepted", id=ticket.id)
