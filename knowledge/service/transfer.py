"""Between a folder of files and the database, without loss."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from directory.actor import Actor
from knowledge.folder import Taken, by_entry, difference, examine, fingerprint, take_in, write_out
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
from knowledge.service.publish import settle_flags
from knowledge.service.record import move, next_edition, note, title_of

IMPORT = Actor(kind="system", name="import")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did: entries by id; ``problems`` with an error among them: nothing."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    only_here: tuple[str, ...] = ()
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
) -> Imported:
    """Publish what differs in a folder, all or nothing. Entries the folder lacks stay, unless
    ``prune`` takes them down."""
    require_editor(actor)
    taken = await asyncio.to_thread(take_in, folder)
    if taken.errors:
        return Imported(problems=taken.problems)
    return await import_files(
        session, taken=taken, actor=actor, now=now, why=why, laws=laws, prune=prune
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
) -> Imported:
    """Publish what differs in files already taken in."""
    await next_edition(session, now=now)
    present = {row.entry_id: row for row in await published(session)}
    coming = by_entry(taken.files)
    gone = tuple(sorted(present.keys() - coming.keys()))
    kept = {} if prune else {n: t for e in gone for n, t in present[e].files.items()}
    found = await asyncio.to_thread(examine, {**kept, **taken.files}, laws)
    problems = (*taken.problems, *(item for item in found if item not in taken.problems))
    if any(item.is_error for item in problems):
        return Imported(problems=problems)
    added: list[str] = []
    changed: list[str] = []
    for entry_id, files in coming.items():
        before = present.get(entry_id)
        if before is not None and before.fingerprint == fingerprint(files):
            continue
        await _put(session, entry_id, files, before, actor=actor, now=now, why=why)
        (added if before is None else changed).append(entry_id)
    for entry_id in gone if prune else ():
        row = present[entry_id]
        await move(session, row, seen=row.moves, state=State.EXPIRED, ended_at=now)
        note(session, "expire", entry_id, actor=actor, now=now, version_id=row.id, why=why)
    await session.flush()
    return Imported(
        tuple(added), tuple(changed), gone if prune else (), () if prune else gone, problems
    )


async def _put(
    session: AsyncSession,
    entry_id: str,
    files: Mapping[str, str],
    before: EntryVersion | None,
    *,
    actor: Actor,
    now: datetime,
    why: str,
) -> None:
    if before is not None:
        await move(session, before, seen=before.moves, state=State.EXPIRED, ended_at=now)
        await settle_flags(session, entry_id, actor=actor, now=now)
    number = await last_number(session, entry_id) + 1
    row = EntryVersion(
        entry_id=entry_id, number=number, state=State.PUBLISHED, files=dict(files),
        fingerprint=fingerprint(files), title=title_of(files),
        based_on=before.number if before else None, why=why, source="import",
        author=actor.name, created_at=now, publisher=actor.name, published_at=now,
    )  # fmt: skip
    session.add(row)
    await session.flush()
    diff = "" if before is None else difference(before.files, files)
    note(session, "import", entry_id, actor=actor, now=now, version_id=row.id, why=why, diff=diff)


async def adopt(session: AsyncSession, *, folder: Path, now: datetime, why: str) -> bool:
    """Bring the files' base into an empty database, so that it can be changed there.

    True where that was needed; raises BadBase where the folder has errors.
    """
    if await has_published(session):
        return False
    done = await import_folder(session, folder=folder, now=now, why=why)
    if done.refused:
        raise BadBase(tuple(item for item in done.problems if item.is_error))
    return True


async def export_folder(session: AsyncSession, *, folder: Path) -> int:
    """Write all published files below a folder; how many. Raises OSError."""
    files = await published_files(session)
    await asyncio.to_thread(write_out, files, folder)
    return len(files)
