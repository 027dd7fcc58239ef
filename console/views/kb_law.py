"""A law changes: flag every entry that cites it."""

from aiohttp import web

from console.visit import Visit
from core.clock import local_day
from knowledge.service.law import law_changed
from knowledge.skeleton import lines


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
    async with visit.writing() as session:
        found = await law_changed(
            session, actor=visit.actor, base=serving.engine.base, law=law,
            articles=articles, from_day=from_day, why=why, now=visit.now,
        )  # fmt: skip
    await serving.refresh()
    address = f"{visit.url('kb')}?tab=flagged"
    return visit.go_to(address, "desk.kb.flagged", count=len(found))
