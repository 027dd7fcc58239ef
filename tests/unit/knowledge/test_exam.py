"""What an exam asks, and how it judges what changed."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from bot.recent import recent_questions
from bot.station import Station
from core.config import Config
from core.database import Database
from directory.actor import Actor
from knowledge.engine import Engine
from knowledge.exam import Asked, Examiner, Outcome, development, judge
from knowledge.examples import questions
from knowledge.model import EntryVersion, Exam
from knowledge.service.draft import start_draft
from knowledge.serving import Serving
from tests.fakes import MONDAY, FakeClock
from tests.unit.knowledge.small import entry, write

RIGHT = frozenset({"right"})
ANSWERED = Outcome("answer", "right")
WRONG = Outcome("answer", "wrong")
OFFERED = Outcome("choices", None, ("right", "wrong"))
TURNED = Outcome("choices", None, ("wrong", "right"))
PERSON = Outcome("handoff", None)


def test_the_shipped_questions_are_the_development_set() -> None:
    asked = development()
    assert len(asked) > 3500
    assert sum(not one.right for one in asked) > 1500  # foreign ones
    assert {one.text for one in asked} == {q.text for q in questions()}


async def test_the_service_asks_those_and_what_people_asked_lately(
    config: Config, sqlite_database: Database, engine: Engine
) -> None:
    examiner = Station.build(config, [], engine=engine, database=sqlite_database).examiner
    assert examiner.known is development
    assert examiner.recent is recent_questions


@pytest.mark.parametrize(
    ("right", "before", "after", "kind"),
    [
        (RIGHT, ANSWERED, ANSWERED, None),
        (RIGHT, ANSWERED, WRONG, "worse"),
        (RIGHT, WRONG, ANSWERED, "better"),
        (RIGHT, ANSWERED, OFFERED, "unanswered"),
        (RIGHT, ANSWERED, PERSON, "unanswered"),
        (RIGHT, PERSON, OFFERED, "better"),
        (RIGHT, OFFERED, TURNED, None),
        (frozenset[str](), PERSON, WRONG, "worse"),
        (frozenset[str](), WRONG, PERSON, "better"),
        (None, ANSWERED, WRONG, "different"),
        (None, ANSWERED, PERSON, "unanswered"),
        (None, PERSON, OFFERED, None),
    ],
)
def test_a_change_is_judged(
    right: frozenset[str] | None, before: Outcome, after: Outcome, kind: str | None
) -> None:
    assert judge(Asked("q", right), before, after) == kind


async def begun(database: Database, examiner: Examiner) -> Exam:
    """An exam of a new draft."""
    actor = Actor(kind="system", name="test")
    async with database.transaction() as session:
        row: EntryVersion = await start_draft(
            session, actor=actor, entry_id="filing-blue-fee", why="改",
            files={"filing/blue-fee.md": entry()}, now=MONDAY,
        )  # fmt: skip
        return await examiner.begin(session, actor=actor, version_id=row.id, now=MONDAY)


async def test_an_exam_stopped_with_the_service_says_so(
    sqlite_database: Database, tmp_path: Path
) -> None:
    waiting = asyncio.Event()

    async def never(_: AsyncSession) -> list[str]:
        waiting.set()
        await asyncio.Event().wait()
        return []

    folder = write(tmp_path)
    engine = Engine.open(folder, None, embed=False)
    serving = Serving(engine, sqlite_database, folder, FakeClock())
    examiner = Examiner(serving, never, list)
    exam = await begun(sqlite_database, examiner)
    task = asyncio.create_task(examiner.conduct(exam.id))
    await waiting.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    async with sqlite_database.reading() as session:
        held = await session.get_one(Exam, exam.id)
        assert held.finished_at is not None and "重新测试" in held.failed
