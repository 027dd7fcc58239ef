"""What the page of a ticket offers beside the ticket: talk, tools for a reply, colleagues."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from console.visit import Visit
from core.clock import local_day
from core.markdown import to_html, to_plain
from core.texts import plain, say
from directory.actor import Actor
from escalation.lifecycle import Party, party_of
from escalation.model import Ticket
from escalation.model_reply import Attachment, CannedReply, Side, Talk
from escalation.queries_reply import (
    Line,
    conversation,
    drafts,
    latest_line,
    others_here,
    talk_of,
)
from escalation.service.attach import files_of
from escalation.service.canned import canned_for
from escalation.service.note import staff_of
from escalation.service.talk import TALKABLE, staff_words
from escalation.telling import to_asker
from knowledge.entry import Entry
from knowledge.match import Ranking
from knowledge.statutes.search import Hit

MOST_FOUND = 5


@dataclass(frozen=True)
class Found:
    """Something of the base or the laws that can be put into a reply. ``key``: what names it."""

    key: str
    title: str
    text: str


@dataclass(frozen=True)
class Tools:
    """What a search or a preview brought. ``box``: whose preview; ``searched``: what for."""

    box: str = ""
    preview: Markup | None = None
    searched: str = ""
    found: tuple[Found, ...] = ()


@dataclass(frozen=True)
class Bench:
    """Everything beside the ticket. ``opened``: when the page was made, for drafts."""

    lines: Sequence[Line]
    talk: Talk | None
    can_talk: bool
    mark: str
    opened: str
    bot_answer: Markup | None
    canned: Sequence[CannedReply] = ()
    here: Sequence[tuple[str, bool]] = ()
    colleagues: Sequence[str] = ()
    saved: dict[str, datetime] = field(default_factory=dict)
    tools: Tools = Tools()
    files: Sequence[tuple[Attachment, int]] = ()


async def bench(session: AsyncSession, visit: Visit, ticket: Ticket, tools: Tools) -> Bench:
    """For the staff of a ticket already accessed; what was being written comes back."""
    account = visit.actor.id or 0
    saved = await restore(session, visit, ticket)
    talk = await talk_of(session, ticket, now=visit.now)
    return Bench(
        lines=await conversation(session, ticket, actor=visit.actor, talk=talk),
        talk=talk,
        can_talk=ticket.status in TALKABLE and ticket.chat is not None,
        mark=await mark(session, ticket),
        opened=visit.now.isoformat(),
        bot_answer=bot_answer(visit, ticket),
        canned=await canned_for(session, visit.actor),
        here=await others_here(session, ticket.id, account, now=visit.now),
        colleagues=[one.username for one in await staff_of(session, ticket) if one.id != account],
        saved=saved,
        tools=tools,
        files=await files_of(session, ticket),
    )


async def restore(session: AsyncSession, visit: Visit, ticket: Ticket) -> dict[str, datetime]:
    """Fill the boxes with what was written before and not sent; when, by box."""
    found = await drafts(session, ticket.id, visit.actor.id or 0)
    for name, (text, _) in found.items():
        visit.form.values.setdefault(name, text)
    return {name: saved_at for name, (_, saved_at) in found.items()}


async def mark(session: AsyncSession, ticket: Ticket) -> str:
    """Changes when something is said or done on the ticket."""
    return "-".join(map(str, await latest_line(session, ticket.id)))


def bot_answer(visit: Visit, ticket: Ticket) -> Markup | None:
    """What the bot had answered before the asker wanted a person, as of that day."""
    if ticket.bot_entry is None:
        return None
    answer = visit.desk.serving.engine.answer(ticket.bot_entry, local_day(ticket.created_at))
    if answer is None:
        return None
    said = say("ask.answer", a=answer, others=False, understood=None, part=None, then=None)
    return Markup(to_html(said))


def bubble(line: Line) -> Markup:
    """A line of the conversation as HTML: the bot's own Markdown, anybody else's words as typed."""
    return Markup(to_html(line.text)) if line.side == Side.BOT else Markup.escape(line.text)


def preview_of(actor: Actor, ticket: Ticket, box: str, text: str) -> Markup:
    """Exactly what the asker will read, made by the same formatter."""
    by = actor.name
    expert = party_of(actor, ticket) is Party.EXPERT
    if box == "say":
        message = staff_words(by, text)
    elif box == "facts":
        message = to_asker(ticket, "escalation.asked_back", by=by, question=text)
    elif expert:
        message = to_asker(ticket, "escalation.expert_answered", answer=text)
    else:
        message = to_asker(ticket, "escalation.answered", by=by, answer=text)
    return Markup(to_html(message.render(ticket.lang)["text"]))


async def search(visit: Visit, wanted: str) -> tuple[Found, ...]:
    """Entries and articles in force today that may help, entries first."""
    today = local_day(visit.now)
    entries = await asyncio.to_thread(_entries, visit, wanted, today)
    articles = await asyncio.to_thread(_articles, visit, wanted, today)
    return (*entries, *articles)


def _entries(visit: Visit, wanted: str, today: date) -> list[Found]:
    engine = visit.desk.serving.engine
    ranking = engine.rank(wanted)
    near = [c.entry for c in ranking.candidates] if isinstance(ranking, Ranking) else []
    named = [e.id for e in engine.base.entries.values() if wanted in e.question]
    ids = list(dict.fromkeys([*near, *named]))
    found = (_entry(visit, engine.base.entries[entry_id], today) for entry_id in ids)
    return [one for one in found if one is not None][:MOST_FOUND]


def _entry(visit: Visit, entry: Entry, today: date) -> Found | None:
    answer = visit.desk.serving.engine.answer(entry.id, today)
    if answer is None:
        return None
    text = to_plain(say("answering.entry", a=answer))
    return Found(f"entry:{entry.id}", entry.question, text)


def _articles(visit: Visit, wanted: str, today: date) -> list[Found]:
    library = visit.desk.library
    statutes = library.ready() if library is not None else None
    return [_article(hit) for hit in statutes.search(wanted, today, MOST_FOUND)] if statutes else []


def _article(hit: Hit) -> Found:
    label = hit.law.label if hit.law.version else ""
    edition = plain("answering.edition", label=label) if label else ""
    title = plain("answering.citation", law=hit.law.name, edition=edition, article=hit.article.name)
    text = plain("answering.article", citation=title, text=hit.article.text)
    return Found(f"law:{hit.law.name}:{label}:{hit.article.name}", title, text)
