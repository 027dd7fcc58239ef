"""内部备注: a note for the staff alone, with mentions; and the way from a mention to its ticket."""

from aiohttp import web

from console.visit import Visit
from escalation.service.draft import clear_draft
from escalation.service.note import note, see_mention

LONGEST = 2000


async def submit(visit: Visit) -> web.StreamResponse:
    """Keep the note."""
    text = visit.form.text("inner", most=LONGEST, missing="answering.note_missing")
    visit.form.require_good()
    actor, ticket_id, now = visit.actor, visit.id_of(), visit.now
    async with visit.writing() as session:
        await note(session, actor=actor, ticket_id=ticket_id, text=text, now=now)
        await clear_draft(session, actor=actor, ticket_id=ticket_id, field="inner", now=now)
    return visit.go("ticket", said="answering.noted", id=ticket_id)


async def open_mention(visit: Visit) -> web.StreamResponse:
    """Go to the ticket; the mention is seen."""
    async with visit.writing() as session:
        found = await see_mention(
            session, actor=visit.actor, mention_id=visit.id_of(), now=visit.now
        )
    if found is None:
        raise web.HTTPNotFound
    return visit.go("ticket", id=found.ticket_id)
