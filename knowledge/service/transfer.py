"""Between a folder of files and the database, without loss."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.actor import Actor
from knowledge.folder import (
    Files,
    Taken,
    by_entry,
    difference,
    examine,
    fingerprint,
    take_in,
    write_out,
)
from knowledge.lawbook import LawBook
from knowledge.model import EntryVersion, State
from knowledge.problem import BadBase, Problem
from knowledge.queries import (
    has_published,
    last_number,
    published,
    published_files,
    require_editor,
)
from knowledge.service.flags import Rewritten, follow
from knowledge.service.record import end, move, next_edition, note, title_of

IMPORT = Actor(kind="system", name="import")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: entries by id; ``problems`` with an error among them: nothing.

    older: left as they are, because the folder has a version that was replaced or taken down here.
    """

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    only_here: tuple[str, ...] = ()
    older: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def refused(self) -> bool:
        """Whether nothing was imported."""
        return any(item.is_error for item in self.problems)


async def import_folder(
    session: AsyncSession,
    *,
    folder: Path,
    now: datetime,
    why: str,
    actor: Actor = IMPORT,
    laws: LawBook | None = None,
    prune: bool = False,
    force: bool = False,
) -> Imported:
    """Publish what differs in a folder, all or nothing. Entries the folder lacks stay, unless
    ``prune`` takes them down; what was replaced or taken down here comes back only by ``force``."""
    require_editor(actor)
    taken = await asyncio.to_thread(take_in, folder)
    if taken.errors:
        return Imported(problems=taken.problems)
    return await import_files(
        session, taken=taken, actor=actor, now=now, why=why, laws=laws, prune=prune, force=force
    )


async def import_files(
    session: AsyncSession,
    *,
    taken: Taken,
    actor: Actor,
    now: datetime,
    why: str,
    laws: LawBook | None = None,
    prune: bool = False,
    force: bool = False,
) -> Imported:
    """Publish what differs in files already taken in."""
    await next_edition(session, now=now)
    present = {row.entry_id: row for row in await published(session)}
    coming = by_entry(taken.files)
    gone = tuple(sorted(present.keys() - coming.keys()))
    older = () if force else await _older(session, coming, present)
    coming = {entry: files for entry, files in coming.items() if entry not in older}
    kept = [e for e in (*older, *(() if prune else gone)) if e in present]
    parts = [*(present[e].files for e in kept), *coming.values()]
    problems = await _examined(taken, parts, laws)
    if any(item.is_error for item in problems):
        return Imported(problems=problems)
    fresh = [entry for entry in coming if _differs(coming[entry], present.get(entry))]
    rewritten = [
        await _put(session, entry, coming[entry], present.get(entry), actor=actor, now=now, why=why)
        for entry in fresh
    ]
    await follow(session, rewritten, actor=actor, now=now)
    for entry in gone if prune else ():
        await end(session, present[entry], actor=actor, now=now, why=why)
    await session.flush()
    return Imported(
        added=tuple(entry for entry in fresh if entry not in present),
        changed=tuple(entry for entry in fresh if entry in present),
        removed=gone if prune else (),
        only_here=() if prune else gone,
        older=older,
        problems=problems,
    )


async def _examined(
    taken: Taken, parts: Sequence[Files], laws: LawBook | None
) -> tuple[Problem, ...]:
    """What is wrong with the folder, and with the base that comes of it."""
    files = {name: text for part in parts for name, text in part.items()}
    found = await asyncio.to_thread(examine, files, laws)
    return (*taken.problems, *(item for item in found if item not in taken.problems))


def _differs(files: Files, present: EntryVersion | None) -> bool:
    return present is None or present.fingerprint != fingerprint(files)


async def _older(
    session: AsyncSession, coming: Mapping[str, Files], present: Mapping[str, EntryVersion]
) -> tuple[str, ...]:
    """The entries that come as they were before somebody replaced them or took them down."""
    ended = select(EntryVersion.entry_id, EntryVersion.fingerprint).where(
        EntryVersion.state == State.EXPIRED
    )
    past = {(row[0], row[1]) for row in await session.execute(ended)}
    return tuple(
        entry
        for entry, files in coming.items()
        if (entry, fingerprint(files)) in past and _differs(files, present.get(entry))
    )


async def _put(
    session: AsyncSession,
    entry_id: str,
    files: Files,
    before: EntryVersion | None,
    *,
    actor: Actor,
    now: datetime,
    why: str,
) -> Rewritten:
    if before is not None:
        await move(session, before, seen=before.moves, state=State.EXPIRED, ended_at=now)
    replaced = {} if before is None else before.files
    number = await last_number(session, entry_id) + 1
    row = EntryVersion(
        entry_id=entry_id, number=number, state=State.PUBLISHED, files=dict(files),
        fingerprint=fingerprint(files), title=title_of(files),
        based_on=before.number if before else None, why=why, source="import",
        author=actor.name, created_at=now, publisher=actor.name, published_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    diff = difference(replaced, files) if replaced else ""
    note(session, "import", entry_id, actor=actor, now=now, version_id=row.id, why=why, diff=diff)
    return Rewritten(entry_id, files, replaced, now)


async def adopt(session: AsyncSession, *, folder: Path, now: datetime, why: str) -> bool:
    """Bring the files' base into an empty database, so that it can be changed there.

    True where that was needed; raises BadBase where the folder has errors.
    """
    if await has_published(session):
        return False
    done = await import_folder(session, folder=folder, now=now, why=why, force=True)
    if done.refused:
        raise BadBase(tuple(item for item in done.problems if item.is_error))
    return True


async def export_folder(session: AsyncSession, *, folder: Path) -> int:
    """Write all published files below a folder; how many. Raises OSError."""
    files = await published_files(session)
    await asyncio.to_thread(write_out, files, folder)
    return len(files)
