"""请求补充: ask the asker for missing facts; the clock stands still until they reply."""

from aiohttp import web

from console.visit import Visit
from escalation.service.ask_back import ask_back
from escalation.service.draft import clear_draft

LONGEST = 1000


async def submit(visit: Visit) -> web.StreamResponse:
    """Send the question."""
    text = visit.form.text("facts", most=LONGEST, missing="desk.ticket.facts_missing")
    visit.form.require_good()
    async with visit.writing() as session:
        ticket = await ask_back(
            session, actor=visit.actor, ticket_id=visit.id_of(), text=text, now=visit.now
        )
        await clear_draft(
            session, actor=visit.actor, ticket_id=ticket.id, field="facts", now=visit.now
        )
    return visit.go("ticket", said="desk.ticket.asked_back", id=ticket.id)
