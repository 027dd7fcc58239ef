"""A law changes: flag every entry that cites it."""

from collections.abc import Sequence

from aiohttp import web

from console.visit import Visit
from core.clock import local_day
from core.texts import plain
from knowledge.service.law import law_changed
from knowledge.skeleton import lines

NAMED = 10  # articles in the message after the form, which travels in a cookie


async def show(visit: Visit) -> web.StreamResponse:
    """The form, with the laws that entries cite."""
    base = visit.desk.serving.engine.base
    cited = {
        source.law
        for entry in base.entries.values()
        for text in entry.texts
        for source in text.sources
        if source.law
    }
    return visit.render("kb_law.html", laws=sorted(cited), today=local_day(visit.now))


async def submit(visit: Visit) -> web.StreamResponse:
    """Flag them, and show the list."""
    form, serving = visit.form, visit.desk.serving
    law = form.line("law", most=80, missing="desk.kb.law_missing")
    articles = lines(form.text("articles", most=2000).replace("、", "\n"))
    from_day = form.day("from_day")
    why = form.text("why", most=500, missing="desk.kb.why_missing")
    form.require_good()
    assert from_day is not None
    await serving.refresh()  # what another process has just published may cite it too
    async with visit.writing() as session:
        told = await law_changed(
            session, actor=visit.actor, base=serving.engine.base, law=law,
            articles=articles, from_day=from_day, why=why, now=visit.now,
        )  # fmt: skip
    await serving.refresh()
    address = f"{visit.url('kb')}?tab=flagged"
    said = "desk.kb.flagged" if told.flagged else "desk.kb.flagged_before"
    return visit.go_to(address, said, count=len(told.flagged), uncited=_uncited(told.uncited))


def _uncited(articles: Sequence[str]) -> str:
    """The articles that no entry cites: perhaps they are written differently."""
    if not articles:
        return ""
    named = "、".join(article[:20] for article in articles[:NAMED])
    return plain("desk.kb.uncited", count=len(articles), articles=named)
