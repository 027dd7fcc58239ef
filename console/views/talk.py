"""人工对话 at the ticket: take over, say, hand back, and the conversation as it stands."""

from aiohttp import web

from console.answering import bubble
from console.visit import Visit
from escalation.lifecycle import Party, party_of
from escalation.queries import UnknownTicket, access_ticket
from escalation.queries_reply import conversation, talk_of
from escalation.service.draft import clear_draft
from escalation.service.talk import hand_back, say_to_asker, take_over

LONGEST = 2000


async def begin(visit: Visit) -> web.StreamResponse:
    """接管."""
    async with visit.writing() as session:
        ticket = await take_over(session, actor=visit.actor, ticket_id=visit.id_of(), now=visit.now)
    return visit.go("ticket", said="answering.taken_over", id=ticket.id)


async def say(visit: Visit) -> web.StreamResponse:
    """Say something in the asker's chat."""
    text = visit.form.text("say", most=LONGEST, missing="answering.say_missing")
    visit.form.require_good()
    actor, ticket_id, now = visit.actor, visit.id_of(), visit.now
    async with visit.writing() as session:
        await say_to_asker(session, actor=actor, ticket_id=ticket_id, text=text, now=now)
        await clear_draft(session, actor=actor, ticket_id=ticket_id, field="say", now=now)
    return visit.go("ticket", said="answering.said", id=ticket_id)


async def end(visit: Visit) -> web.StreamResponse:
    """结束人工."""
    async with visit.writing() as session:
        ticket = await hand_back(session, actor=visit.actor, ticket_id=visit.id_of(), now=visit.now)
    return visit.go("ticket", said="answering.handed_back", id=ticket.id)


async def show(visit: Visit) -> web.StreamResponse:
    """The conversation alone, for a page that is open."""
    async with visit.reading() as session:
        ticket = await access_ticket(session, visit.actor, visit.id_of())
        if party_of(visit.actor, ticket) is not Party.STAFF:
            raise UnknownTicket
        talk = await talk_of(session, ticket, now=visit.now)
        lines = await conversation(session, ticket, actor=visit.actor, talk=talk)
    return visit.render("_ticket_lines.html", t=ticket, lines=lines, talk=talk, bubble=bubble)
