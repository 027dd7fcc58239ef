"""Questions without a good answer: near duplicates together, and what to make of them."""

import asyncio
from dataclasses import dataclass

from aiohttp import web

from console.curating import bring_in, present_files
from console.views.kb_new import SLUG
from console.visit import LARGEST_ID, Visit
from knowledge.engine import Engine
from knowledge.entry import AREAS, Entry
from knowledge.gaps import Group, Unmet, grouped, nearest
from knowledge.model import Why
from knowledge.service.gaps import draft_asks, draft_entry, leave, open_gaps
from knowledge.service.publish import UnknownEntry

PAGE = 20
MOST_IDS = 3000
TABS = {
    "all": tuple(Why),
    "unanswered": (Why.UNSURE, Why.UNCLEAR),
    "rejected": (Why.REJECTED,),
    "unhelpful": (Why.UNHELPFUL,),
}


@dataclass(frozen=True)
class Card:
    """A group with the entry that could be meant."""

    group: Group
    near: Entry | None

    @property
    def area(self) -> str:
        """Where a new entry would most likely go."""
        return self.near.area if self.near else ""


async def show(visit: Visit) -> web.StreamResponse:
    """One page of groups, what is asked most first."""
    tab = visit.query("tab") if visit.query("tab") in TABS else "all"
    async with visit.reading() as session:
        rows = await open_gaps(session)
    chosen = [row for row in rows if row.why in TABS[tab]]
    engine = visit.desk.serving.engine
    groups = await asyncio.to_thread(_grouped, engine, chosen)
    given = visit.query("page")
    page = int(given) if given.isdecimal() and 0 < len(given) < 6 else 1
    page = min(max(page, 1), max(1, -(-len(groups) // PAGE)))
    cards = await asyncio.to_thread(_cards, engine, groups[(page - 1) * PAGE : page * PAGE])
    return visit.render(
        "kb_gaps.html",
        cards=cards,
        count=len(groups),
        counts={name: sum(row.why in whys for row in rows) for name, whys in TABS.items()},
        tab=tab,
        page=page,
        more=page * PAGE < len(groups),
        areas=AREAS,
        entries=engine.base.entries.values(),
    )


def _grouped(engine: Engine, rows: list[Unmet]) -> list[Group]:
    return grouped(rows, engine.embedder.query if engine.embedder else None)


def _cards(engine: Engine, groups: list[Group]) -> list[Card]:
    return [Card(group, engine.base.entries.get(nearest(engine, group) or "")) for group in groups]


async def write(visit: Visit) -> web.StreamResponse:
    """写成新条目草稿."""
    form, ids = visit.form, _ids(visit)
    area = form.choice("area", AREAS, "desk.kb.area_missing")
    slug = form.line("slug", most=60) or f"asked-{min(ids)}"
    if not SLUG.fullmatch(slug):
        form.wrong("slug", "desk.kb.bad_slug")
    form.require_good()
    async with visit.writing() as session:
        await bring_in(session, visit)
        draft = await draft_entry(
            session, actor=visit.actor, ids=ids, area=area, slug=slug, now=visit.now
        )
    return visit.go("kb_edit", said="gaps.drafted", entry=draft.entry_id)


async def add(visit: Visit) -> web.StreamResponse:
    """加到现有条目的问法."""
    ids, entry_id = _ids(visit), visit.form.line("entry", most=80)
    if entry_id not in visit.desk.serving.engine.base.entries:
        raise UnknownEntry
    async with visit.writing() as session:
        await bring_in(session, visit)
        files = await present_files(session, visit, entry_id)
        await draft_asks(
            session, actor=visit.actor, ids=ids, entry_id=entry_id, files=files, now=visit.now
        )
    return visit.go("kb_edit", said="gaps.asks_added", entry=entry_id)


async def drop(visit: Visit) -> web.StreamResponse:
    """不处理."""
    ids = _ids(visit)
    why = visit.form.text("why", most=500, missing="desk.kb.why_missing")
    visit.form.require_good()
    async with visit.writing() as session:
        count = await leave(session, actor=visit.actor, ids=ids, why=why, now=visit.now)
    return visit.go_to(visit.url("kb_gaps"), "gaps.left", count=count)


def _ids(visit: Visit) -> list[int]:
    """The questions of the group as it was shown."""
    given = visit.form.values.get("ids", "").split(",")[:MOST_IDS]
    ids = [int(one) for one in given if one.isdecimal() and len(one) < 11]
    ids = [one for one in ids if one <= LARGEST_ID]
    if not ids:
        raise web.HTTPBadRequest
    return ids
