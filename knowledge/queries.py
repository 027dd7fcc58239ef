"""Reads over versions, flags, exams and the audit trail of the base."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from directory.model import Role
from knowledge.model import OPEN, Edition, EntryEvent, EntryVersion, Exam, Flag, Gap, State

EDITORS = frozenset({Role.EDITOR, Role.PROVINCE})


class NotAnEditor(Refusal):
    key = "kb.not_an_editor"


class UnknownVersion(Refusal):
    key = "kb.unknown_version"


def require_editor(actor: Actor) -> None:
    """Raises NotAnEditor for whoever may not work on the base."""
    if actor.kind != "system" and actor.role not in EDITORS:
        raise NotAnEditor


async def access_version(
    session: AsyncSession, actor: Actor, version_id: int, *, lock: bool = False
) -> EntryVersion:
    """A version for somebody who works on the base. Raises NotAnEditor, UnknownVersion."""
    require_editor(actor)
    query = select(EntryVersion).where(EntryVersion.id == version_id)
    row = await session.scalar(
        (query.with_for_update() if lock else query).execution_options(populate_existing=True)
    )
    if row is None:
        raise UnknownVersion
    return row


async def edition(session: AsyncSession) -> int:
    """Counts everything that changed the answers; 0 while nothing of the base is in here."""
    return await session.scalar(select(Edition.number)) or 0


async def published(session: AsyncSession) -> Sequence[EntryVersion]:
    """The version of every entry that is given as the answer."""
    return (
        await session.scalars(
            select(EntryVersion)
            .where(EntryVersion.state == State.PUBLISHED)
            .order_by(EntryVersion.entry_id)
        )
    ).all()


async def published_files(session: AsyncSession) -> dict[str, str]:
    """The files of all published versions."""
    rows = await session.scalars(
        select(EntryVersion.files)
        .where(EntryVersion.state == State.PUBLISHED)
        .order_by(EntryVersion.entry_id)
    )
    return {name: text for files in rows for name, text in files.items()}


async def has_published(session: AsyncSession) -> bool:
    """Whether the base lives in the database."""
    found = select(EntryVersion.id).where(EntryVersion.state == State.PUBLISHED).limit(1)
    return await session.scalar(found) is not None


async def base_fingerprint(session: AsyncSession, changed: Mapping[str, str]) -> str:
    """The published base with the fingerprints of ``changed`` entries put in, as one hash."""
    rows = await session.execute(
        select(EntryVersion.entry_id, EntryVersion.fingerprint).where(
            EntryVersion.state == State.PUBLISHED
        )
    )
    marks = {**{row[0]: row[1] for row in rows}, **changed}
    joined = "\n".join(f"{entry} {marks[entry]}" for entry in sorted(marks))
    return hashlib.sha256(joined.encode()).hexdigest()


async def published_of(session: AsyncSession, entry_id: str) -> EntryVersion | None:
    """The published version of an entry."""
    return await session.scalar(
        select(EntryVersion).where(
            EntryVersion.entry_id == entry_id, EntryVersion.state == State.PUBLISHED
        )
    )


async def open_of(session: AsyncSession, entry_id: str) -> EntryVersion | None:
    """The draft of an entry that somebody works on; there is at most one."""
    return await session.scalar(
        select(EntryVersion).where(EntryVersion.entry_id == entry_id, EntryVersion.state.in_(OPEN))
    )


async def open_versions(session: AsyncSession) -> Sequence[EntryVersion]:
    """All drafts, oldest first."""
    return (
        await session.scalars(
            select(EntryVersion).where(EntryVersion.state.in_(OPEN)).order_by(EntryVersion.id)
        )
    ).all()


async def versions_of(session: AsyncSession, entry_id: str) -> Sequence[EntryVersion]:
    """Every version of an entry, newest first."""
    return (
        await session.scalars(
            select(EntryVersion)
            .where(EntryVersion.entry_id == entry_id)
            .order_by(EntryVersion.number.desc())
        )
    ).all()


async def last_number(session: AsyncSession, entry_id: str) -> int:
    """The number of an entry's newest version; 0 without any."""
    found = select(func.max(EntryVersion.number)).where(EntryVersion.entry_id == entry_id)
    return await session.scalar(found) or 0


async def authors_of(session: AsyncSession, version_id: int) -> set[int]:
    """The accounts whose words a version holds: none of them may review it."""
    rows = await session.scalars(
        select(EntryEvent.actor_id).where(
            EntryEvent.version_id == version_id, EntryEvent.verb.in_(("draft", "edit"))
        )
    )
    return {account for account in rows if account is not None}


async def trail_of(session: AsyncSession, entry_id: str) -> Sequence[EntryEvent]:
    """What was done to an entry, newest first."""
    return (
        await session.scalars(
            select(EntryEvent)
            .where(EntryEvent.entry_id == entry_id)
            .order_by(EntryEvent.id.desc())
            .limit(100)
        )
    ).all()


async def open_flags(session: AsyncSession, entry_id: str | None = None) -> Sequence[Flag]:
    """Flags nobody has settled, of one entry or all, soonest first."""
    query = select(Flag).where(Flag.cleared_at.is_(None))
    if entry_id is not None:
        query = query.where(Flag.entry_id == entry_id)
    return (await session.scalars(query.order_by(Flag.from_day, Flag.id))).all()


async def flagged_from(session: AsyncSession) -> dict[str, date]:
    """For every flagged entry the first day from which its words are in doubt."""
    rows = await session.execute(
        select(Flag.entry_id, func.min(Flag.from_day))
        .where(Flag.cleared_at.is_(None))
        .group_by(Flag.entry_id)
    )
    return {row[0]: row[1] for row in rows}


async def made_of(session: AsyncSession, source: str) -> EntryVersion | None:
    """The newest version that was made of this, unless it was withdrawn."""
    return await session.scalar(
        select(EntryVersion)
        .where(EntryVersion.source == source, EntryVersion.state != State.WITHDRAWN)
        .order_by(EntryVersion.id.desc())
        .limit(1)
    )


async def count_gaps(session: AsyncSession) -> int:
    """How many questions without a good answer nobody has settled."""
    query = select(func.count()).select_from(Gap).where(Gap.handled_at.is_(None))
    return await session.scalar(query) or 0


async def latest_exam(session: AsyncSession, version_id: int) -> Exam | None:
    """The exam of a version that was begun last."""
    return await session.scalar(
        select(Exam).where(Exam.version_id == version_id).order_by(Exam.id.desc()).limit(1)
    )


async def authors_of_open(session: AsyncSession) -> dict[int, set[int]]:
    """For every open draft the accounts that wrote in it."""
    rows = await session.execute(
        select(EntryEvent.version_id, EntryEvent.actor_id)
        .join(EntryVersion, EntryVersion.id == EntryEvent.version_id)
        .where(EntryVersion.state.in_(OPEN), EntryEvent.verb.in_(("draft", "edit")))
    )
    found: dict[int, set[int]] = {}
    for version, account in rows:
        if version is not None and account is not None:
            found.setdefault(version, set()).add(account)
    return found
