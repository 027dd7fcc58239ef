"""The second pair of eyes: a draft is reviewed by somebody who did not write in it."""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from knowledge.folder import entry_of, examine_entry
from knowledge.lawbook import LawBook
from knowledge.model import OPEN, EntryVersion, State
from knowledge.problem import Problem
from knowledge.queries import access_version, authors_of, published_files
from knowledge.service.record import NotPossible, account_of, move, name_of, note, require_why


class OwnWords(Refusal):
    """The author cannot be the reviewer."""

    key = "kb.own_words"


class HasErrors(Refusal):
    """The texts have errors; each is named with file, line and remedy."""

    key = "kb.has_errors"


async def problems_of(
    session: AsyncSession, row: EntryVersion, laws: LawBook | None
) -> Sequence[Problem]:
    """What is wrong with a version among the entries published now; reading them takes a second."""
    published = await published_files(session)
    others = {name: text for name, text in published.items() if entry_of(name) != row.entry_id}
    return await asyncio.to_thread(examine_entry, row.files, others, laws)


async def require_sound(session: AsyncSession, row: EntryVersion, laws: LawBook | None) -> None:
    """Raises HasErrors, with the errors, where a version may not go on."""
    errors = [item for item in await problems_of(session, row, laws) if item.is_error]
    if errors:
        raise HasErrors(count=len(errors), problems="；".join(str(item) for item in errors[:5]))


async def review(
    session: AsyncSession,
    *,
    actor: Actor,
    version_id: int,
    seen: int,
    note_text: str = "",
    laws: LawBook | None = None,
    now: datetime,
) -> EntryVersion:
    """Say that the draft is right. Raises OwnWords, HasErrors, NotPossible, Overtaken."""
    row = await access_version(session, actor, version_id)
    if row.state != State.DRAFT:
        raise NotPossible(number=row.number, state=row.state)
    if actor.id is not None and account_of(actor) in await authors_of(session, row.id):
        raise OwnWords
    await require_sound(session, row, laws)
    await move(
        session,
        row,
        seen=seen,
        state=State.REVIEWED,
        reviewer_id=account_of(actor),
        reviewer=name_of(actor),
        review_note=note_text.strip(),
        reviewed_at=now,
    )
    note(
        session, "review", row.entry_id,
        actor=actor, now=now, version_id=row.id, why=note_text.strip(),
    )  # fmt: skip
    await session.flush()
    return row


async def send_back(
    session: AsyncSession, *, actor: Actor, version_id: int, seen: int, why: str, now: datetime
) -> EntryVersion:
    """Return a draft to its author, with what is to be changed."""
    row = await access_version(session, actor, version_id)
    why = require_why(why)
    if row.state not in OPEN:
        raise NotPossible(number=row.number, state=row.state)
    await move(
        session, row,
        seen=seen, state=State.DRAFT, review_note=why,
        reviewer_id=None, reviewer=name_of(actor), reviewed_at=None,
    )  # fmt: skip
    note(session, "send_back", row.entry_id, actor=actor, now=now, version_id=row.id, why=why)
    await session.flush()
    return row
