"""Recent questions of real people, masked, for the exam of a changed base."""

import re

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.model import Inbox
from core.masking import masked
from directory.model import Contact, Enterprise

MOST = 200
LOOKED_AT = 2000  # events; most are taps, names and numbers typed in flows
SHORTEST = 5
_TAP = re.compile(r"[\w-]{6,12}\.\d{1,3}")
_SENTENCE = re.compile(r"[一-鿿].*[一-鿿].*[一-鿿]|[a-z]{2,} [a-z]{2,}", re.IGNORECASE)


async def recent_questions(session: AsyncSession) -> list[str]:
    """The newest texts that read like questions, each once, without names, phones and numbers."""
    rows = await session.scalars(
        select(Inbox.text)
        .where(Inbox.outcome == "handled")
        .order_by(Inbox.id.desc())
        .limit(LOOKED_AT)
    )
    found = dict.fromkeys(text for text in rows if _reads_like_a_question(text))
    names = [*await session.scalars(select(Enterprise.name))]
    names += [name for name in await session.scalars(select(Contact.name).distinct()) if name]
    return [masked(text, [*names]) for text in [*found][:MOST]]


def _reads_like_a_question(text: str) -> bool:
    if len(text) < SHORTEST or text.startswith("/") or _TAP.fullmatch(text):
        return False
    return _SENTENCE.search(text) is not None
