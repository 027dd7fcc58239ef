"""The exam before publishing: begin it, watch it, look at what would be answered differently."""

from aiohttp import web

from console.curating import entry_id_of, require_found
from console.visit import Visit
from knowledge.exam import KINDS, cut_off, look_at
from knowledge.queries import base_fingerprint, latest_exam, open_of


async def show(visit: Visit) -> web.StreamResponse:
    """The newest exam of the draft; while it is under way the page looks again by itself."""
    entry_id = entry_id_of(visit)
    async with visit.reading() as session:
        draft = await open_of(session, entry_id)
        require_found(draft is not None)
        assert draft is not None
        exam = await latest_exam(session, draft.id)
        now_base = await base_fingerprint(session, {entry_id: draft.fingerprint})
    running = exam is not None and exam.finished_at is None and not cut_off(exam, visit.now)
    page = visit.render(
        "kb_exam.html",
        entry_id=entry_id,
        draft=draft,
        exam=exam,
        running=running,
        stale=exam is not None and exam.base != now_base,
        kinds=KINDS,
    )
    if running:
        page.headers["Refresh"] = "3"
    return page


async def begin(visit: Visit) -> web.StreamResponse:
    """Hold one in the background."""
    entry_id = entry_id_of(visit)
    async with visit.writing() as session:
        draft = await open_of(session, entry_id)
        require_found(draft is not None)
        assert draft is not None
        exam = await visit.desk.examiner.begin(
            session, actor=visit.actor, version_id=draft.id, now=visit.now
        )
    visit.desk.examiner.start(exam.id)
    return visit.go("kb_exam", entry=entry_id)


async def seen(visit: Visit) -> web.StreamResponse:
    """Somebody has looked at the list."""
    given = visit.form.values.get("exam", "")
    if not given.isdecimal() or len(given) > 9:
        raise web.HTTPBadRequest
    async with visit.writing() as session:
        await look_at(session, actor=visit.actor, exam_id=int(given), now=visit.now)
    return visit.go("kb_entry", said="desk.kb.exam_seen", entry=entry_id_of(visit))
