"""The deadline calculator against terms worked out by hand."""

import json
import tomllib
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.cli import deadline as command
from core.config import Config
from core.texts import LANGUAGES, plain
from core.worktime import Worktime, parse_spans
from knowledge.calculate.annual import NoFeeLeft, OldDesign, YearNeeded, YearOutOfRange
from knowledge.calculate.deadline import DayOutOfRange, NoRule, due, sources_of
from knowledge.calculate.kinds import Kind, UnknownKind, catalogue
from knowledge.calculate.tables import FEN

OFFICE = Worktime(parse_spans(["09:00-12:00", "13:30-17:30"]))
WORKED = tomllib.loads(Path(__file__).with_name("deadline_cases.toml").read_text(encoding="utf-8"))
CASES, REMEDIES = WORKED["case"], WORKED["remedy"]
TODAY = date(2026, 11, 29)
ASKED = ("delivery", "year", "patent", "today")


def label(case: dict[str, Any]) -> str:
    return f"{case['kind']}-{case['date']}-{case.get('delivery', '')}"


@pytest.mark.parametrize("case", CASES, ids=label)
def test_the_terms_are_those_worked_by_hand(case: dict[str, Any]) -> None:
    asked = {key: case[key] for key in ASKED if key in case}
    found = due(case["kind"], case["date"], worktime=OFFICE, **asked)
    assert (found.due, found.last_day) == (case["due"], case["last_day"]), case["working"]
    assert found.moved is case.get("moved", found.due != found.last_day)
    assert found.start == case.get("start", case["date"])
    if "opens" in case:
        assert found.opens == case["opens"]
    for remedy in ("extend", "restore"):
        if remedy in case:
            assert getattr(found, remedy).until == case[remedy]
    if "steps" in case:
        assert [step.until for step in found.steps] == case["steps"]
    if "amounts" in case:
        assert [(step.fee or 0) // 100 for step in found.steps] == case["amounts"]
    if "extend_fee" in case:
        assert found.extend is not None
        assert found.extend.fee == case["extend_fee"] * FEN
    said = {
        "doubt": found.doubt or "",
        "note": "；".join(found.notes),
        "after": found.after,
        "article": "、".join(source.cite() for source in found.articles),
        "remedy": found.restore.how if found.restore else "",
    }
    for where, text in said.items():
        assert case.get(where, "") in text
    for unsaid in case.get("unsaid", ()):
        assert unsaid not in "；".join(said.values())


def test_every_term_has_the_remedies_of_its_law() -> None:
    read = {kind: (row["extend"], row["restore"]) for row in REMEDIES for kind in row["kinds"]}
    for name, kind in catalogue().kinds.items():
        assert (kind.extend or "", kind.restore or "") == read.get(name, ("", "")), name


def test_there_are_enough_cases_and_each_shows_its_working() -> None:
    assert len(CASES) >= 150
    assert all(case["working"] for case in CASES)


@pytest.mark.parametrize("kind", catalogue().kinds.values(), ids=lambda kind: kind.id)
def test_every_kind_answers_with_its_basis(kind: Kind) -> None:
    day = date(2026, 10, 9)
    found = due(kind.id, day if kind.strict is None else date(2026, 9, 9), worktime=OFFICE, year=3)
    assert found.articles
    assert found.after
    assert "{" not in "".join((found.rule, found.after, *found.notes, found.doubt or ""))
    assert all(source.law or source.document for source in sources_of(found))
    for remedy in (found.extend, found.restore):
        assert remedy is None or "{" not in remedy.how


def test_every_kind_is_found_by_each_of_its_names() -> None:
    book = catalogue()
    names = [n for kind in book.kinds.values() for n in (kind.id, kind.name, *kind.aliases)]
    assert len({name.lower() for name in names}) == len(names)
    for kind in book.kinds.values():
        for name in (kind.id, kind.name, *kind.aliases, kind.id.upper().replace("-", " ")):
            assert book.find(name) is kind
    assert book.find("ＰＣＴ３０个月").id == "pct-national"


def test_an_unknown_kind_names_what_comes_close() -> None:
    with pytest.raises(UnknownKind) as refused:
        due("商标续展期限", date(2026, 1, 1), worktime=OFFICE)
    assert "trademark-renewal" in refused.value.params["near"]
    with pytest.raises(UnknownKind) as refused:
        due("reply-frist", date(2026, 1, 1), worktime=OFFICE)
    assert "reply-first" in refused.value.params["near"]


@pytest.mark.parametrize("day", [date(1900, 1, 1), date(1985, 3, 31), date(2201, 1, 1)])
def test_a_day_that_cannot_be_meant_is_refused(day: date) -> None:
    with pytest.raises(DayOutOfRange):
        due("reply-first", day, worktime=OFFICE)


def test_a_day_under_a_rule_that_we_do_not_have_is_refused() -> None:
    with pytest.raises(NoRule):
        due("优先审查答复", date(2026, 8, 31), worktime=OFFICE)
    assert due("优先审查答复", date(2026, 9, 1), worktime=OFFICE).due == date(2026, 10, 1)
    with pytest.raises(NoRule):
        due("布图设计复审", date(2026, 10, 15), worktime=OFFICE)


def test_an_annual_fee_needs_a_year_that_exists() -> None:
    with pytest.raises(YearNeeded):
        due("annual-fee", date(2020, 1, 6), worktime=OFFICE)
    for year, patent in ((1, None), (21, None), (11, "utility"), (16, "design")):
        with pytest.raises(YearOutOfRange):
            due("annual-fee", date(2021, 6, 1), worktime=OFFICE, year=year, patent=patent)


@pytest.mark.parametrize(
    ("filed", "year", "days"),
    [
        # 10 years (filed before 2021-06-01): year 10 is due after 9, 2024-05-01; 1 to 5 May are
        # free, so 6 May; late until 2024-11-01, a Friday; the term ends the day before 10 years
        (date(2015, 5, 1), None, (date(2024, 5, 6), date(2024, 11, 1), date(2025, 4, 30))),
        (date(2017, 5, 1), 12, (date(2026, 5, 6), date(2026, 11, 2), date(2027, 4, 30))),
        (date(2021, 5, 31), 11, (date(2030, 5, 31), date(2030, 12, 2), date(2031, 5, 30))),
    ],
)
def test_an_old_design_has_no_fee_after_its_tenth_year(
    filed: date, year: int | None, days: tuple[date, date, date]
) -> None:
    with pytest.raises(OldDesign) as refused:
        due("annual-fee", filed, worktime=OFFICE, year=year, patent="design", today=TODAY)
    told = refused.value.params
    assert (told["due"], told["late"], told["ends"]) == days
    assert told["last"] == 10
    assert "登记簿" in plain(refused.value.key, **told)
    with pytest.raises(OldDesign):
        due("annual-fee-late", date(2026, 5, 1), worktime=OFFICE, year=12, patent="design")
    later = due("annual-fee", date(2021, 6, 1), worktime=OFFICE, year=11, patent="design")
    assert later.due == date(2031, 6, 1)


@pytest.mark.parametrize(
    ("filed", "patent", "last", "days"),
    [
        # year 20 was due after 19 years, Sunday 2026-03-01, so on the Monday; late until 6 months
        # after the 1st, Tuesday 2026-09-01; the term ends the day before 20 years
        (
            date(2007, 3, 1),
            "invention",
            20,
            (date(2026, 3, 2), date(2026, 9, 1), date(2027, 2, 28)),
        ),
        # year 20: 2024-11-29, a Friday; late until Thursday 2025-05-29
        (date(2005, 11, 29), None, 20, (date(2024, 11, 29), date(2025, 5, 29), date(2025, 11, 28))),
        # year 10: 2023-12-15, a Friday; late until Saturday 2024-06-15, so Monday 17
        (
            date(2014, 12, 15),
            "utility",
            10,
            (date(2023, 12, 15), date(2024, 6, 17), date(2024, 12, 14)),
        ),
    ],
)
def test_no_fee_is_called_the_next_where_none_is_left(
    filed: date, patent: str | None, last: int, days: tuple[date, date, date]
) -> None:
    with pytest.raises(NoFeeLeft) as refused:
        due("annual-fee", filed, worktime=OFFICE, patent=patent, today=TODAY)
    told = refused.value.params
    assert told["last"] == last
    assert (told["due"], told["late"], told["ends"]) == days
    named = due("annual-fee", filed, worktime=OFFICE, patent=patent, year=last, today=TODAY)
    assert named.last_day == days[0]


def test_the_late_period_needs_a_year_that_exists() -> None:
    with pytest.raises(YearOutOfRange):
        due("annual-fee-late", date(2026, 1, 6), worktime=OFFICE, year=11, patent="utility")


def test_a_year_without_a_holiday_notice_is_said_and_counted_by_law() -> None:
    found = due("reply-first", date(2031, 6, 2), worktime=OFFICE)
    # 1 to 3 October are holidays by law, a Wednesday to a Friday
    assert (found.due, found.last_day) == (date(2031, 10, 2), date(2031, 10, 6))
    assert any("2031" in note for note in found.notes)
    plain = due("reply-first", date(2031, 6, 10), worktime=OFFICE)
    assert plain.last_day == date(2031, 10, 10) and "暂不顺延" in plain.rule
    weekend = due("reply-first", date(2031, 7, 1), worktime=OFFICE)
    assert (weekend.due, weekend.last_day) == (date(2031, 11, 1), date(2031, 11, 3))
    known = Worktime(OFFICE.spans, holidays=frozenset({date(2031, 10, 2)}))
    settled = due("reply-first", date(2031, 6, 2), worktime=known)
    assert settled.last_day == date(2031, 10, 3)  # a notice is taken as it is
    assert not any("2031" in note for note in settled.notes)


def test_the_article_follows_the_law_in_force() -> None:
    old = due("商标驳回复审", date(2026, 12, 15), worktime=OFFICE)
    new = due("商标驳回复审", date(2027, 1, 1), worktime=OFFICE)
    assert [source.article for source in old.articles] == ["第三十四条"]
    assert [source.article for source in new.articles] == ["第三十七条"]
    assert any("2027-01-01" in note for note in old.notes)


def test_refusals_have_a_text_in_every_language() -> None:
    raised = (
        UnknownKind(asked="x", near="y"),
        DayOutOfRange(day=1, earliest=2, latest=3),
        NoRule(name="x", day=1, why="y"),
        YearNeeded(),
        YearOutOfRange(year=1, first=2, last=20),
        NoFeeLeft(kind="x", first=2, last=20, due=1, late=2, ends=3),
        OldDesign(kind="x", first=2, last=10, due=1, late=2, ends=3, before=4),
    )
    for refusal in raised:
        for lang in LANGUAGES:
            assert plain(refusal.key, lang, **refusal.params)


def ask(config: Config, *words: str) -> int:
    parser = ArgumentParser()
    command.add_commands(parser.add_subparsers())
    arguments = parser.parse_args(["deadline", *words])
    return int(arguments.run(config, arguments))


def test_the_command_prints_one_json_object(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(config, "reply-first", "--date", "2026-01-31", "--delivery", "post", "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["due"], printed["last_day"]) == ("2026-06-15", "2026-06-15")
    assert printed["after"] == "期满不答复，申请视为撤回"
    assert "第三十七条" in printed["article"]
    assert "2026-02-15" in printed["rule"]
    assert printed["extend"]["until"] == "2026-08-17"  # 15 August is a Saturday
    assert printed["extend"]["fee"] == 600  # two months, 300 each


def test_the_command_shows_the_first_day_of_what_must_wait(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(config, "declaratory-received", "--date", "2026-09-03") == 0
    printed = capsys.readouterr().out
    assert "最早可办　2026-10-09" in printed
    assert "最后一天" not in printed


def test_the_command_lists_the_kinds(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(config, "--list") == 0
    assert "收到第一次审查意见通知书之日" in capsys.readouterr().out
    assert ask(config, "--list", "--json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert {row["kind"] for row in listed} == set(catalogue().kinds)


def test_the_command_prints_for_people(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("年费", "--date", "2021-05-20", "--year", "5", "--patent", "invention")
    assert ask(config, *words) == 0
    printed = capsys.readouterr().out
    assert "2025-05-20" in printed
    assert "2025-07-20以前" in printed
    assert "60元" in printed


@pytest.mark.parametrize(
    "words",
    [
        ("reply-first",),
        ("reply-first", "--date", "2026-02-30"),
        ("reply-first", "--date", "20260230"),
        ("reply-first", "--date", "昨天"),
        ("reply-first", "--date", "1900-01-01"),
        ("reply-frist", "--date", "2026-01-01"),
        ("布图设计复审", "--date", "2026-10-15"),
        ("annual-fee", "--date", "2020-01-06", "--year", "99"),
        ("annual-fee", "--date", "2005-11-29"),
        ("annual-fee", "--date", "2017-05-01", "--year", "12", "--patent", "design"),
    ],
)
def test_bad_input_is_told_in_chinese_and_ends_with_2(
    config: Config, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert ask(config, *words) == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert "请" in printed.err
