"""The steps of a version: 复核, 退回, 撤回, 发布, 下线, and 看过不变 of a flag."""

from aiohttp import web

from console.curating import bring_in, entry_id_of
from console.visit import Visit
from knowledge.queries import open_flags
from knowledge.service.draft import withdraw
from knowledge.service.law import looked_at
from knowledge.service.publish import expire, publish
from knowledge.service.review import review, send_back

MOST_WHY = 500


def _version(visit: Visit) -> tuple[int, int]:
    """The version that the form was about, and its state as it was shown."""
    given = [visit.form.values.get(name, "") for name in ("version", "seen")]
    if not all(one.isdecimal() and len(one) < 10 for one in given):
        raise web.HTTPBadRequest
    return int(given[0]), int(given[1])


def _why(visit: Visit) -> str:
    why = visit.form.text("why", most=MOST_WHY, missing="desk.kb.why_missing")
    visit.form.require_good()
    return why


async def review_it(visit: Visit) -> web.StreamResponse:
    """复核通过."""
    version_id, seen = _version(visit)
    remark = visit.form.text("note", most=MOST_WHY)
    visit.form.require_good()
    async with visit.writing() as session:
        await review(
            session, actor=visit.actor, version_id=version_id, seen=seen,
            note_text=remark, laws=visit.desk.serving.laws(), now=visit.now,
        )  # fmt: skip
    return visit.go("kb_entry", said="desk.kb.reviewed", entry=entry_id_of(visit))


async def return_it(visit: Visit) -> web.StreamResponse:
    """退回修改."""
    version_id, seen = _version(visit)
    why = _why(visit)
    async with visit.writing() as session:
        await send_back(
            session, actor=visit.actor, version_id=version_id, seen=seen, why=why, now=visit.now
        )
    return visit.go("kb_entry", said="desk.kb.sent_back", entry=entry_id_of(visit))


async def drop_it(visit: Visit) -> web.StreamResponse:
    """撤回草稿; a new entry that was never published is then gone from the list."""
    version_id, seen = _version(visit)
    why = _why(visit)
    async with visit.writing() as session:
        await withdraw(
            session, actor=visit.actor, version_id=version_id, why=why, seen=seen, now=visit.now
        )
    return visit.go("kb_entry", said="desk.kb.withdrawn", entry=entry_id_of(visit))


async def publish_it(visit: Visit) -> web.StreamResponse:
    """发布; the answer changes at once in this process, within seconds in the others."""
    version_id, seen = _version(visit)
    async with visit.writing() as session:
        await publish(
            session, actor=visit.actor, version_id=version_id, seen=seen,
            laws=visit.desk.serving.laws(), now=visit.now,
        )  # fmt: skip
    return await _served(visit, "desk.kb.published")


async def take_down(visit: Visit) -> web.StreamResponse:
    """下线."""
    why = _why(visit)
    async with visit.writing() as session:
        await bring_in(session, visit)
        await expire(
            session, actor=visit.actor, entry_id=entry_id_of(visit), why=why, now=visit.now
        )
    return await _served(visit, "desk.kb.expired")


async def keep_it(visit: Visit) -> web.StreamResponse:
    """看过，不用改: of the flags that the page showed."""
    entry_id, remark = entry_id_of(visit), _why(visit)
    given = visit.form.values.get("flags", "").split(",")
    if not all(one.isdecimal() and len(one) < 10 for one in given):
        raise web.HTTPBadRequest
    async with visit.writing() as session:
        await looked_at(
            session, actor=visit.actor, entry_id=entry_id, shown=[int(one) for one in given],
            remark=remark, now=visit.now,
        )  # fmt: skip
        later = await open_flags(session, entry_id)
    return await _served(visit, "desk.kb.unflagged_some" if later else "desk.kb.unflagged")


async def _served(visit: Visit, said: str) -> web.StreamResponse:
    """Exchange the engine before the next page, and say so where that failed."""
    await visit.desk.serving.refresh()
    trouble = visit.desk.serving.trouble
    said = "desk.kb.not_served" if trouble and not trouble.partial else said
    return visit.go("kb_entry", said=said, entry=entry_id_of(visit))
