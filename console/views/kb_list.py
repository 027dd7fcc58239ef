"""The curator's list: what needs a look first, first."""

from aiohttp import web

from console.curating import Line, all_lines
from console.visit import Visit
from knowledge.entry import AREAS
from knowledge.queries import count_gaps, has_published

PAGE = 50
TABS = ("all", "overdue", "flagged", "review", "drafts")


async def show(visit: Visit) -> web.StreamResponse:
    """One tab, filtered by area and words."""
    tab = visit.query("tab") if visit.query("tab") in TABS else "all"
    area = visit.query("area") if visit.query("area") in AREAS else ""
    words = visit.query("q").lower()
    async with visit.reading() as session:
        lines = await all_lines(session, visit)
        in_database = await has_published(session)
        gaps = await count_gaps(session)
    found = [
        line
        for line in lines
        if _in_tab(line, tab) and area in ("", line.area) and _says(visit, line, words)
    ]
    given = visit.query("page")
    page = int(given) if given.isdecimal() and 0 < len(given) < 6 else 1
    page = min(max(page, 1), max(1, -(-len(found) // PAGE)))
    return visit.render(
        "kb_list.html",
        lines=found[(page - 1) * PAGE : page * PAGE],
        count=len(found),
        counts={name: sum(_in_tab(line, name) for line in lines) for name in TABS},
        tab=tab,
        area=area,
        areas=AREAS,
        words=visit.query("q"),
        page=page,
        more=page * PAGE < len(found),
        in_database=in_database,
        gaps=gaps,
        trouble=visit.desk.serving.trouble,
    )


def _in_tab(line: Line, tab: str) -> bool:
    return {
        "all": True,
        "overdue": line.overdue,
        "flagged": bool(line.flags),
        "review": line.for_me,
        "drafts": line.draft is not None,
    }[tab]


def _says(visit: Visit, line: Line, words: str) -> bool:
    """Whether the words stand in the id, the question, a phrasing or a text."""
    if not words or words in line.entry_id or words in line.title.lower():
        return True
    entry = visit.desk.serving.engine.base.entries.get(line.entry_id)
    if entry is None:
        return False
    said = [*entry.asks, *(text.short for text in entry.texts)]
    said += (row for text in entry.texts for part in text.sections for row in part.lines)
    return any(words in one.lower() for one in said)
