"""The shipped base: sound, and found by questions that nothing was fitted on."""

from datetime import date
from pathlib import Path

import pytest

from benchmarks.blind import Blind, blind
from knowledge.calibration import calibration
from knowledge.embed import MODEL, open_encoder
from knowledge.engine import ENTRIES, Engine
from knowledge.entry import AREAS
from knowledge.examples import foreign, questions
from knowledge.load import read_folder
from knowledge.match import Ranking

TODAY = date(2026, 11, 22)
EVERY = 4


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    if open_encoder() is None:
        pytest.skip("the sentence model does not run here")
    return Engine.open(ENTRIES, tmp_path_factory.mktemp("cache"))


def asked_blindly(ours: bool, every: int) -> list[Blind]:
    return [item for item in blind() if bool(item.entries) == ours][::every]


def test_the_entries_are_sound() -> None:
    assert [str(item) for item in read_folder(ENTRIES).errors] == []


def test_the_base_is_as_large_as_it_is_said_to_be() -> None:
    entries = read_folder(ENTRIES).base.entries.values()
    assert len(entries) >= 450 and {entry.area for entry in entries} == {*AREAS}
    assert min(len({*entry.asks}) for entry in entries) >= 10
    asked = questions()
    assert sum(bool(item.entries) for item in asked) >= 1000
    assert sum(not item.entries for item in asked) >= 300


FIELDS = {  # what an entry of the field says in its question or short answer; how many at least
    "费减": 10, "年费": 12, "审查意见": 5, "PCT": 6, "优先权": 8, "预审": 7, "检索": 12, "维权": 8,
    "行政裁决": 8, "诉讼": 3, "刑": 4, "海关": 7, "平台": 8, "展会": 3, "国外|海外|美国": 6,
    "质押": 30, "转让": 10, "许可": 25, "开放许可": 8, "商标": 50, "软件|软著|著作权": 20,
    "商业秘密": 10, "布图设计": 4, "品种": 5, "地理标志": 4, "贯标": 2, "优势|示范": 1,
    "高新|高企": 6, "分中心": 8, "联络员": 3, "考核|考评": 2, "经费": 1, "入驻|代理机构": 6,
}  # fmt: skip


@pytest.mark.parametrize(("field", "least"), FIELDS.items())
def test_every_field_has_its_entries(field: str, least: int) -> None:
    entries = read_folder(ENTRIES).base.entries.values()
    said = [f"{entry.question}{entry.texts[-1].short}" for entry in entries]
    assert sum(any(word in one for word in field.split("|")) for one in said) >= least


def test_the_thresholds_say_why_they_were_chosen() -> None:
    fitted = calibration()
    for way in (fitted.words, fitted.vectors):
        measured = way.chosen["measured"]
        assert "0.5%" in way.chosen["why"] and measured["foreign_answered"] <= 0.005
        asked = questions()
        assert measured["questions"] == sum(bool(item.entries) for item in asked)
        assert measured["foreign"] == sum(not item.entries for item in asked)
        for _, answers, confidence, right in measured["reliability"]:
            assert answers < 100 or abs(confidence - right) < 0.05


def test_development_questions_name_entries_that_exist() -> None:
    known = set(read_folder(ENTRIES).base.entries)
    named = {entry for item in questions() for entry in item.entries}
    assert named <= known


def test_what_is_taught_fitted_and_measured_is_kept_apart() -> None:
    """Neither what was taught is fitted on, nor what was fitted on measured with."""
    base = read_folder(ENTRIES).base
    taught = {way for entry in base.entries.values() for way in entry.phrasings} | {*foreign()}
    fitted, measured = {item.text for item in questions()}, {item.text for item in blind()}
    assert taught & fitted == fitted & measured == measured & taught == set()


def test_blind_questions_find_their_entry(engine: Engine) -> None:
    asked = asked_blindly(ours=True, every=EVERY)
    first = answered = shown = 0
    for item in asked:
        ranking = engine.rank(item.text)
        assert isinstance(ranking, Ranking)
        decision = engine.decide(ranking, TODAY)
        offered = {choice.entry for choice in decision.choices} | {decision.entry}
        first += ranking.first is not None and ranking.first.entry in item.entries
        answered += decision.entry in item.entries
        shown += bool(offered & item.entries)
    assert first / len(asked) >= 0.97
    assert answered / len(asked) >= 0.97
    assert shown / len(asked) >= 0.99


def test_the_plainest_questions_are_answered(engine: Engine) -> None:
    lines = (Path(__file__).parent / "plainest.txt").read_text(encoding="utf-8").splitlines()
    wrong = []
    for question, entry in (line.split(" | ") for line in lines if not line.startswith("#")):
        decision = engine.ask(f"请问{question}？", TODAY)
        if decision.entry != entry:
            wrong.append((question, decision.entry))
    assert wrong == []


def test_blind_foreign_questions_are_not_answered(engine: Engine) -> None:
    asked = asked_blindly(ours=False, every=1)
    answered = [item.text for item in asked if engine.ask(item.text, TODAY).kind == "answer"]
    assert len(answered) / len(asked) <= 0.005, answered


def test_shipped_vectors_are_those_of_the_shipped_base(tmp_path: Path) -> None:
    """A stale file would make the first start slow: `python -m knowledge.fit --vectors`."""
    from knowledge.embed import Cached
    from knowledge.fit import base_texts

    class Absent:
        name = MODEL
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
