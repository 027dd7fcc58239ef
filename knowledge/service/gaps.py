"""What was asked without a good answer: kept without the asker, and made into drafts."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.database import insert_or_ignore
from core.errors import Refusal
from core.jobs import JobFunction
from core.masking import anonymous
from core.security import fingerprint
from core.texts import plain
from directory.actor import Actor
from directory.queries import names_in
from knowledge.asking import with_asks
from knowledge.folder import entry_of
from knowledge.gaps import Unmet
from knowledge.load import MOST_QUESTION
from knowledge.model import EntryVersion, Exam, Gap, Why
from knowledge.normalise import plain as normalised
from knowledge.queries import open_of, require_editor
from knowledge.service.draft import propose, start_draft
from knowledge.service.record import name_of, require_why
from knowledge.skeleton import Sketch

LEAST = 3  # letters that say something
LONGEST = 300  # letters of a question that are kept
MOST_OPEN = 3000  # newest rows that are looked at
MOST_ASKS = 12  # ways of asking that a draft gets
LONGEST_ASK = 80


class AlreadyHandled(Refusal):
    """Somebody else settled these questions first."""

    key = "gaps.already_handled"


class EntryBusy(Refusal):
    """Somebody's draft of the entry is under way."""

    key = "gaps.entry_busy"


class NothingNew(Refusal):
    """The entry has all of these ways of asking, or its list of them could not be read."""

    key = "gaps.nothing_new"


async def note_gap(
    session: AsyncSession,
    *,
    question: str,
    why: Why,
    chat: str,
    now: datetime,
    entry_id: str | None = None,
    center_id: int | None = None,
) -> bool:
    """Keep a question without names, phones and numbers. False where it says nothing, or the
    same chat asked it before on the same day."""
    words = " ".join(question.split())
    words = anonymous(words, await names_in(session, words))[:LONGEST]
    if len(normalised(words).joined) < LEAST:
        return False
    day = local_day(now)
    return await insert_or_ignore(
        session,
        Gap,
        mark=_mark(chat, day, words),
        day=day,
        question=words,
        why=why,
        entry_id=entry_id,
        center_id=center_id,
        handled_by="",
        handled="",
        note="",
    )


def _mark(chat: str, day: date, question: str) -> str:
    """Made of what is kept, so that whoever knows the chat finds its rows, and nobody else."""
    return fingerprint(f"{chat}\0{day}\0{normalised(question).joined}")


async def forget_chat(session: AsyncSession, chat: str) -> None:
    """What was asked in this chat has become confidential: its questions go, and the exams that
    may quote them; a draft under way is examined again."""
    rows = await session.execute(select(Gap.id, Gap.mark, Gap.day, Gap.question))
    theirs = [row.id for row in rows if row.mark == _mark(chat, row.day, row.question)]
    await session.execute(delete(Gap).where(Gap.id.in_(theirs)))
    exams = await session.execute(select(Exam.id, Exam.finished_at, Exam.result))
    quoting = [
        exam.id
        for exam in exams
        if exam.finished_at is None or any(row["real"] for row in exam.result.get("rows", ()))
    ]
    await session.execute(delete(Exam).where(Exam.id.in_(quoting)))


async def open_gaps(session: AsyncSession, whys: Sequence[Why] = tuple(Why)) -> list[Unmet]:
    """What nobody has settled, newest first."""
    rows = await session.scalars(
        select(Gap)
        .where(Gap.handled_at.is_(None), Gap.why.in_(whys))
        .order_by(Gap.id.desc())
        .limit(MOST_OPEN)
    )
    # Masked again: rows may be of a time when less was hidden.
    return [
        Unmet(row.id, anonymous(row.question, ()), row.why, row.day, row.entry_id) for row in rows
    ]


async def leave(
    session: AsyncSession, *, actor: Actor, ids: Sequence[int], why: str, now: datetime
) -> int:
    """Nothing is to be written for these; how many. Raises WhyMissing, AlreadyHandled."""
    return len(await _settle(session, actor, ids, "left", now=now, note=require_why(why)))


async def draft_entry(
    session: AsyncSession,
    *,
    actor: Actor,
    ids: Sequence[int],
    area: str,
    slug: str,
    now: datetime,
) -> EntryVersion:
    """A new entry that is asked in these words; its answer and sources are still to be written.

    Raises NotAnEditor, AlreadyHandled, IdTaken, BadFiles.
    """
    asked = await _settle(session, actor, ids, "draft", now=now)
    question = asked[0]
    sketch = Sketch(
        area=area,
        slug=slug,
        question=question[:MOST_QUESTION],
        asks=_short(asked[len(question) <= MOST_QUESTION :]),
        short="",
    )
    return await propose(
        session,
        actor=actor,
        sketch=sketch,
        why=plain("gaps.why", count=len(ids)),
        source=f"gaps:{min(ids)}",
        now=now,
    )


async def draft_asks(
    session: AsyncSession,
    *,
    actor: Actor,
    ids: Sequence[int],
    entry_id: str,
    files: Mapping[str, str],
    now: datetime,
) -> EntryVersion:
    """An entry that is asked in these words too. files: its texts as they are served.

    Raises NotAnEditor, AlreadyHandled, EntryBusy, NothingNew.
    """
    asked = await _settle(session, actor, ids, "asks", now=now)
    busy = await open_of(session, entry_id)
    if busy is not None:
        raise EntryBusy(by=busy.author, number=busy.number)
    base = next((name for name in files if entry_of(name) == entry_id and "@" not in name), "")
    text = with_asks(files.get(base, ""), _short(asked))
    if text is None:
        raise NothingNew
    return await start_draft(
        session,
        actor=actor,
        entry_id=entry_id,
        files={**files, base: text},
        why=plain("gaps.why", count=len(ids)),
        now=now,
        source=f"gaps:{min(ids)}",
    )


def _short(asked: Sequence[str]) -> tuple[str, ...]:
    return tuple(one for one in asked if len(one) <= LONGEST_ASK)[:MOST_ASKS]


async def _settle(
    session: AsyncSession,
    actor: Actor,
    ids: Sequence[int],
    how: str,
    *,
    now: datetime,
    note: str = "",
) -> list[str]:
    """Claim the questions; they in words, the most frequent first, without the names that have
    become known since. Raises AlreadyHandled."""
    require_editor(actor)
    rows = await session.scalars(
        update(Gap)
        .where(Gap.id.in_(ids), Gap.handled_at.is_(None))
        .values(handled_at=now, handled_by=name_of(actor), handled=how, note=note)
        .returning(Gap.question)
    )
    asked = list(rows)
    if not asked:
        raise AlreadyHandled
    known = await names_in(session, "\n".join(asked))
    asked = [anonymous(one, known) for one in asked]
    return sorted(dict.fromkeys(asked), key=lambda one: -asked.count(one))


def drop_old(days: int) -> JobFunction:
    """Job: what was asked longer ago than this is forgotten, handled or not, and exams, which
    quote what people asked."""

    async def drop(session: AsyncSession, now: datetime) -> None:
        oldest: date = local_day(now) - timedelta(days=days)
        await session.execute(delete(Gap).where(Gap.day < oldest))
        await session.execute(delete(Exam).where(Exam.started_at < now - timedelta(days=days)))

    return drop
