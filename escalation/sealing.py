"""Confidential tickets (保密): their words are encrypted at rest and leave only by being opened.

The text columns hold a placeholder, so that search, exports, messages and drafts of entries
cannot carry the words whatever they read; ``service.seal`` opens them, and writes down who did.
"""

from sqlalchemy.ext.asyncio import AsyncSession

from core.seal import Sealer
from core.texts import DEFAULT_LANGUAGE, plain
from escalation.model import Ticket

_WORDS = frozenset({"answer", "question", "why", "facts"})  # parameters that carry them


def placeholder(lang: str = DEFAULT_LANGUAGE) -> str:
    """What stands in place of words that are kept back."""
    return plain("ticketlife.sealed_words", lang)


def kept_back(ticket: Ticket, name: str, value: object, lang: str) -> object:
    """A message's parameter, or the placeholder where it would carry confidential words."""
    return placeholder(lang) if ticket.confidential and name in _WORDS else value


def readable(ticket: Ticket, text: str) -> str:
    """Words of the ticket as a message may carry them."""
    return placeholder() if ticket.confidential else text


def seal_words(session: AsyncSession, **words: str) -> str:
    """The words encrypted with the key that the database was opened with."""
    return _sealer(session).seal(words)


def open_words(session: AsyncSession, sealed: str | None) -> dict[str, str]:
    """The words again; none where nothing is sealed. Raises WrongKey."""
    return {} if sealed is None else _sealer(session).open(sealed)


def _sealer(session: AsyncSession) -> Sealer:
    sealer: Sealer = session.info["sealer"]
    return sealer
