"""人工对话: a person of the staff talks in the asker's chat, and the bot stays silent meanwhile.

The bot goes on after SILENCE of the staff, when the asker ends it (结束人工), or when the ticket
is closed or withdrawn, and says so. Locks are taken in the order conversation, ticket, talk.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core import outbox
from core.database import insert_or_ignore
from core.errors import Refusal
from core.messages import Address, Button, Message, column
from directory.actor import Actor
from escalation.lifecycle import NotYours, Party, party_of, write_opening
from escalation.model import OPEN, Status, Ticket
from escalation.model_reply import Side, Talk, TicketMessage
from escalation.queries import access_ticket
from escalation.sealing import put_words
from escalation.service.answer import words

SILENCE = timedelta(minutes=30)
TALKABLE = (*OPEN, Status.ANSWERED, Status.RATED)
END = Button("talk.button_end", "talk.end")


class TalkOver(Refusal):
    """The ticket is closed or withdrawn; nothing more is said on it."""

    key = "talk.ticket_over"


class NoChat(Refusal):
    """A walk-in has no chat to talk in."""

    key = "talk.no_chat"


async def take_over(
    session: AsyncSession, *, actor: Actor, ticket_id: int, now: datetime
) -> Ticket:
    """接管: from now on the asker's words reach the staff and the bot stays silent.

    Raises UnknownTicket, NotYours, TalkOver, NoChat.
    """
    ticket, to = await _open_to_talk(session, actor, ticket_id)
    await _hold(session, ticket, to, actor=actor, now=now)
    return ticket


async def say_to_asker(
    session: AsyncSession, *, actor: Actor, ticket_id: int, text: str, now: datetime
) -> Ticket:
    """Say something in the asker's chat, as from a person.

    Raises UnknownTicket, NotYours, NoWords, TalkOver, NoChat.
    """
    said = words(text)
    ticket, to = await _open_to_talk(session, actor, ticket_id)
    await _hold(session, ticket, to, actor=actor, now=now)
    keep_line(session, ticket, Side.STAFF, said, now=now, by=actor)
    outbox.put(session, to, staff_words(actor.name, said), now=now)
    await session.flush()
    return ticket


def staff_words(by: str, text: str) -> Message:
    """How words of the staff look in the asker's chat."""
    return Message("talk.staff", {"by": by, "text": text})


def keep_line(
    session: AsyncSession,
    ticket: Ticket,
    side: Side,
    text: str,
    *,
    now: datetime,
    by: Actor | None = None,
) -> None:
    """Write down a line of the conversation of a locked ticket."""
    line = TicketMessage(
        ticket_id=ticket.id,
        at=now,
        side=side,
        name=by.name[:40] if by else "",
        account_id=by.id if by else None,
    )
    put_words(session, ticket, line, text=text)
    session.add(line)


async def live_talk(session: AsyncSession, to: Address, *, now: datetime) -> Talk | None:
    """The talk that is going on in a chat, locked; one that fell silent is ended, which is said."""
    talk = await _talk_in(session, to)
    if talk is None or talk.ended_at is not None:
        return None
    await session.get_one(Ticket, talk.ticket_id, with_for_update=True)
    talk = await _talk_in(session, to, lock=True)
    if talk is None or talk.ended_at is not None:
        return None
    if now - talk.last_at < SILENCE:
        return talk
    _end(session, talk, to, "talk.silent", now=now)
    return None


async def hear(
    session: AsyncSession, ticket: Ticket, talk: Talk, text: str, *, now: datetime
) -> bool:
    """Keep the asker's words as a line of the ticket. True the first time, to be acknowledged."""
    keep_line(session, ticket, Side.ASKER, text, now=now)
    first = not talk.acknowledged
    talk.acknowledged = True
    await session.flush()
    return first


async def mark_flow(session: AsyncSession, to: Address) -> None:
    """The asker begins something with the bot: what it asks for is not meant for the person."""
    await session.execute(
        update(Talk)
        .where(Talk.channel == to.channel, Talk.chat == to.chat, Talk.ended_at.is_(None))
        .values(flow_since=True)
    )


