"""From a typed question to a decision, on a small invented base and without vectors."""

from datetime import date
from pathlib import Path

import pytest

from bot.handlers.ask import shown
from core.texts import say
from knowledge.calibration import calibration
from knowledge.decide import decide
from knowledge.engine import Engine
from knowledge.load import load
from knowledge.match import Candidate, Ranking
from knowledge.validity import with_changes
from tests.unit.knowledge.small import entry, write

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    folder = write(tmp_path_factory.mktemp("entries"))
    return Engine.open(folder, None, embed=False)


ASKED = {
    "蓝专利每年交多少钱": "filing-blue-fee",
    "那个 蓝色专力的年废怎么交呀": "filing-blue-fee",
    "綠色發明怎麼檢索有沒有人做過": "filing-green-search",
    "红色商镖被人强注了怎么半": "trademark-red-mark",
}


@pytest.mark.parametrize(("question", "expected"), ASKED.items())
def test_a_question_finds_its_entry(engine: Engine, question: str, expected: str) -> None:
    ranking = engine.rank(question)
    assert isinstance(ranking, Ranking)
    assert ranking.first is not None
    assert ranking.first.entry == expected


def test_a_near_identical_question_is_answered_with_its_source(engine: Engine) -> None:
    decision = engine.ask("红商标被抢注能要回来吗？", TODAY)
    assert decision.kind == "answer"
    assert decision.entry == "trademark-red-mark"
    assert decision.title == "红色商标被人抢注了怎么办？"
    assert decision.citations == ("《专利法》第四十二条",)
    assert decision.confidence > 0.9
    assert decision.answer is not None
    assert decision.answer.as_of == date(2024, 1, 20)


def test_another_figure_is_another_question(tmp_path: Path) -> None:
    asks = "\n" + "\n".join(
        f"  - 蓝色专利第{n}年要交的年费金额到底是多少钱" for n in "一二三四五六"
    )
    engine = Engine.open(
        write(tmp_path, {"filing/blue-fee.md": entry(ask=asks)}), None, embed=False
    )
    exact = engine.rank("蓝色专利第三年要交的年费金额到底是多少钱")
    other = engine.rank("蓝色专利第九年要交的年费金额到底是多少钱")
    assert isinstance(exact, Ranking)
    assert isinstance(other, Ranking)
    assert exact.by == "same"
    assert other.by == "words"


FOREIGN = [
    "今天长沙天气怎么样", "红烧肉怎么做", "离婚财产怎么分", "公司拖欠工资怎么办", "怎么注册公司",
    "驾照到期怎么换", "银行卡年费多少", "python怎么读文件", "房产证怎么过户", "健身卡转让",
    "weather tomorrow", "'; DROP TABLE entries; --", "车辆年检多少钱", "发烧吃什么药",
]  # fmt: skip


@pytest.mark.parametrize("question", FOREIGN)
def test_what_is_not_ours_is_never_answered(engine: Engine, question: str) -> None:
    assert engine.ask(question, TODAY).kind != "answer"


SETTLED = {
    "": "empty",
    " \u202e\u200b ": "empty",
    "。。。": "unclear",
    "你好": "greeting",
    "蓝" * 10_000: "long",
    "<script>alert(1)</script>" * 400: "long",
}


@pytest.mark.parametrize(("said", "reason"), SETTLED.items(), ids=SETTLED.values())
def test_bad_input_is_handed_off_with_a_reason(engine: Engine, said: str, reason: str) -> None:
    decision = engine.ask(said, TODAY)
    assert (decision.kind, decision.reason, decision.entry) == ("handoff", reason, None)


def test_hidden_characters_and_markup_do_not_hide_the_question(engine: Engine) -> None:
    decision = engine.ask("<b>蓝专利\u202e每年\u200b交</b>\x07多少钱", TODAY)
    assert decision.entry == "filing-blue-fee"


def test_a_long_story_is_matched_by_how_it_begins_and_ends(engine: Engine) -> None:
    story = "我们是一家小厂，" * 60 + "红商标被抢注能要回来吗"
    ranking = engine.rank(story)
    assert isinstance(ranking, Ranking)
    assert ranking.first is not None
    assert ranking.first.entry == "trademark-red-mark"


