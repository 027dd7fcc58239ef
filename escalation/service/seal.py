"""保密: a ticket's words are encrypted; whoever opens them is written down."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from core.masking import masked
from directory.actor import Actor
from escalation.lifecycle import NotYours, Party, move, party_of, write_event
from escalation.model import Ticket, TicketEvent
from escalation.queries import access_ticket, identity_of
from escalation.sealing import open_words, placeholder, seal_words
from escalation.telling import tell_asker
from knowledge.service.gaps import forget_chat


class AlreadySealed(Refusal):
    key = "ticketlife.already_sealed"


class NotConfidential(Refusal):
    key = "ticketlife.not_confidential"


@dataclass(frozen=True)
class OpenedLine:
    """The words of one line of the timeline."""

    kind: str
    at: datetime
    text: str
    note: str


@dataclass(frozen=True)
class Opened:
    """The words of a confidential ticket, for one reading."""

    question: str
    bot_question: str
    lines: tuple[OpenedLine, ...]


async def seal(session: AsyncSession, *, actor: Actor, ticket_id: int, now: datetime) -> Ticket:
    """Make the ticket confidential for good, and forget what its chat asked the bot before.

    Raises UnknownTicket, AlreadySealed, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if ticket.confidential:
        raise AlreadySealed(number=ticket.number)
    words = {
        "question": ticket.question,
        "bot_question": ticket.bot_question or "",
        "rating_reason": ticket.rating_reason or "",
    }
    events = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)
    for event in await session.scalars(events):
        event.sealed = seal_words(session, text=event.text, note=event.note)
        event.text = event.note = ""
    await move(
        session,
        ticket,
        "seal",
        actor=actor,
        now=now,
        changes={
            "confidential": True,
            "sealed": seal_words(session, **words),
            "question": placeholder(),
            "bot_question": None,
            "rating_reason": None,
        },
    )
    if ticket.chat is not None:
        await forget_chat(session, f"{ticket.channel}:{ticket.chat}")
    await tell_asker(session, ticket, "ticketlife.sealed", now=now)
    return ticket


async def open_sealed(
    session: AsyncSession, *, actor: Actor, ticket_id: int, now: datetime
) -> Opened:
    """The words, for the center's staff and the expert it is with; the opening is written down.

    The expert reads them without anything that tells who asks.
    Raises UnknownTicket, NotYours, NotConfidential, WrongKey.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    party = party_of(actor, ticket)
    if party not in (Party.STAFF, Party.EXPERT):
        raise NotYours
    if not ticket.confidential:
        raise NotConfidential(number=ticket.number)
    hide = await identity_of(session, ticket) if party is Party.EXPERT else []
    words = open_words(session, ticket.sealed)
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    lines = []
    for event in await session.scalars(query):
        said = open_words(session, event.sealed)
        note = said.get("note", "") if party is Party.STAFF else ""
        if (event.visible_to_asker or party is Party.STAFF) and (said.get("text") or note):
            text = masked(said.get("text", ""), hide)
            lines.append(OpenedLine(event.kind, event.at, text, note))
    write_event(session, ticket, "opened_sealed", actor=actor, party=party, now=now, shown=False)
    await session.flush()
    return Opened(
        masked(words.get("question", ticket.question), hide),
        masked(words.get("bot_question", ""), hide),
        tuple(lines),
    )
