"""The ticket queue, oldest due first: narrowed, in pages, with views that were saved."""

from typing import Any

from aiohttp import web

from console.filters import (
    CHANNELS,
    EXPERT_TABS,
    PRESSING,
    TABS,
    Filter,
    filter_of,
    key_of,
    key_text,
    wanted_of,
)
from console.listing import rows_for
from console.saved import drop_view, save_view, views_of
from console.visit import Visit
from directory.colleagues import colleagues
from escalation.listing import page
from escalation.model import Source
from escalation.queries import queue_counts
from escalation.service.open import TOPICS

PAGE = 25
LONGEST_NAME = 24


async def show(visit: Visit) -> web.StreamResponse:
    """One page of what the filter leaves."""
    chosen = filter_of(visit)
    if chosen.wrong and visit.refusal is None:
        visit.refusal = "".join(chosen.wrong)
    before = key_of(visit.query("before"))
    after = None if before else key_of(visit.query("after"))
    async with visit.reading() as session:
        wanted = await wanted_of(session, visit, chosen)
        found = await page(session, visit.actor, wanted, size=PAGE, after=after, before=before)
        counts = await queue_counts(session, visit.actor)
        people = [] if visit.actor.expert_id else await colleagues(session, visit.actor)
        views = await views_of(session, visit.actor)
    tabs = EXPERT_TABS if visit.actor.expert_id is not None else tuple(TABS)
    return visit.render(
        "queue.html",
        chosen=chosen,
        tabs=[(name, sum(counts.get(status, 0) for status in TABS[name])) for name in tabs],
        rows=rows_for(visit.actor, found.sheets),
        before=found.before and chosen.address(before=key_text(found.before)),
        after=found.after and chosen.address(after=key_text(found.after)),
        first=not (before or after),
        people=people,
        views=views,
        **_offered(chosen),
    )


def _offered(chosen: Filter) -> dict[str, Any]:
    return {
        "topics": TOPICS,
        "sources": list(Source),
        "channels": CHANNELS,
        "pressing": PRESSING,
        "tab_address": {name: Filter(name, chosen.values).address() for name in TABS},
    }


async def save(visit: Visit) -> web.StreamResponse:
    """Keep the filter of the address under a name."""
    chosen = filter_of(visit)
    name = visit.form.line("name", most=LONGEST_NAME, missing="deskwork.views.name_missing")
    visit.form.require_good()
    async with visit.writing() as session:
        await save_view(
            session,
            actor=visit.actor,
            name=name,
            query=chosen.address()[:400],
            shared=visit.form.values.get("shared") == "yes",
            now=visit.now,
        )
    address = f"{visit.url('queue')}?{chosen.address()}"
    return visit.go_to(address, said="deskwork.views.kept", name=name)


async def drop(visit: Visit) -> web.StreamResponse:
    """Forget a view of one's own."""
    async with visit.writing() as session:
        await drop_view(session, actor=visit.actor, view_id=visit.id_of())
    return visit.go("queue", said="deskwork.views.dropped")
