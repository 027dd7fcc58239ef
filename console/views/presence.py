"""Who else has the ticket open, and whether something came; answers in JSON."""

from aiohttp import web

from console.answering import mark
from console.visit import Visit
from core.errors import Refusal
from escalation.queries import access_ticket
from escalation.queries_reply import others_here
from escalation.service.presence import be_here


async def poll(visit: Visit) -> web.StreamResponse:
    """Say that I am here; learn who else is."""
    actor, ticket_id, now = visit.actor, visit.id_of(), visit.now
    writing = visit.form.values.get("writing") == "1"
    try:
        async with visit.desk.database.transaction() as session:
            ticket = await access_ticket(session, actor, ticket_id)
            await be_here(session, actor=actor, ticket_id=ticket_id, writing=writing, now=now)
            others = await others_here(session, ticket_id, actor.id or 0, now=now)
            newest = await mark(session, ticket)
    except Refusal as refusal:
        raise web.HTTPNotFound from refusal
    here = [{"name": name, "writing": writes} for name, writes in others]
    return web.json_response({"here": here, "mark": newest})