def test_the_same_question_always_gets_the_same_decision(engine: Engine) -> None:
    asked = "我们的绿色点子有没有人做过呀"
    assert engine.ask(asked, TODAY) == engine.ask(asked, TODAY)


def test_an_empty_base_hands_off(tmp_path: Path) -> None:
    engine = Engine.open(tmp_path, None, embed=False)
    assert engine.ask("专利年费多少钱", TODAY).kind == "handoff"


def test_a_text_not_in_force_is_not_given(engine: Engine) -> None:
    decision = engine.ask("蓝专利每年交多少钱", date(2020, 1, 1))
    assert (decision.kind, decision.reason) == ("handoff", "not-in-force")


COMING = """---
id: trademark-red-mark
valid_from: 2027-01-01
reviewed_on: 2026-11-01
review_by: 2027-06-01
sources:
  - {law: 商标法, article: 第四十一条, version: 2026-06-26}
---
2027年起异议期是两个月。
"""


def test_an_answer_announces_what_is_coming_and_says_when_it_is_overdue(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, {"trademark/red-mark@2027-01-01.md": COMING})
    engine = Engine.open(tmp_path, None, embed=False)
    before = engine.answer("trademark-red-mark", date(2026, 12, 31))
    after = engine.answer("trademark-red-mark", date(2027, 6, 2))
    assert before is not None
    assert after is not None
    assert before.coming is not None
    assert before.coming.day == date(2027, 1, 1)
    assert before.coming.short == "2027年起异议期是两个月。"
    assert not before.overdue
    assert after.coming is None
    assert after.overdue
    assert engine.answer("gone", TODAY) is None


def ranked(right: float, inside: float, shares: tuple[float, ...] = (0.5, 0.3, 0.2)) -> Ranking:
    ids = ("filing-blue-fee", "filing-green-search", "trademark-red-mark")
    candidates = tuple(Candidate(i, s) for i, s in zip(ids, shares, strict=True))
    return Ranking(candidates, right, inside, "words")


def test_probabilities_decide_between_answer_choices_and_handoff(tmp_path: Path) -> None:
    base, way = load(write(tmp_path)), calibration().words
    sure = decide(ranked(0.97, 0.99), way, base, TODAY)
    assert (sure.kind, sure.entry, sure.choices) == ("answer", "filing-blue-fee", ())
    fairly = decide(ranked(0.75, 0.99), way, base, TODAY)
    assert fairly.kind == "answer"
    assert [item.entry for item in fairly.choices] == ["filing-green-search", "trademark-red-mark"]
    unsure = decide(ranked(0.1, 0.99, (0.6, 0.39, 0.01)), way, base, TODAY)
    assert unsure.kind == "choices"
    assert [item.entry for item in unsure.choices] == ["filing-blue-fee", "filing-green-search"]
    foreign = decide(ranked(0.97, 0.001), way, base, TODAY)
    assert (foreign.kind, foreign.reason) == ("handoff", "foreign")
    assert foreign.confidence <= 0.01


def test_a_right_that_no_entry_is_on_is_unsure_and_not_unclear(engine: Engine) -> None:
    decision = engine.ask("植物新品种怎么申请", TODAY)
    assert (decision.kind, decision.reason) == ("handoff", "unsure")


FLAGGED = (
    ("2027年3月以后蓝专利每年交多少钱", date(2027, 1, 1), "doubtful"),
    ("2026年12月以后蓝专利每年交多少钱", None, "same"),
    ("2027年3月到期的蓝专利每年交多少钱", date(2027, 1, 1), None),
)


@pytest.mark.parametrize(("question", "changed_from", "state"), FLAGGED)
def test_present_rules_are_not_said_to_hold_on_a_day_by_which_they_change(
    engine: Engine, question: str, changed_from: date | None, state: str | None
) -> None:
    flagged = with_changes(engine.base, {"filing-blue-fee": date(2027, 1, 1)}, None)
    decision = engine.over(flagged).ask(question, TODAY)
    assert decision.answer is not None and decision.entry == "filing-blue-fee"
    assert decision.answer.changed_from == changed_from
    assert (decision.then.state if decision.then else None) == state
    said = say("ask.answer", **shown(decision))
    assert ("自2027年1月1日起有变化" in said) == (changed_from is not None)
    assert ("目前没有看到新的规定" in said) == (state == "same")
    assert "没有收录您说的那个时间的规定" not in said
