"""Links to pages of a ticket, made and sent: the expert's page, one-time files, the upload page."""

from datetime import datetime, timedelta

from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.config import Config
from core.database import insert_or_ignore
from core.errors import Refusal
from core.jobs import JobFunction
from core.messages import Message
from core.security import fingerprint, new_token, sign
from directory.actor import Actor
from directory.model import Contact
from escalation.lifecycle import NotYours, Party, party_of
from escalation.model import Status, Ticket, TicketEvent
from escalation.model_reply import Attachment, Purpose, TicketLink
from escalation.queries import access_ticket
from escalation.service.attach import UnknownFile
from escalation.service.link import SIGNED_FOR, make_link
from escalation.service.talk import NoChat
from escalation.telling import tell_asker, tell_expert, when

AFTER_DUE = timedelta(days=1)
AT_ONCE = 50
_PATHS = {Purpose.EXPERT: "x", Purpose.FILE: "f", Purpose.UPLOAD: "u"}


class NotWithExpert(Refusal):
    key = "files.not_with_expert"


def address(config: Config, purpose: Purpose, token: str) -> str:
    """Where a link leads, as people reach it."""
    return f"{config.server.public_url.rstrip('/')}/desk/{_PATHS[purpose]}/{token}"


async def upload_link(
    session: AsyncSession, ticket: Ticket, config: Config, *, now: datetime
) -> str:
    """A one-time page for the asker of a ticket already accessed."""
    token = await make_link(
        session,
        secret_key=config.security.secret_key,
        purpose=Purpose.UPLOAD,
        ticket_id=ticket.id,
        expires_at=now + timedelta(hours=config.attachments.upload_hours),
        now=now,
    )
    return address(config, Purpose.UPLOAD, token)


async def send_file(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    attachment_id: int,
    to_expert: bool,
    config: Config,
    now: datetime,
) -> str:
    """A one-time download for the expert or the asker, sent to their chats; its address.

    Raises UnknownTicket, NotYours, UnknownFile, NotWithExpert, NoChat.
    """
    ticket, row = await _file_to_send(session, actor, ticket_id, attachment_id, to_expert)
    expires = now + timedelta(hours=config.attachments.link_hours)
    token = await make_link(
        session,
        secret_key=config.security.secret_key,
        purpose=Purpose.FILE,
        ticket_id=ticket.id,
        expires_at=expires,
        now=now,
        expert_id=ticket.expert_id if to_expert else None,
        attachment_id=row.id,
    )
    url = address(config, Purpose.FILE, token)
    params = {"number": ticket.number, "kind": row.kind, "url": url, "until": when(expires)}
    if to_expert and ticket.expert_id is not None:
        await tell_expert(session, ticket.expert_id, Message("files.for_expert", params), now=now)
    else:
        until = params["until"]
        await tell_asker(
            session, ticket, "files.for_asker", now=now, kind=row.kind, url=url, until=until
        )
    return url


async def _file_to_send(
    session: AsyncSession, actor: Actor, ticket_id: int, attachment_id: int, to_expert: bool
) -> tuple[Ticket, Attachment]:
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if party_of(actor, ticket) is not Party.STAFF:
        raise NotYours
    row = await session.get(Attachment, attachment_id)
    if row is None or row.ticket_id != ticket.id:
        raise UnknownFile
    if to_expert and (ticket.status != Status.WITH_EXPERT or ticket.expert_id is None):
        raise NotWithExpert(number=ticket.number)
    if not to_expert and ticket.chat is None:
        raise NoChat(number=ticket.number)
    return ticket, row


async def expert_page(
    session: AsyncSession, *, actor: Actor, ticket_id: int, config: Config, now: datetime
) -> str:
    """A fresh link to the expert's page, for staff to hand on. The one before still works.

    Raises UnknownTicket, NotYours, NotWithExpert.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if party_of(actor, ticket) is not Party.STAFF:
        raise NotYours
    if ticket.status != Status.WITH_EXPERT or ticket.expert_id is None:
        raise NotWithExpert(number=ticket.number)
    token = await make_link(
        session,
        secret_key=config.security.secret_key,
        purpose=Purpose.EXPERT,
        ticket_id=ticket.id,
        expert_id=ticket.expert_id,
        expires_at=_until(ticket, now),
        now=now,
    )
    return address(config, Purpose.EXPERT, token)


def expert_pages(config: Config) -> JobFunction:
    """Job: after the card an expert gets the link to the page, once each time it is passed on."""

    async def send(session: AsyncSession, now: datetime) -> None:
        for ticket, event_id in await _not_sent(session):
            await _send_page(session, ticket, event_id, config, now)

    return send


async def _send_page(
    session: AsyncSession, ticket: Ticket, event_id: int, config: Config, now: datetime
) -> None:
    assert ticket.expert_id is not None
    token = sign(config.security.secret_key, SIGNED_FOR, new_token())
    until = _until(ticket, now)
    won = await insert_or_ignore(
        session,
        TicketLink,
        fingerprint=fingerprint(token),
        purpose=Purpose.EXPERT,
        ticket_id=ticket.id,
        expert_id=ticket.expert_id,
        for_event=event_id,
        created_at=now,
        expires_at=until,
    )
    if won:
        url = address(config, Purpose.EXPERT, token)
        params = {"number": ticket.number, "url": url, "until": when(until)}
        await tell_expert(session, ticket.expert_id, Message("files.expert_page", params), now=now)


async def _not_sent(session: AsyncSession) -> list[tuple[Ticket, int]]:
    """Tickets with an expert who has a chat, and the passing-on nobody sent a link for."""
    newest = (
        select(func.max(TicketEvent.id))
        .where(TicketEvent.ticket_id == Ticket.id, TicketEvent.kind == "pass_on")
        .correlate(Ticket)
        .scalar_subquery()
    )
    found = await session.execute(
        select(Ticket, newest)
        .where(
            Ticket.status == Status.WITH_EXPERT,
            Ticket.expert_id.is_not(None),
            ~exists().where(TicketLink.for_event == newest),
            exists().where(Contact.expert_id == Ticket.expert_id),
        )
        .order_by(Ticket.id)
        .limit(AT_ONCE)
    )
    return [(ticket, event_id) for ticket, event_id in found if event_id is not None]


def _until(ticket: Ticket, now: datetime) -> datetime:
    return max(ticket.expert_due_at or now, now) + AFTER_DUE
