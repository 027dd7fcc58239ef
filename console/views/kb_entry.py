"""The page of one entry: as a user sees it, all its texts, its versions, what changed."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.curating import (
    chosen_day,
    entry_id_of,
    entry_in,
    present_files,
    preview,
    require_found,
)
from console.visit import Visit
from core.clock import local_day
from knowledge.folder import Files, difference
from knowledge.model import EntryVersion, State
from knowledge.queries import (
    authors_of,
    latest_exam,
    open_flags,
    open_of,
    published_of,
    trail_of,
    versions_of,
)
from knowledge.service.review import problems_of


async def show(visit: Visit) -> web.StreamResponse:
    """What is served, the draft under way with what is wrong with it, and the past."""
    entry_id, day = entry_id_of(visit), chosen_day(visit)
    served = visit.desk.serving.engine.base.entries.get(entry_id)
    async with visit.reading() as session:
        draft = await open_of(session, entry_id)
        versions = await versions_of(session, entry_id)
        require_found(served is not None or bool(versions))
        values = {
            "published": await published_of(session, entry_id),
            "versions": versions,
            "trail": await trail_of(session, entry_id),
            "flags": await open_flags(session, entry_id),
            **(await _draft(session, visit, draft)),
        }
    drafted = await entry_in(draft.files) if draft else None
    shown = drafted if visit.query("of") == "draft" or served is None else served
    texts = (
        [(text, preview(visit, shown, text.valid_from)) for text in shown.texts] if shown else []
    )
    return visit.render(
        "kb_entry.html",
        entry_id=entry_id,
        title=shown.question if shown else draft.title if draft else entry_id,
        entry=shown,
        served=served,
        of_draft=shown is not None and shown is drafted,
        day=day,
        today=local_day(visit.now),
        answer=preview(visit, shown, day),
        texts=texts,
        **values,
    )


async def _draft(
    session: AsyncSession, visit: Visit, draft: EntryVersion | None
) -> dict[str, object]:
    """The draft with what is wrong with it, what it changes, and who may say yes to it."""
    if draft is None:
        return {"draft": None}
    present = await present_files(session, visit, draft.entry_id)
    newest = await published_of(session, draft.entry_id)
    found = await problems_of(session, draft, visit.desk.serving.laws())
    return {
        "draft": draft,
        "problems": found,
        "changes": difference(present, draft.files).splitlines(),
        "mine": visit.actor.id in await authors_of(session, draft.id),
        "exam": await latest_exam(session, draft.id),
        "outdated": draft.based_on != (newest.number if newest else None),
        "reviewed": draft.state == State.REVIEWED,
    }


async def diff(visit: Visit) -> web.StreamResponse:
    """Unified difference of any two versions; without numbers the last two."""
    entry_id = entry_id_of(visit)
    async with visit.reading() as session:
        versions = await versions_of(session, entry_id)
    require_found(bool(versions))
    newer = _numbered(versions, visit.query("b"), versions[0])
    older = _numbered(versions, visit.query("a"), versions[min(1, len(versions) - 1)])
    before: Files = {} if older is newer and len(versions) == 1 else older.files
    return visit.render(
        "kb_diff.html",
        entry_id=entry_id,
        versions=versions,
        older=older,
        newer=newer,
        lines=difference(before, newer.files).splitlines(),
    )


def _numbered(versions: Sequence[EntryVersion], given: str, default: EntryVersion) -> EntryVersion:
    return next((row for row in versions if str(row.number) == given), default)
