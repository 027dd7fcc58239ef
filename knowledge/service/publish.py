"""What people are answered: publish a reviewed version, take an entry down."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from knowledge.lawbook import LawBook
from knowledge.model import EntryEvent, EntryVersion, State
from knowledge.queries import (
    access_version,
    base_fingerprint,
    has_published,
    latest_exam,
    published_of,
    require_editor,
)
from knowledge.service.flags import Rewritten, follow
from knowledge.service.record import (
    NotPossible,
    account_of,
    end,
    move,
    name_of,
    next_edition,
    note,
    require_why,
)
from knowledge.service.review import require_sound


class Outdated(Refusal):
    """Another version was published since the draft was begun."""

    key = "kb.outdated"


class ExamNeeded(Refusal):
    """Nobody has looked at what this version would change."""

    key = "kb.exam_needed"


class ExamStale(Refusal):
    """The exam was about other words, or about a base that has changed since."""

    key = "kb.exam_stale"


class NoBase(Refusal):
    """One entry alone would replace the whole base: the files must be imported first."""

    key = "kb.no_base"


class UnknownEntry(Refusal):
    key = "kb.unknown_entry"


async def publish(
    session: AsyncSession,
    *,
    actor: Actor,
    version_id: int,
    seen: int,
    laws: LawBook | None = None,
    now: datetime,
) -> EntryVersion:
    """Give a reviewed version as the answer from now on; the one before it expires.

    Its exam must have been looked at, on exactly the base that comes of it.
    Raises NotPossible, NoBase, Outdated, ExamNeeded, ExamStale, HasErrors, Overtaken.
    """
    require_editor(actor)
    await next_edition(session, now=now)
    row = await access_version(session, actor, version_id)
    present = await _require_ready(session, row, laws)
    if present is not None:
        await move(session, present, seen=present.moves, state=State.EXPIRED, ended_at=now)
    await move(
        session,
        row,
        seen=seen,
        state=State.PUBLISHED,
        publisher_id=account_of(actor),
        publisher=name_of(actor),
        published_at=now,
    )
    before = {} if present is None else present.files
    rewritten = Rewritten(row.entry_id, row.files, before, await _written(session, row))
    await follow(session, [rewritten], actor=actor, now=now)
    note(session, "publish", row.entry_id, actor=actor, now=now, version_id=row.id, why=row.why)
    await session.flush()
    return row


async def _require_ready(
    session: AsyncSession, row: EntryVersion, laws: LawBook | None
) -> EntryVersion | None:
    """The version that would be replaced, once all is in order. Raises what ``publish`` does."""
    if row.state != State.REVIEWED:
        raise NotPossible(number=row.number, state=row.state)
    if not await has_published(session):
        raise NoBase
    present = await published_of(session, row.entry_id)
    if (present.number if present else None) != row.based_on:
        raise Outdated(number=present.number if present else "—")
    await _require_exam(session, row)
    await require_sound(session, row, laws)
    return present


async def _require_exam(session: AsyncSession, row: EntryVersion) -> None:
    exam = await latest_exam(session, row.id)
    if exam is None or exam.seen_at is None:
        raise ExamNeeded
    if exam.base != await base_fingerprint(session, {row.entry_id: row.fingerprint}):
        raise ExamStale


async def _written(session: AsyncSession, row: EntryVersion) -> datetime:
    """When the words of a version were last changed."""
    last = select(func.max(EntryEvent.at)).where(
        EntryEvent.version_id == row.id, EntryEvent.verb.in_(("draft", "edit"))
    )
    return await session.scalar(last) or row.created_at


async def expire(
    session: AsyncSession, *, actor: Actor, entry_id: str, why: str, now: datetime
) -> EntryVersion:
    """Take an entry down; nobody is answered with it any more. Raises UnknownEntry, WhyMissing."""
    require_editor(actor)
    why = require_why(why)
    await next_edition(session, now=now)
    row = await published_of(session, entry_id)
    if row is None:
        raise UnknownEntry
    await end(session, row, actor=actor, now=now, why=why)
    await session.flush()
    return row
