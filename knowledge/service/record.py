"""What every change of the base leaves behind: a line of the trail, a next edition."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import changed, insert_or_ignore
from core.errors import Refusal
from directory.actor import Actor
from knowledge.folder import Files, entry_of
from knowledge.front import read_text
from knowledge.model import Edition, EntryEvent, EntryVersion, State

SYSTEM_NAME = "系统"
MOST_TITLE = 80


class Overtaken(Refusal):
    """Somebody else moved the version since it was shown; nothing was changed."""

    key = "kb.overtaken"


class NotPossible(Refusal):
    """The version does not stand where this can be done."""

    key = "kb.not_possible"


class WhyMissing(Refusal):
    key = "kb.why_missing"


def account_of(actor: Actor) -> int | None:
    """The desk account of an actor, if it is one."""
    return actor.id if actor.kind == "desk" else None


def name_of(actor: Actor) -> str:
    """How the trail names an actor."""
    return (actor.name or SYSTEM_NAME)[:40]


def require_why(why: str) -> str:
    """A reason in words. Raises WhyMissing."""
    if not why.strip():
        raise WhyMissing
    return why.strip()


def note(
    session: AsyncSession,
    verb: str,
    entry_id: str,
    *,
    actor: Actor,
    now: datetime,
    version_id: int | None = None,
    why: str = "",
    diff: str = "",
) -> None:
    """Write a line of the audit trail."""
    session.add(
        EntryEvent(
            entry_id=entry_id,
            version_id=version_id,
            verb=verb,
            at=now,
            actor_id=account_of(actor),
            actor=name_of(actor),
            why=why,
            diff=diff,
        )
    )


async def next_edition(session: AsyncSession, *, now: datetime) -> None:
    """Count one more change of the answers. Until the end of the transaction no other publication
    goes on, so that each is examined against what the one before it left."""
    await insert_or_ignore(session, Edition, id=1, number=0, changed_at=now)
    await session.execute(
        update(Edition).where(Edition.id == 1).values(number=Edition.number + 1, changed_at=now)
    )


async def move(session: AsyncSession, row: EntryVersion, *, seen: int, **values: object) -> None:
    """Change a version if it is still as it was ``seen``. Raises Overtaken."""
    result = await session.execute(
        update(EntryVersion)
        .where(EntryVersion.id == row.id, EntryVersion.moves == seen)
        .values(moves=seen + 1, **values)
    )
    if not changed(result):
        raise Overtaken(number=row.number)
    await session.refresh(row)


def title_of(files: Files) -> str:
    """The question in the base text, as far as it can be read; for lists."""
    for name in sorted(files, key=len):
        if entry_of(name) and "@" not in name:
            question = read_text(files[name], name).values.get("question")
            if isinstance(question, str):
                return question.strip()[:MOST_TITLE]
    return ""


async def end(
    session: AsyncSession, row: EntryVersion, *, actor: Actor, now: datetime, why: str
) -> None:
    """Take a published version down."""
    await move(session, row, seen=row.moves, state=State.EXPIRED, ended_at=now)
    note(session, "expire", row.entry_id, actor=actor, now=now, version_id=row.id, why=why)
