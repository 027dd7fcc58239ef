"""Confidential tickets (保密): their words are encrypted at rest and leave only by being opened.

The text columns hold nothing or a placeholder, so that search, exports, messages and drafts of
entries cannot carry the words whatever they read; ``service.seal`` opens them, and writes down who
did. Where the same words are in the timeline too (``_ALSO_THERE``) they are sealed there alone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.seal import Sealer
from core.texts import DEFAULT_LANGUAGE, plain
from escalation.model import Opinion, Ticket, TicketEvent
from escalation.model_reply import Mention, ReplyDraft, TicketMessage

Written = TicketEvent | TicketMessage | ReplyDraft

_WORDS = frozenset({"answer", "question", "why", "facts"})  # parameters that carry them
_SEALED: dict[type[Any], tuple[str, ...]] = {
    TicketEvent: ("text", "note"),
    TicketMessage: ("text",),
    ReplyDraft: ("text",),
}
_ALSO_THERE = ((Opinion, Opinion.text), (Mention, Mention.note))


def placeholder(lang: str = DEFAULT_LANGUAGE) -> str:
    """What stands in place of words that are kept back."""
    return plain("ticketlife.sealed_words", lang)


def kept_back(ticket: Ticket, name: str, value: object, lang: str) -> object:
    """A message's parameter, or the placeholder where it would carry confidential words."""
    return placeholder(lang) if ticket.confidential and name in _WORDS else value


def readable(ticket: Ticket, text: str) -> str:
    """Words of the ticket as a message, or a column that is not sealed, may carry them."""
    return placeholder() if ticket.confidential else text


def put_words(session: AsyncSession, ticket: Ticket, row: Written, **words: str) -> None:
    """Write the row's words; of a confidential ticket they are sealed.

    The ticket must be locked where it exists already: sealing it must not overtake the writer.
    """
    hidden = ticket.confidential and any(words.values())
    row.sealed = seal_words(session, **words) if hidden else None
    for name, said in words.items():
        setattr(row, name, "" if ticket.confidential else said)


def text_of(session: AsyncSession, row: Written) -> str:
    """The row's text, sealed or not. Raises WrongKey."""
    return open_words(session, row.sealed).get("text", row.text)


async def seal_rows(session: AsyncSession, which: ColumnElement[bool]) -> None:
    """Seal what lies plain beside those of the tickets that are confidential."""
    for model, names in _SEALED.items():
        plain_words = or_(*(getattr(model, name) != "" for name in names))
        found = await session.execute(
            select(model, Ticket)
            .join(Ticket, Ticket.id == model.ticket_id)
            .where(Ticket.confidential, which, plain_words)
            .with_for_update(of=model)
        )
        for row, ticket in found:
            put_words(session, ticket, row, **{name: getattr(row, name) for name in names})
    tickets = select(Ticket.id).where(Ticket.confidential, which)
    for other, column in _ALSO_THERE:
        await session.execute(
            update(other)
            .where(other.ticket_id.in_(tickets), column.not_in(("", placeholder())))
            .values({column: placeholder()})
        )


async def seal_left_plain(session: AsyncSession, now: datetime) -> None:
    """Job: seal what an earlier version wrote plain. A migration cannot: it has no key."""
    await seal_rows(session, true())


def seal_words(session: AsyncSession, **words: str) -> str:
    """The words encrypted with the key that the database was opened with."""
    return _sealer(session).seal(words)


def open_words(session: AsyncSession, sealed: str | None) -> dict[str, str]:
    """The words again; none where nothing is sealed. Raises WrongKey."""
    return {} if sealed is None else _sealer(session).open(sealed)


def _sealer(session: AsyncSession) -> Sealer:
    sealer: Sealer = session.info["sealer"]
    return sealer
