"""Tools for a reply: preview, search, insert. Each gives the ticket's page back, words kept."""

from aiohttp import web

from console.answering import Tools, preview_of, search
from console.views import ticket as page
from console.visit import Visit
from core.errors import Refusal
from escalation.queries import access_ticket
from escalation.service.canned import access_canned, filled
from escalation.service.draft import BOXES

LONGEST_SEARCH = 200


class InsertUnknown(Refusal):
    key = "answering.insert_unknown"


async def preview(visit: Visit) -> web.StreamResponse:
    """What the asker would read."""
    box = visit.form.values.get("preview", "")
    box = box if box in BOXES else "answer"
    text = visit.form.text(box, most=4000, missing="answering.preview_missing")
    visit.form.require_good()
    async with visit.reading() as session:
        ticket = await access_ticket(session, visit.actor, visit.id_of())
    return await page.show(
        visit, Tools(box=box, preview=preview_of(visit.actor, ticket, box, text))
    )


async def find(visit: Visit) -> web.StreamResponse:
    """Entries and articles to quote from."""
    wanted = visit.form.line("find", most=LONGEST_SEARCH, missing="answering.find_missing")
    visit.form.require_good()
    found = await search(visit, wanted)
    return await page.show(visit, Tools(searched=wanted, found=found))


async def insert(visit: Visit) -> web.StreamResponse:
    """Put a canned reply, an entry or an article behind what is written already."""
    kind, _, name = visit.form.values.get("insert", "").partition(":")
    if not name:
        kind, name = "canned", visit.form.values.get("canned", "")
    text = await _canned(visit, name) if kind == "canned" else await _found(visit, f"{kind}:{name}")
    values = visit.form.values
    values["answer"] = "\n\n".join(part for part in (values.get("answer", ""), text) if part)
    visit.notice = "answering.inserted"
    return await page.show(visit)


async def _canned(visit: Visit, name: str) -> str:
    if not name.isdecimal() or len(name) > 9:
        raise InsertUnknown
    async with visit.reading() as session:
        ticket = await access_ticket(session, visit.actor, visit.id_of())
        canned = await access_canned(session, visit.actor, int(name))
        return await filled(session, canned, ticket, visit.actor, now=visit.now)


async def _found(visit: Visit, key: str) -> str:
    wanted = visit.form.line("find", most=LONGEST_SEARCH)
    for one in await search(visit, wanted):
        if one.key == key:
            return one.text
    raise InsertUnknown
