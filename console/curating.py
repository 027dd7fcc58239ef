"""What the pages of the knowledge base share: entries with their state, previews, lists."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from aiohttp import web
from markupsafe import Markup
from sqlalchemy.ext.asyncio import AsyncSession

from console.visit import Visit
from core.clock import local_day
from core.markdown import to_html
from core.texts import plain, say
from knowledge.answer import compose
from knowledge.entry import Entry
from knowledge.folder import Files, files_of, read_texts
from knowledge.load import Base
from knowledge.model import EntryVersion, Flag, State
from knowledge.queries import (
    authors_of_open,
    has_published,
    open_flags,
    open_versions,
    published_of,
)
from knowledge.service.transfer import adopt


@dataclass(frozen=True)
class Line:
    """An entry in the curator's list."""

    entry_id: str
    title: str
    area: str
    review_by: date | None
    overdue: bool
    flags: Sequence[Flag]
    draft: EntryVersion | None
    for_me: bool  # a draft that this actor may review

    @property
    def rank(self) -> tuple[int, str]:
        """Overdue first, then flagged, then what waits for me, then other drafts, then the rest."""
        if self.overdue:
            return 0, str(self.review_by or "")
        if self.flags:
            return 1, self.flags[0].from_day.isoformat()
        if self.draft is not None:
            return (2 if self.for_me else 3), f"{self.draft.id:012d}"
        return 4, ""


async def all_lines(session: AsyncSession, visit: Visit) -> list[Line]:
    """Every entry that is served or drafted, in the curator's order."""
    today, base = local_day(visit.now), visit.desk.serving.engine.base
    flags: dict[str, list[Flag]] = {}
    for flag in await open_flags(session):
        flags.setdefault(flag.entry_id, []).append(flag)
    drafts = {row.entry_id: row for row in await open_versions(session)}
    authors = await authors_of_open(session)
    found = [
        Line(
            entry_id=entry_id,
            title=entry.question if entry else drafts[entry_id].title or entry_id,
            area=entry.area if entry else next(iter(drafts[entry_id].files)).partition("/")[0],
            review_by=_review_by(entry, today) if entry else None,
            overdue=entry is not None and entry.overdue_on(today),
            flags=flags.get(entry_id, ()),
            draft=(draft := drafts.get(entry_id)),
            for_me=draft is not None
            and draft.state == State.DRAFT
            and visit.actor.id not in authors.get(draft.id, ()),
        )
        for entry_id in [*base.entries, *(drafts.keys() - base.entries.keys())]
        for entry in [base.entries.get(entry_id)]
    ]
    return sorted(found, key=lambda line: line.rank)


def _review_by(entry: Entry, today: date) -> date:
    return (entry.text_on(today) or entry.texts[-1]).review_by


def entry_id_of(visit: Visit) -> str:
    """The entry in the address."""
    return visit.request.match_info["entry"]


async def present_files(session: AsyncSession, visit: Visit, entry_id: str) -> Files:
    """The files that are served for an entry: of the database, or of the folder before that."""
    row = await published_of(session, entry_id)
    if row is not None:
        return row.files
    if await has_published(session):
        return {}
    return await asyncio.to_thread(files_of, visit.desk.serving.folder, entry_id)


async def bring_in(session: AsyncSession, visit: Visit) -> None:
    """The first change at the desk brings the files' base into the database."""
    await adopt(
        session, folder=visit.desk.serving.folder, now=visit.now, why=plain("curating.adopted")
    )


async def entry_in(files: Files) -> Entry | None:
    """The entry that some files make, as far as they are sound."""
    if not files:
        return None
    reading = await asyncio.to_thread(read_texts, files)
    return next(iter(reading.base.entries.values()), None)


def preview(visit: Visit, entry: Entry | None, day: date) -> Markup | None:
    """The answer as a user sees it on a day; None where none is in force."""
    if entry is None:
        return None
    served = visit.desk.serving.engine.base
    answer = compose(entry, day, Base({**served.entries, entry.id: entry}))
    if answer is None:
        return None
    said = say("ask.answer", a=answer, others=False, understood=None, part=None, then=None)
    return Markup(to_html(said))


def chosen_day(visit: Visit) -> date:
    """The day in the address, else today."""
    try:
        return date.fromisoformat(visit.query("day"))
    except ValueError:
        return local_day(visit.now)


def require_found(found: bool) -> None:
    """Raises HTTPNotFound for an entry that nobody knows."""
    if not found:
        raise web.HTTPNotFound
