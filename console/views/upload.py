"""The asker's one-time page to add a file to a ticket."""

from aiohttp import web

from console.doorless import shut
from console.downloads import received
from console.visit import Visit
from core.errors import Refusal
from directory.actor import Actor
from escalation.filekind import KINDS
from escalation.model import Ticket
from escalation.model_reply import Purpose, TicketLink
from escalation.service.attach import attach
from escalation.service.link import Opening, look, use_up
from escalation.telling import tell_asker


class LinkUsed(Refusal):
    """Two at once; the other one was first."""


async def show(visit: Visit) -> web.StreamResponse:
    """The form, or why there is none."""
    link, outcome = await _link(visit)
    if link is None or outcome is not Opening.CLOSED:
        return shut(visit, Purpose.UPLOAD, outcome)
    async with visit.reading() as session:
        ticket = await session.get_one(Ticket, link.ticket_id)
    return visit.render(
        "upload.html",
        number=ticket.number,
        token=visit.request.match_info["token"],
        kinds=KINDS,
        most=visit.desk.config.attachments.largest_mb,
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Keep the file; the link is used up with it, and only with it."""
    link, outcome = await _link(visit)
    if link is None or outcome is not Opening.CLOSED:
        return shut(visit, Purpose.UPLOAD, outcome)
    upload = await received(visit)
    try:
        async with visit.writing() as session:
            if not await use_up(session, link, now=visit.now):
                raise LinkUsed
            ticket = await session.get_one(Ticket, link.ticket_id)
            asker = Actor(kind="asker", id=ticket.contact_id, name=ticket.person_name or "")
            row = await attach(
                session,
                actor=asker,
                ticket_id=ticket.id,
                upload=upload,
                now=visit.now,
                link_id=link.id,
            )
            await tell_asker(session, ticket, "files.received", now=visit.now, name=row.name)
    except LinkUsed:
        return shut(visit, Purpose.UPLOAD, Opening.USED)
    return visit.render("upload_done.html", number=ticket.number, name=row.name)


async def _link(visit: Visit) -> tuple[TicketLink | None, Opening]:
    async with visit.reading() as session:
        return await look(
            session,
            secret_key=visit.desk.config.security.secret_key,
            token=visit.request.match_info["token"],
            purpose=Purpose.UPLOAD,
            now=visit.now,
        )
