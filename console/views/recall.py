"""收回: take the ticket back from an expert who has not answered."""

from aiohttp import web

from console.visit import Visit
from escalation.service.recall import recall

LONGEST = 500


async def submit(visit: Visit) -> web.StreamResponse:
    """Take it back, with a note for the timeline."""
    note = visit.form.text("why", most=LONGEST)
    visit.form.require_good()
    async with visit.writing() as session:
        ticket = await recall(
            session, actor=visit.actor, ticket_id=visit.id_of(), note=note, now=visit.now
        )
    return visit.go("ticket", said="desk.ticket.recalled", id=ticket.id)
