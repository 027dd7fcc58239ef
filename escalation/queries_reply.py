"""Reads for the people who answer: the conversation, drafts, who else is here, mentions, files."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Address
from core.seal import WrongKey
from core.texts import plain
from directory.actor import Actor
from directory.model import Account
from escalation.model import Ticket, TicketEvent
from escalation.model_reply import (
    Mention,
    Presence,
    ReplyDraft,
    Side,
    Talk,
    TicketMessage,
)
from escalation.sealing import placeholder, text_of
from escalation.service.talk import SILENCE, TALKABLE

_SAID = ("answer", "expert_answer", "ask_back", "supplement", "reopen", "expert_ask")


@dataclass(frozen=True)
class Line:
    """A line of the conversation. ``kind``: the step of the ticket it belongs to, if to one."""

    at: datetime
    side: str
    who: str
    text: str
    kind: str = ""


async def conversation(
    session: AsyncSession, ticket: Ticket, *, actor: Actor, talk: Talk | None
) -> list[Line]:
    """What was said in the asker's chat since they agreed to hand over, oldest first.

    For the center's staff alone: the ticket must have been accessed by them. Of a confidential one
    the words are for whoever has the ``talk`` that is going on; others open the ticket.
    """
    reads = not ticket.confidential or (talk is not None and talk.account_id == actor.id)

    def words(row: TicketMessage | TicketEvent) -> str:
        try:
            return text_of(session, row) if reads else placeholder()
        except WrongKey as wrong:
            return plain(wrong.key)

    said = await session.scalars(
        select(TicketMessage).where(TicketMessage.ticket_id == ticket.id).order_by(TicketMessage.id)
    )
    steps = await session.scalars(
        select(TicketEvent)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.in_(_SAID))
        .order_by(TicketEvent.id)
    )
    lines = [Line(one.at, one.side, one.name, words(one)) for one in said]
    lines += [Line(one.at, one.actor_kind, one.actor_name, words(one), one.kind) for one in steps]
    return sorted(lines, key=lambda line: line.at)


async def latest_line(session: AsyncSession, ticket_id: int) -> tuple[int, int]:
    """The newest message and the newest step, to tell whether something came."""
    message = select(func.max(TicketMessage.id)).where(TicketMessage.ticket_id == ticket_id)
    step = select(func.max(TicketEvent.id)).where(TicketEvent.ticket_id == ticket_id)
    return await session.scalar(message) or 0, await session.scalar(step) or 0


async def talk_of(session: AsyncSession, ticket: Ticket, *, now: datetime) -> Talk | None:
    """The talk that is going on about the ticket."""
    return await session.scalar(
        select(Talk).where(
            Talk.channel == ticket.channel,
            Talk.chat == ticket.chat,
            Talk.ticket_id == ticket.id,
            Talk.ended_at.is_(None),
            Talk.last_at > now - SILENCE,
        )
    )


async def open_in_chat(session: AsyncSession, contact_id: int, to: Address) -> Ticket | None:
    """The newest ticket of the person that their chat still belongs to."""
    return await session.scalar(
        select(Ticket)
        .where(
            Ticket.contact_id == contact_id,
            Ticket.channel == to.channel,
            Ticket.chat == to.chat,
            Ticket.status.in_(TALKABLE),
        )
        .order_by(Ticket.id.desc())
        .limit(1)
    )


async def drafts(
    session: AsyncSession, ticket_id: int, account_id: int
) -> dict[str, tuple[str, datetime]]:
    """What the person had written here and not sent, and when, by box.

    Not what another key has sealed: a notice in a box might be sent.
    """
    found = await session.scalars(
        select(ReplyDraft).where(
            ReplyDraft.ticket_id == ticket_id, ReplyDraft.account_id == account_id
        )
    )
    kept = {}
    for draft in found:
        with suppress(WrongKey):
            kept[draft.field] = text_of(session, draft), draft.saved_at
    return {field: one for field, one in kept.items() if one[0]}


async def others_here(
    session: AsyncSession, ticket_id: int, account_id: int, *, now: datetime
) -> list[tuple[str, bool]]:
    """The names of the others who have the ticket open, and whether they are writing."""
    found = await session.execute(
        select(Account.name, Presence.writing)
        .join(Account, Account.id == Presence.account_id)
        .where(
            Presence.ticket_id == ticket_id,
            Presence.account_id != account_id,
            Presence.until > now,
        )
        .order_by(Account.name)
    )
    return [(name, writing) for name, writing in found]


async def unseen_mentions(session: AsyncSession, account_id: int) -> list[tuple[Mention, str]]:
    """Where the account was mentioned and has not looked yet, newest first, with the number."""
    found = await session.execute(
        select(Mention, Ticket.number)
        .join(Ticket, Ticket.id == Mention.ticket_id)
        .where(Mention.account_id == account_id, Mention.seen_at.is_(None))
        .order_by(Mention.id.desc())
        .limit(20)
    )
    return [(mention, number) for mention, number in found]


def side_of(line: Line) -> Side | None:
    """The side as a value of ``Side``; None for an expert or the system."""
    return Side(line.side) if line.side in set(Side) else None
