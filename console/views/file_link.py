"""A one-time download by a link: a page with a button, so that no preview robot uses it up."""

from aiohttp import web

from console.doorless import knock, shut
from console.downloads import file_response
from console.visit import Visit
from directory.actor import SYSTEM, Actor
from escalation.model import Ticket
from escalation.model_reply import Attachment, Purpose, TicketLink
from escalation.queries import UnknownTicket
from escalation.service.attach import take_out
from escalation.service.link import Opening, use_up


async def show(visit: Visit) -> web.StreamResponse:
    """The button, or why there is none."""
    _, outcome = await knock(visit, Purpose.FILE)
    return shut(visit, Purpose.FILE, outcome)


async def submit(visit: Visit) -> web.StreamResponse:
    """The file, once."""
    link, outcome = await knock(visit, Purpose.FILE, bind=True)
    if link is None or outcome is not Opening.OPENED:
        return shut(visit, Purpose.FILE, outcome)
    return await hand_out(visit, link)


async def hand_out(visit: Visit, link: TicketLink) -> web.StreamResponse:
    """Use the link up and give the file; refused when the matter went elsewhere meanwhile."""
    async with visit.writing() as session:
        ticket = await session.get_one(Ticket, link.ticket_id)
        if link.expert_id is not None and link.expert_id != ticket.expert_id:
            raise web.HTTPNotFound from UnknownTicket()
        row: Attachment | None = None
        if link.attachment_id is not None and await use_up(session, link, now=visit.now):
            row = await take_out(
                session,
                actor=_receiver(link, ticket),
                attachment_id=link.attachment_id,
                now=visit.now,
                link_id=link.id,
            )
    if row is None:
        return shut(visit, Purpose.FILE, Opening.USED)
    return await file_response(visit, row)


def _receiver(link: TicketLink, ticket: Ticket) -> Actor:
    if link.expert_id is not None:
        return Actor(kind="expert", name="expert", expert_id=link.expert_id)
    if ticket.contact_id is not None:
        return Actor(kind="asker", id=ticket.contact_id, name="asker")
    return SYSTEM
