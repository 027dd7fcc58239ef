"""常用回复: the list, and writing one."""

from aiohttp import web

from console.visit import Visit
from core.errors import Refusal
from escalation.service.canned import (
    PLACEHOLDERS,
    Owner,
    access_canned,
    canned_for,
    keep_canned,
    owner_of,
    owners_for,
    retire_canned,
)

LONGEST = 4000


async def show(visit: Visit) -> web.StreamResponse:
    """What I may use, and a form for a new one."""
    async with visit.reading() as session:
        found = await canned_for(session, visit.actor)
    mine = owners_for(visit.actor)
    lines = [(one, owner_of(one), owner_of(one) in mine) for one in found]
    return visit.render("canned.html", lines=lines, owners=mine, holes=PLACEHOLDERS)


async def create(visit: Visit) -> web.StreamResponse:
    """Keep a new one."""
    await _keep(visit, None)
    return visit.go("canned", said="answering.canned_kept")


async def edit(visit: Visit) -> web.StreamResponse:
    """One of them, to change; what was typed comes first."""
    async with visit.reading() as session:
        try:
            one = await access_canned(session, visit.actor, visit.id_of(), change=True)
        except Refusal as refusal:
            raise web.HTTPNotFound from refusal
    stored = {"title": one.title, "text": one.text, "owner": owner_of(one), "seen": one.changes}
    for name, value in stored.items():
        visit.form.values.setdefault(name, str(value))
    return visit.render(
        "canned_edit.html", one=one, owners=owners_for(visit.actor), holes=PLACEHOLDERS
    )


async def change(visit: Visit) -> web.StreamResponse:
    """Keep the change."""
    await _keep(visit, visit.id_of())
    return visit.go("canned", said="answering.canned_kept")


async def retire(visit: Visit) -> web.StreamResponse:
    """Take it off the list."""
    async with visit.writing() as session:
        await retire_canned(
            session, actor=visit.actor, canned_id=visit.id_of(), seen=_seen(visit), now=visit.now
        )
    return visit.go("canned", said="answering.canned_retired")


async def _keep(visit: Visit, canned_id: int | None) -> None:
    form = visit.form
    title = form.line("title", most=60, missing="answering.title_missing")
    text = form.text("text", most=LONGEST, missing="answering.text_missing")
    owner = form.choice("owner", owners_for(visit.actor), "answering.owner_missing")
    form.require_good()
    async with visit.writing() as session:
        await keep_canned(
            session,
            actor=visit.actor,
            owner=Owner(owner),
            title=title,
            text=text,
            now=visit.now,
            canned_id=canned_id,
            seen=_seen(visit),
        )


def _seen(visit: Visit) -> int:
    given = visit.form.values.get("seen", "")
    return int(given) if given.isdecimal() and len(given) < 9 else 0
