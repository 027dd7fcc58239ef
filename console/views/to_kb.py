"""写成知识库草稿: an expert's answer, anonymised, for the editors of the base."""

from aiohttp import web

from console.views.kb_new import SLUG
from console.visit import Visit
from escalation.service.to_knowledge import draft_of_answer
from knowledge.entry import AREAS


async def submit(visit: Visit) -> web.StreamResponse:
    """Make the draft; who may edit it goes on there, others stay at the ticket."""
    form, ticket_id = visit.form, visit.id_of()
    area = form.choice("area", AREAS, "desk.kb.area_missing")
    slug = form.line("slug", most=60) or f"expert-{ticket_id}"
    if not SLUG.fullmatch(slug):
        form.wrong("slug", "desk.kb.bad_slug")
    form.require_good()
    async with visit.writing() as session:
        draft = await draft_of_answer(
            session, actor=visit.actor, ticket_id=ticket_id, area=area, slug=slug, now=visit.now
        )
    address = visit.url("ticket", id=ticket_id)
    if visit.actor.is_province:
        address = visit.url("kb_entry", entry=draft.entry_id)
    return visit.go_to(address, "proposal.handed_in", entry=draft.entry_id)
