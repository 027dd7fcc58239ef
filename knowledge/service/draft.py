"""Begin, change and give up a draft. Nobody's words are overwritten unseen."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.database import insert_or_ignore
from core.errors import Refusal
from directory.actor import Actor
from directory.model import Role
from knowledge.folder import difference, entry_of, fingerprint
from knowledge.front import LARGEST
from knowledge.load import LONGEST_ID
from knowledge.model import OPEN, EntryVersion, State
from knowledge.queries import (
    EDITORS,
    NotAnEditor,
    access_version,
    last_number,
    open_of,
    published_of,
    require_editor,
)
from knowledge.service.record import (
    NotPossible,
    account_of,
    move,
    name_of,
    note,
    require_why,
    title_of,
)
from knowledge.skeleton import Sketch

PROPOSERS = EDITORS | {Role.STAFF, Role.DIRECTOR}
LATEST = -1  # made from what is published at this moment, read in the same transaction


class AlreadyOpen(Refusal):
    """Somebody works on this entry; the words of the second are shown to them, not stored."""

    key = "kb.already_open"


class Superseded(Refusal):
    """What the words were made from is not what is published any more."""

    key = "kb.superseded"


class IdTaken(Refusal):
    """There is, or was, an entry of this id."""

    key = "proposal.id_taken"


class BadFiles(Refusal):
    """A file does not belong to the entry by its name, there is no base text, or it is too big."""

    key = "kb.bad_files"


async def start_draft(
    session: AsyncSession,
    *,
    actor: Actor,
    entry_id: str,
    files: Mapping[str, str],
    why: str,
    now: datetime,
    source: str = "desk",
    based_on: int | None = LATEST,
) -> EntryVersion:
    """A new draft of an entry, new or published. Errors in the texts keep it from review only.

    source: what it was made of, e.g. ``ticket:17``. based_on: the published version that the
    words were made from, None without one; they may have been typed over an hour.
    Raises NotAnEditor, WhyMissing, BadFiles, AlreadyOpen, Superseded.
    """
    require_editor(actor)
    return await _start(
        session, actor=actor, entry_id=entry_id, files=files, why=why, now=now, source=source,
        based_on=based_on,
    )  # fmt: skip


async def propose(
    session: AsyncSession, *, actor: Actor, sketch: Sketch, why: str, source: str, now: datetime
) -> EntryVersion:
    """The draft of an entry that is not there yet, from somebody of a center too; they hand it in
    and no more: only editors change, review and publish it.

    Raises NotAnEditor, WhyMissing, IdTaken.
    """
    if actor.role not in PROPOSERS:
        raise NotAnEditor
    if await last_number(session, sketch.entry_id):
        raise IdTaken(entry=sketch.entry_id)
    files = sketch.files(local_day(now))
    return await _start(
        session, actor=actor, entry_id=sketch.entry_id, files=files, why=why, now=now, source=source
    )


async def _start(
    session: AsyncSession,
    *,
    actor: Actor,
    entry_id: str,
    files: Mapping[str, str],
    why: str,
    now: datetime,
    source: str,
    based_on: int | None = LATEST,
) -> EntryVersion:
    why = require_why(why)
    _require_files(entry_id, files)
    number = await last_number(session, entry_id) + 1
    present = await published_of(session, entry_id)
    base = None if present is None else present.number
    free = await open_of(session, entry_id) is None
    if free and based_on not in (LATEST, base):
        raise Superseded
    began = free and await _begin(
        session, entry_id, files, number=number, why=why, source=source, actor=actor, now=now,
        based_on=base,
    )  # fmt: skip
    row = await open_of(session, entry_id)
    if row is None or not began:
        raise AlreadyOpen(by=row.author if row else "", number=row.number if row else number)
    diff = difference(present.files if present else {}, files)
    note(session, "draft", entry_id, actor=actor, now=now, version_id=row.id, why=why, diff=diff)
    await session.flush()
    return row


async def _begin(
    session: AsyncSession,
    entry_id: str,
    files: Mapping[str, str],
    *,
    actor: Actor,
    now: datetime,
    **columns: Any,
) -> bool:
    """Insert the version; of two who begin at once, exactly one does."""
    return await insert_or_ignore(
        session,
        EntryVersion,
        entry_id=entry_id,
        state=State.DRAFT,
        files=dict(files),
        fingerprint=fingerprint(files),
        title=title_of(files),
        author_id=account_of(actor),
        author=name_of(actor),
        created_at=now,
        reviewer="",
        review_note="",
        publisher="",
        moves=0,
        **columns,
    )


async def edit(
    session: AsyncSession,
    *,
    actor: Actor,
    version_id: int,
    files: Mapping[str, str],
    why: str,
    seen: int,
    based_on: int | None,
    now: datetime,
) -> EntryVersion:
    """Change a draft; one that was reviewed must be reviewed again.

    seen: ``moves`` as the editor saw it. based_on: the published version that the words contain;
    another one than the draft's where the editor has merged it.
    Raises NotAnEditor, UnknownVersion, NotPossible, WhyMissing, BadFiles, Overtaken.
    """
    row = await access_version(session, actor, version_id)
    why = require_why(why)
    _require_files(row.entry_id, files)
    _require_open(row)
    diff = difference(row.files, files)
    await move(
        session,
        row,
        seen=seen,
        state=State.DRAFT,
        files=dict(files),
        fingerprint=fingerprint(files),
        title=title_of(files),
        based_on=based_on,
        why=why,
        reviewer_id=None,
        reviewer="",
        reviewed_at=None,
    )
    note(session, "edit", row.entry_id, actor=actor, now=now, version_id=row.id, why=why, diff=diff)
    await session.flush()
    return row


async def withdraw(
    session: AsyncSession, *, actor: Actor, version_id: int, why: str, seen: int, now: datetime
) -> EntryVersion:
    """Give up a draft; its words stay in the past of the entry."""
    row = await access_version(session, actor, version_id)
    why = require_why(why)
    _require_open(row)
    await move(session, row, seen=seen, state=State.WITHDRAWN, ended_at=now)
    note(session, "withdraw", row.entry_id, actor=actor, now=now, version_id=row.id, why=why)
    await session.flush()
    return row


def _require_open(row: EntryVersion) -> None:
    if row.state not in OPEN:
        raise NotPossible(number=row.number, state=row.state)


def _require_files(entry_id: str, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        if entry_of(name) != entry_id or len(text.encode()) > LARGEST or "\0" in text:
            raise BadFiles(name=name, most=LARGEST // 1024)
    if all("@" in name for name in files) or len(entry_id) > LONGEST_ID:
        raise BadFiles(name=entry_id, most=LARGEST // 1024)
