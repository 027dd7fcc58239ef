"""The exam before publishing: known and recent questions, asked of the base as it is and as it
would be; what they would be answered differently is stored for somebody to look at."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.errors import Refusal
from core.texts import plain as words
from directory.actor import Actor
from knowledge.embed import Cached, Embedder, Vectors
from knowledge.engine import Engine
from knowledge.examples import questions
from knowledge.folder import entry_of, read_texts
from knowledge.model import EntryVersion, Exam
from knowledge.normalise import plain
from knowledge.problem import BadBase
from knowledge.queries import access_version, base_fingerprint, published_files
from knowledge.service.record import name_of, note
from knowledge.serving import Serving

SLICE = 100  # questions between two reports of progress
MOST_ROWS = 300
LONGEST = timedelta(minutes=10)  # an exam takes a minute or two
KINDS = ("worse", "unanswered", "different", "better")  # what to look at first, first

Recent = Callable[[AsyncSession], Awaitable[list[str]]]

log = logging.getLogger(__name__)


class UnknownExam(Refusal):
    key = "kb.unknown_exam"


class ExamRunning(Refusal):
    key = "kb.exam_running"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the entries that answer it; None where nobody has said which do."""

    text: str
    right: frozenset[str] | None


Known = Callable[[], Sequence[Asked]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a question: decision kind, the entry answered with, what was offered."""

    kind: str
    entry: str | None
    choices: tuple[str, ...] = ()


class _Remembering:
    """Each question's vector once for both bases; those of known questions from the cache."""

    def __init__(self, inner: Embedder) -> None:
        self._inner = inner
        self._rows: dict[str, Vectors] = {}

    @property
    def name(self) -> str:
        return self._inner.name

    def passages(self, texts: Sequence[str]) -> Vectors:
        return self._inner.passages(texts)

    def query(self, text: str) -> Vectors:
        if text not in self._rows:
            self._rows[text] = self._inner.query(text)
        return self._rows[text]

    def learn(self, texts: Sequence[str]) -> None:
        """Questions that may be kept on disk: ours, not those of users."""
        missing = list(dict.fromkeys(text for text in texts if text not in self._rows))
        if missing and isinstance(self._inner, Cached):
            rows = np.asarray(self._inner.passages(missing))
            self._rows.update(zip(missing, rows, strict=True))


def development() -> list[Asked]:
    """The questions whose right answers are known, foreign ones included."""
    return [Asked(item.text, item.entries) for item in questions()]


def outcome(engine: Engine, question: str, day: date) -> Outcome:
    """What an engine would do."""
    decision = engine.ask(question, day)
    return Outcome(decision.kind, decision.entry, tuple(one.entry for one in decision.choices))


def judge(asked: Asked, before: Outcome, after: Outcome) -> str | None:
    """better, worse, unanswered or different; None where nothing changed that matters."""
    if (before.kind, before.entry) == (after.kind, after.entry) and (
        before.kind != "choices" or before.choices[:1] == after.choices[:1]
    ):
        return None
    if asked.right is None:
        if after.kind == "answer":
            return "different"
        return "unanswered" if before.kind == "answer" else None
    first, second = _points(asked.right, before), _points(asked.right, after)
    if asked.right and before.kind == "answer" and after.kind != "answer" and first >= second:
        return "unanswered"
    if first == second:
        return "different" if before.entry != after.entry else None
    return "better" if second > first else "worse"


def _points(right: frozenset[str], given: Outcome) -> int:
    """2 for the right thing, 1 for choices with it, 0 else; a foreign question is for a person."""
    if not right:
        return {"handoff": 2, "choices": 1}.get(given.kind, 0)
    if given.kind == "answer":
        return 2 if given.entry in right else 0
    return 1 if given.kind == "choices" and right & {*given.choices} else 0


class Examiner:
    """Holds exams beside the running service.

    recent: what people asked lately. known: the questions whose right answers are known.
    """

    def __init__(self, serving: Serving, recent: Recent, known: Known = development) -> None:
        self.serving = serving
        self.recent = recent
        self.known = known
        self._running: set[asyncio.Task[None]] = set()

    async def begin(
        self, session: AsyncSession, *, actor: Actor, version_id: int, now: datetime
    ) -> Exam:
        """A new exam of a version; hand it to ``start`` after the commit."""
        row = await access_version(session, actor, version_id)
        exam = Exam(
            version_id=row.id,
            base=await base_fingerprint(session, {row.entry_id: row.fingerprint}),
            started_at=now,
            started_by=name_of(actor),
            result={},
        )
        session.add(exam)
        await session.flush()
        return exam

    def start(self, exam_id: int) -> None:
        """Hold the exam in the background; its progress and result are stored."""
        task = asyncio.create_task(self.conduct(exam_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def idle(self) -> None:
        """Wait for the exams under way."""
        await asyncio.gather(*self._running)

    async def conduct(self, exam_id: int) -> None:
        """Hold the exam to its end. What goes wrong is stored where the result would be."""
        try:
            result = await self._replay(exam_id)
        except asyncio.CancelledError:  # the service stops
            await self._finish(exam_id, failed=words("kb.exam_cut_off"))
            raise
        except BadBase as bad:
            await self._finish(exam_id, failed="\n".join(str(item) for item in bad.problems))
        except Exception as error:
            log.exception("exam %d failed", exam_id)
            await self._finish(exam_id, failed=f"{type(error).__name__}：{error}")
        else:
            await self._finish(exam_id, result=result)

    async def _replay(self, exam_id: int) -> dict[str, Any]:
        async with self.serving.database.reading() as session:
            exam = await session.get_one(Exam, exam_id)
            version = await session.get_one(EntryVersion, exam.version_id)
            files = await published_files(session)
            real = [Asked(text, None) for text in await self.recent(session)]
        known = self.known()
        asked = [*known, *real]
        await self._store(exam_id, total=len(asked))
        sitting = await asyncio.to_thread(_Sitting.open, self.serving.engine, files, version)
        day = local_day(self.serving.clock())
        for start in range(0, len(asked), SLICE):
            part = asked[start : start + SLICE]
            await asyncio.to_thread(sitting.ask, part, day)
            await self._store(exam_id, done=start + len(part))
        return sitting.result(len(known), len(real))

    async def _store(self, exam_id: int, **values: object) -> None:
        async with self.serving.database.transaction() as session:
            await session.execute(update(Exam).where(Exam.id == exam_id).values(**values))

    async def _finish(
        self, exam_id: int, *, result: dict[str, Any] | None = None, failed: str = ""
    ) -> None:
        now = self.serving.clock()
        await self._store(exam_id, finished_at=now, failed=failed, result=result or {})


class _Sitting:
    """Both bases made ready, and what was found so far."""

    def __init__(self, present: Engine, coming: Engine, memory: _Remembering | None) -> None:
        self._present, self._coming, self._memory = present, coming, memory
        self._rows: list[dict[str, Any]] = []
        self._right = Counter[str]()

    @classmethod
    def open(cls, engine: Engine, files: dict[str, str], version: EntryVersion) -> _Sitting:
        """Raises BadBase where the base that would come of it does not load."""
        others = {name: text for name, text in files.items() if entry_of(name) != version.entry_id}
        coming = read_texts({**others, **version.files})
        if coming.errors:
            raise BadBase(coming.errors)
        present = read_texts(files).base if files else engine.base
        memory = _Remembering(engine.embedder) if engine.embedder else None
        return cls(engine.over(present, memory), engine.over(coming.base, memory), memory)

    def ask(self, part: Sequence[Asked], day: date) -> None:
        """Ask both bases a few questions."""
        if self._memory is not None:
            self._memory.learn([plain(one.text).said for one in part if one.right is not None])
        for one in part:
            before = outcome(self._present, one.text, day)
            after = outcome(self._coming, one.text, day)
            if one.right is not None:
                self._right["before"] += _points(one.right, before) == 2
                self._right["after"] += _points(one.right, after) == 2
            kind = judge(one, before, after)
            if kind is not None:
                self._rows.append(self._row(one, kind, before, after))

    def _row(self, one: Asked, kind: str, before: Outcome, after: Outcome) -> dict[str, Any]:
        return {
            "q": one.text,
            "kind": kind,
            "real": one.right is None,
            "right": sorted(one.right or ()),
            "before": {**asdict(before), "title": self._title(self._present, before)},
            "after": {**asdict(after), "title": self._title(self._coming, after)},
        }

    def _title(self, engine: Engine, given: Outcome) -> str:
        entry = engine.base.entries.get(given.entry or next(iter(given.choices), ""))
        return entry.question if entry else ""

    def result(self, known: int, real: int) -> dict[str, Any]:
        """Counts and rows, those to look at first, first."""
        counts = Counter(row["kind"] for row in self._rows)
        rows = sorted(self._rows, key=lambda row: KINDS.index(row["kind"]))
        return {
            "known": known,
            "real": real,
            "right_before": self._right["before"],
            "right_after": self._right["after"],
            "counts": {kind: counts[kind] for kind in KINDS},
            "rows": rows[:MOST_ROWS],
        }


def cut_off(exam: Exam, now: datetime) -> bool:
    """Whether an exam will not come to its end any more: the process that held it is gone."""
    return exam.finished_at is None and now - exam.started_at > LONGEST


async def look_at(session: AsyncSession, *, actor: Actor, exam_id: int, now: datetime) -> Exam:
    """Somebody has looked at the list. Raises UnknownExam, ExamRunning."""
    exam = await session.get(Exam, exam_id)
    if exam is None:
        raise UnknownExam
    version = await access_version(session, actor, exam.version_id)
    if exam.finished_at is None or exam.failed:
        raise ExamRunning
    if exam.seen_at is None:
        exam.seen_at, exam.seen_by = now, name_of(actor)
        note(session, "exam", version.entry_id, actor=actor, now=now, version_id=version.id)
    await session.flush()
    return exam
