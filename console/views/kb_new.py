"""A new entry, from a form."""

import re

from aiohttp import web

from console.curating import bring_in
from console.visit import Visit
from core.clock import local_day
from knowledge.body import MOST_SHORT
from knowledge.entry import AREAS
from knowledge.load import GOOD_ASKS, LEAST_ASKS, MOST_QUESTION
from knowledge.queries import versions_of
from knowledge.service.draft import start_draft
from knowledge.skeleton import Sketch, lines

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


async def show(visit: Visit) -> web.StreamResponse:
    """The form."""
    return visit.render(
        "kb_new.html",
        areas=AREAS,
        today=local_day(visit.now),
        least=LEAST_ASKS,
        good=GOOD_ASKS,
        most_short=MOST_SHORT,
        most_question=MOST_QUESTION,
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Keep it as a draft; what is still wrong with it is shown on its page."""
    form = visit.form
    sketch, starts = _sketch(visit), form.day("valid_from")
    why = form.text("why", most=500, missing="desk.kb.why_missing")
    form.require_good()
    async with visit.writing() as session:
        await bring_in(session, visit)
        if await versions_of(session, sketch.entry_id):
            form.wrong("slug", "desk.kb.slug_taken", entry=sketch.entry_id)
            form.require_good()
        await start_draft(
            session,
            actor=visit.actor,
            entry_id=sketch.entry_id,
            files=sketch.files(local_day(visit.now), starts),
            why=why,
            now=visit.now,
        )
    return visit.go("kb_entry", said="desk.kb.kept", entry=sketch.entry_id)


def _sketch(visit: Visit) -> Sketch:
    form = visit.form
    slug = form.line("slug", most=60)
    if not SLUG.fullmatch(slug):
        form.wrong("slug", "desk.kb.bad_slug")
    return Sketch(
        area=form.choice("area", AREAS, "desk.kb.area_missing"),
        slug=slug,
        question=form.line("question", most=MOST_QUESTION, missing="desk.kb.question_missing"),
        asks=lines(form.text("asks", most=4000)),
        short=form.line("short", most=MOST_SHORT + 20, missing="desk.kb.short_missing"),
        sources=lines(form.text("sources", most=4000)),
        body=form.text("body", most=4000),
        related=tuple(form.line("related", most=400).replace("，", " ").replace(",", " ").split()),
        doubt=form.line("doubt", most=400),
    )
