"""保密: a ticket's words are encrypted; whoever opens them is written down."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from core.markdown import to_plain
from core.masking import masked
from directory.actor import Actor
from escalation.lifecycle import NotYours, Party, move, party_of, write_opening
from escalation.model import Ticket, TicketEvent
from escalation.model_reply import Side, TicketMessage
from escalation.model_search import SearchRow
from escalation.queries import Line, access_ticket, identity_of
from escalation.queries_reply import talk_of
from escalation.sealing import open_words, placeholder, seal_rows, seal_words, text_of
from escalation.telling import tell_asker
from knowledge.service.gaps import forget_chat


class AlreadySealed(Refusal):
    key = "ticketlife.already_sealed"


class NotConfidential(Refusal):
    key = "ticketlife.not_confidential"


@dataclass(frozen=True)
class Opened:
    """The words of a confidential ticket, for one reading. lines: of its past and its talk."""

    question: str
    bot_question: str
    lines: tuple[Line, ...]


async def seal(session: AsyncSession, *, actor: Actor, ticket_id: int, now: datetime) -> Ticket:
    """Make the ticket confidential for good, and forget what its chat asked the bot before.

    Whoever talks with the asker meanwhile goes on reading, which is an opening.
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
    await seal_rows(session, Ticket.id == ticket.id)
    await session.execute(delete(SearchRow).where(SearchRow.ticket_id == ticket.id))
    talk = await talk_of(session, ticket, now=now)
    if talk is not None:
        talker = Actor(kind="desk", id=talk.account_id, name=talk.by)
        write_opening(session, ticket, actor=talker, party=Party.STAFF, now=now)
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
    lines = await _past(session, ticket, party, hide)
    if party is Party.STAFF:
        lines = sorted([*lines, *await _talk(session, ticket)], key=lambda line: line.at)
    write_opening(session, ticket, actor=actor, party=party, now=now)
    await session.flush()
    return Opened(
        masked(words.get("question", ticket.question), hide),
        masked(words.get("bot_question", ""), hide),
        tuple(lines),
    )


async def _past(
    session: AsyncSession, ticket: Ticket, party: Party, hide: list[str | None]
) -> list[Line]:
    """The timeline. Notes are for staff; the expert reads a panel's opinions, to sum them up."""
    query = select(TicketEvent).where(TicketEvent.ticket_id == ticket.id).order_by(TicketEvent.id)
    staff, lines = party is Party.STAFF, []
    for event in await session.scalars(query):
        said = open_words(session, event.sealed)
        text = said.get("text", "") if staff or event.visible_to_asker else ""
        note = said.get("note", "") if staff or event.kind == "opinion" else ""
        who = event.actor_name if staff else ""
        if text or note:
            shown = masked(text, hide), masked(note, hide)
            lines.append(Line(event.kind, event.at, event.actor_kind, who, *shown))
    return lines


async def _talk(session: AsyncSession, ticket: Ticket) -> list[Line]:
    """The lines of the talk."""
    query = select(TicketMessage).where(TicketMessage.ticket_id == ticket.id)
    lines = []
    for said in await session.scalars(query.order_by(TicketMessage.id)):
        text = text_of(session, said)
        words = to_plain(text) if said.side == Side.BOT else text
        lines.append(Line("said", said.at, said.side, said.name, words))
    return lines
