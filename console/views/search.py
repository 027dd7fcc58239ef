"""One question to tickets, the knowledge base and the roster."""

import re
from datetime import date

from aiohttp import web
from markupsafe import Markup, escape

from console.curating import preview
from console.listing import rows_for
from console.visit import Visit
from core.clock import local_day
from core.fulltext import tokens_of
from directory.model import Role
from directory.search import find_enterprises, find_people
from escalation.search import find_tickets
from knowledge.entry import Entry

SHORTEST = 1
ENTRIES = 6
STAFF = (Role.STAFF, Role.DIRECTOR, Role.PROVINCE)


async def show(visit: Visit) -> web.StreamResponse:
    """What is found, by kind; staff alone see enterprises and people."""
    asked = " ".join(visit.query("q").split())
    today = local_day(visit.now)
    tickets, enterprises, people = [], [], []
    if len(asked) >= SHORTEST:
        async with visit.reading() as session:
            tickets = rows_for(visit.actor, await find_tickets(session, visit.actor, asked))
            if visit.actor.role in STAFF:
                enterprises = list(await find_enterprises(session, visit.actor, asked))
                people = await find_people(session, visit.actor, asked)
    entries = find_entries(visit, asked, today)
    return visit.render(
        "search.html",
        asked=asked,
        tickets=tickets,
        enterprises=enterprises,
        people=people,
        entries=[(entry, preview(visit, entry, today)) for entry in entries],
        marked=lambda words: marked(words, asked),
    )


def find_entries(visit: Visit, asked: str, day: date) -> list[Entry]:
    """Entries with every word of the question, those that have it in their own question first."""
    tokens = tokens_of(asked)
    if not tokens:
        return []
    found = []
    for entry in visit.desk.serving.engine.base.entries.values():
        text = entry.text_on(day)
        if text is None:
            continue
        title = entry.question.lower()
        lines = (line for section in text.sections for line in section.lines)
        whole = "\n".join((title, text.short, *lines)).lower()
        if all(token in whole for token in tokens):
            found.append((sum(token not in title for token in tokens), entry.id, entry))
    return [entry for _, _, entry in sorted(found, key=lambda one: one[:2])[:ENTRIES]]


def marked(words: str, asked: str, most: int = 120) -> Markup:
    """The place in the words where the question is met, with what was asked for marked."""
    parts = [part for part in asked.split() if part]
    low = words.lower()
    places = [at for part in parts if (at := low.find(part.lower())) >= 0]
    start = max(0, min(places, default=0) - most // 4)
    shown = ("…" if start else "") + words[start : start + most]
    shown += "…" if len(words) > start + most else ""
    if not parts:
        return escape(shown)
    pieces = re.split(f"({'|'.join(map(re.escape, parts))})", shown, flags=re.IGNORECASE)
    mark = Markup("<mark>{}</mark>")
    return Markup("").join(
        mark.format(piece) if n % 2 else escape(piece) for n, piece in enumerate(pieces)
    )