async def end_talk(session: AsyncSession, ticket: Ticket, key: str, *, now: datetime) -> None:
    """The bot goes on in the ticket's chat, and says ``key``; nothing where nobody talked."""
    if ticket.channel is None or ticket.chat is None:
        return
    to = Address(ticket.channel, ticket.chat, ticket.lang)
    talk = await _talk_in(session, to, lock=True)
    if talk is not None and talk.ticket_id == ticket.id and talk.ended_at is None:
        _end(session, talk, to, key, now=now)


async def hand_back(
    session: AsyncSession, *, actor: Actor, ticket_id: int, now: datetime
) -> Ticket:
    """结束人工, by staff or asker. A second time says nothing. Raises UnknownTicket, NotYours."""
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if party_of(actor, ticket) not in (Party.STAFF, Party.ASKER):
        raise NotYours
    await end_talk(session, ticket, "talk.ended", now=now)
    return ticket


async def end_silent_talks(session: AsyncSession, now: datetime) -> None:
    """Job: where the staff fell silent the bot goes on."""
    silent = await session.execute(
        select(Talk, Ticket.lang)
        .join(Ticket, Ticket.id == Talk.ticket_id)
        .where(Talk.ended_at.is_(None), Talk.last_at <= now - SILENCE)
        .limit(100)
        .with_for_update(of=Talk, skip_locked=True)
        .execution_options(populate_existing=True)
    )
    for talk, lang in silent:
        _end(session, talk, Address(talk.channel, talk.chat, lang), "talk.silent", now=now)


def _end(session: AsyncSession, talk: Talk, to: Address, key: str, *, now: datetime) -> None:
    talk.ended_at = now
    outbox.put(session, to, Message(key), now=now)


async def _open_to_talk(
    session: AsyncSession, actor: Actor, ticket_id: int
) -> tuple[Ticket, Address]:
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if party_of(actor, ticket) is not Party.STAFF:
        raise NotYours
    if ticket.status not in TALKABLE:
        raise TalkOver(number=ticket.number)
    if ticket.channel is None or ticket.chat is None:
        raise NoChat(number=ticket.number)
    return ticket, Address(ticket.channel, ticket.chat, ticket.lang)


async def _hold(
    session: AsyncSession, ticket: Ticket, to: Address, *, actor: Actor, now: datetime
) -> None:
    """Begin the talk or go on with it; the asker is told when it begins or changes hands.

    Whoever has the talk reads its lines, so of a confidential ticket that is an opening.
    """
    values = {"ticket_id": ticket.id, "account_id": actor.id, "by": actor.name[:40]}
    begun = await insert_or_ignore(
        session,
        Talk,
        channel=to.channel,
        chat=to.chat,
        since=now,
        last_at=now,
        acknowledged=False,
        flow_since=False,
        **values,
    )
    talk = await _talk_in(session, to, lock=True)
    assert talk is not None
    over = talk.ended_at is not None or now - talk.last_at >= SILENCE
    other = (talk.ticket_id, talk.account_id) != (ticket.id, actor.id)
    if begun or over or other:
        talk.ticket_id, talk.account_id, talk.by = ticket.id, actor.id or 0, actor.name[:40]
        talk.since, talk.acknowledged, talk.flow_since, talk.ended_at = now, False, False, None
        params = {"by": actor.name, "number": ticket.number}
        outbox.put(session, to, Message("talk.begun", params, column(END)), now=now)
        if ticket.confidential:
            write_opening(session, ticket, actor=actor, now=now)
    talk.last_at = now
    await session.flush()


async def _talk_in(session: AsyncSession, to: Address, *, lock: bool = False) -> Talk | None:
    query = select(Talk).where(Talk.channel == to.channel, Talk.chat == to.chat)
    locked = query.with_for_update() if lock else query
    return await session.scalar(locked.execution_options(populate_existing=True))
