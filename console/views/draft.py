"""The draft of a box, kept while it is typed; answers in JSON."""

from datetime import datetime

from aiohttp import web

from console.visit import Visit
from core.clock import local
from core.errors import Refusal
from escalation.service.draft import save_draft


async def save(visit: Visit) -> web.StreamResponse:
    """Keep it; ``saved`` is the time of day, or null when it was sent meanwhile."""
    values = visit.form.values
    try:
        opened = datetime.fromisoformat(values.get("opened", ""))
    except ValueError as error:
        raise web.HTTPBadRequest from error
    if opened.tzinfo is None:
        raise web.HTTPBadRequest
    try:
        async with visit.desk.database.transaction() as session:
            kept = await save_draft(
                session,
                actor=visit.actor,
                ticket_id=visit.id_of(),
                field=values.get("field", ""),
                text=values.get("text", ""),
                opened_at=opened,
                now=visit.now,
            )
    except Refusal as refusal:
        raise web.HTTPNotFound from refusal
    return web.json_response({"saved": f"{local(visit.now):%H:%M}" if kept else None})
