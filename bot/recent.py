"""Recent questions of real people, masked, for the exam of a changed base."""

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.model import Inbox
from core.masking import anonymous
from directory.model import Contact
from directory.queries import names_in
from escalation.queries import confidential_chats

MOST = 200
LOOKED_AT = 2000  # events; most are taps, names and numbers typed in flows
SHORTEST = 5
_TAP = re.compile(r"[\w-]{6,12}\.\d{1,3}")
_SENTENCE = re.compile(r"[一-鿿].*[一-鿿].*[一-鿿]|[a-z]{2,} [a-z]{2,}", re.IGNORECASE)


async def recent_questions(session: AsyncSession) -> list[str]:
    """The newest texts that read like questions, each once, without names, phones and numbers.

    None of experts, nor of whoever has a confidential ticket: theirs are about matters.
    """
    rows = await session.execute(
        select(Inbox.channel, Inbox.chat, Inbox.text)
        .where(Inbox.outcome == "handled")
        .order_by(Inbox.id.desc())
        .limit(LOOKED_AT)
    )
    hidden = await confidential_chats(session) | await _experts(session)
    found = dict.fromkeys(
        text
        for channel, chat, text in rows
        if (channel, chat) not in hidden and _reads_like_a_question(text)
    )
    texts = [*found][:MOST]
    known = await names_in(session, "\n".join(texts))
    return [anonymous(text, known) for text in texts]


async def _experts(session: AsyncSession) -> set[tuple[str, str]]:
    """Their chats are private ones, where the chat bears the user's name."""
    found = await session.execute(
        select(Contact.channel, Contact.user).where(Contact.expert_id.is_not(None))
    )
    return {(channel, user) for channel, user in found}


def _reads_like_a_question(text: str) -> bool:
    if len(text) < SHORTEST or text.startswith("/") or _TAP.fullmatch(text):
        return False
    return _SENTENCE.search(text) is not None
