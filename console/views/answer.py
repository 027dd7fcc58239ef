"""答复: the center's own answer, or the expert's; it goes to the asker's chat."""

from aiohttp import web

from console.visit import Visit
from directory.model import Role
from escalation.service.answer import answer
from escalation.service.draft import clear_draft
from escalation.service.expert import answer as answer_as_expert

LONGEST = 4000


async def submit(visit: Visit) -> web.StreamResponse:
    """Send the answer."""
    text = visit.form.text("answer", most=LONGEST, missing="desk.ticket.answer_missing")
    visit.form.require_good()
    send = answer_as_expert if visit.actor.role == Role.EXPERT else answer
    async with visit.writing() as session:
        ticket = await send(
            session, actor=visit.actor, ticket_id=visit.id_of(), text=text, now=visit.now
        )
        await clear_draft(
            session, actor=visit.actor, ticket_id=ticket.id, field="answer", now=visit.now
        )
    return visit.go("ticket", said="desk.ticket.answered", id=ticket.id)
