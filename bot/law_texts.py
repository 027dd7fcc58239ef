"""Where the base has no answer: up to three articles as law text, not as advice."""

import asyncio
from datetime import date
from typing import Any

from bot.context import Ctx
from bot.messages import Button, Reply, reply
from knowledge.statutes.library import Library
from knowledge.statutes.search import Hit
from knowledge.statutes.shelf import Standing

MOST = 3
Buttons = tuple[tuple[Button, ...], ...]
LONGEST = 300  # characters of one article in a chat; the page has all of it
# Hand-offs in the field; a question outside it gets no law texts whatever they say.
SEARCHED = frozenset({"unsure"})


async def law_texts(ctx: Ctx, reason: str, buttons: Buttons) -> Reply | None:
    """For the last question: the articles with the ways to a person; None where none is near."""
    question = ctx.conversation.last_question
    if ctx.library is None or not question or reason not in SEARCHED:
        return None
    hits = await asyncio.to_thread(ctx.library.confident, question, ctx.today, MOST)
    if not hits:
        return None
    return reply("ask.law_texts", hits=[_shown(hit) for hit in hits], buttons=buttons)


def statutes_data(library: Library | None, question: str, day: date) -> list[dict[str, Any]]:
    """The same for programs: law, article, version (ISO date or null), score."""
    if library is None:
        return []
    return [
        {
            "law": hit.law.name,
            "article": hit.article.name,
            "version": hit.law.version.isoformat() if hit.law.version else None,
            "score": hit.score,
        }
        for hit in library.confident(question, day, MOST, wait=True)
    ]


def _shown(hit: Hit) -> dict[str, Any]:
    text = hit.article.text
    edition = f"（{hit.law.label}文本）" if hit.law.version else ""
    return {
        "citation": f"《{hit.law.name}》{edition}{hit.article.name}",
        "text": text[:LONGEST],
        "cut": len(text) > LONGEST,
        "coming": hit.law.since if hit.standing is Standing.COMING else None,
        "expired": hit.law.until if hit.standing is Standing.EXPIRED else None,
    }
