"""重开: something is still open; the same ticket goes on."""

from aiohttp import web

from console.visit import Visit
from escalation.deadlines import ServiceLevels
from escalation.service.reopen import reopen

LONGEST = 1000


async def submit(visit: Visit) -> web.StreamResponse:
    """Reopen it, saying what is still open."""
    text = visit.form.text("still", most=LONGEST, missing="desk.ticket.still_missing")
    visit.form.require_good()
    async with visit.writing() as session:
        ticket = await reopen(
            session,
            actor=visit.actor,
            ticket_id=visit.id_of(),
            text=text,
            levels=ServiceLevels(visit.desk.config.escalation, visit.desk.worktime),
            now=visit.now,
        )
    return visit.go("ticket", said="desk.ticket.reopened", id=ticket.id)
