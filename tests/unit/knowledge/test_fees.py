"""The tables, and the fee calculator against bills worked out by hand."""

import json
import tomllib
from argparse import ArgumentParser
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bot.cli import fees as command
from core.config import Config
from core.texts import LANGUAGES, plain
from knowledge.calculate.annuities import annuity, reduced, surcharge
from knowledge.calculate.check import check
from knowledge.calculate.fees import BadCount, BadReduction, BadYears, Bill, Case, fees
from knowledge.calculate.tables import FEN, read_tables, shipped
from knowledge.lawbook import LawBook

CASES = tomllib.loads(Path(__file__).with_name("fee_cases.toml").read_text(encoding="utf-8"))[
    "case"
]
ASKED = ("kind", "claims", "pages", "priority", "reduction", "grant_year")
GOOD = """[[filing-fee]]
title = "申请费"
value = 900
unit = "元"
sources = [{ law = "专利法", article = "第八十一条" }]
valid_from = 2021-06-01
"""


def bill_of(case: dict[str, Any]) -> Bill:
    asked = {key: case[key] for key in ASKED if key in case}
    first_last = case.get("years")
    return fees(Case(**asked, years=tuple(first_last) if first_last else None))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["working"][:40])
def test_the_bills_are_those_worked_by_hand(case: dict[str, Any]) -> None:
    bill = bill_of(case)
    assert (bill.total_full, bill.total_due) == (
        case["total_full"] * FEN,
        case["total_due"] * FEN,
    ), case["working"]
    if "lines" in case:
        assert [[i.full // FEN, i.due // FEN] for i in bill.lines] == case["lines"]
    if "annuities" in case:
        yearly = [i.due // FEN for i in bill.lines if i.figure.startswith("annuity-")]
        assert yearly == case["annuities"]
    if "note" in case:
        assert any(case["note"] in note for note in bill.notes)
    for unsaid in case.get("unsaid", ()):
        assert unsaid not in "；".join(bill.notes)
    if "reduced_years" in case:
        assert list(bill.reduced_years or ()) == case["reduced_years"]


# The guide's own reference tables (annex 2), copied from it: per band the full fee, less 70%,
# less 85%, and the surcharges of 5 to 25%.
GUIDE = {
    "invention": {
        1: (900, 270, 135, 45, 90, 135, 180, 225),
        4: (1200, 360, 180, 60, 120, 180, 240, 300),
        7: (2000, 600, 300, 100, 200, 300, 400, 500),
        10: (4000, 1200, 600, 200, 400, 600, 800, 1000),
        13: (6000, 1800, 900, 300, 600, 900, 1200, 1500),
        16: (8000, 2400, 1200, 400, 800, 1200, 1600, 2000),
    },
    "utility": {
        1: (600, 180, 90, 30, 60, 90, 120, 150),
        4: (900, 270, 135, 45, 90, 135, 180, 225),
        6: (1200, 360, 180, 60, 120, 180, 240, 300),
        9: (2000, 600, 300, 100, 200, 300, 400, 500),
    },
    "design": {
        1: (600, 180, 90, 30, 60, 90, 120, 150),
        4: (900, 270, 135, 45, 90, 135, 180, 225),
        6: (1200, 360, 180, 60, 120, 180, 240, 300),
        9: (2000, 600, 300, 100, 200, 300, 400, 500),
        11: (3000, 900, 450, 150, 300, 450, 600, 750),
    },
}
LAST = {"invention": 20, "utility": 10, "design": 15}


@pytest.mark.parametrize("patent", GUIDE)
def test_annual_fees_and_surcharges_are_those_of_the_guide(patent: str) -> None:
    bands = [*GUIDE[patent], LAST[patent] + 1]
    for first, after in pairwise(bands):
        for year in range(first, after):
            full = annuity(shipped(), patent, year).fen
            worked = (full, reduced(full, 70), reduced(full, 85))
            late = tuple(surcharge(shipped(), full, step) for step in range(1, 6))
            assert tuple(n // FEN for n in (*worked, *late)) == GUIDE[patent][first]
    with pytest.raises(KeyError):
        annuity(shipped(), patent, LAST[patent] + 1)


def test_the_schedule_runs_to_the_end_of_the_term() -> None:
    for patent, last in LAST.items():
        bill = fees(Case(patent, reduction=85))
        assert [item.year for item in bill.schedule] == list(range(1, last + 1))
        assert bill.schedule[9].due < bill.schedule[9].full
        assert all(item.due == item.full for item in bill.schedule[10:])
        assert not any(line.figure.startswith("annuity-") for line in bill.lines)


def test_the_schedule_begins_with_the_year_of_grant() -> None:
    bill = fees(Case("invention", reduction=85, grant_year=15))
    # 第15年 6000，第16至20年各 8000，减85%
    assert [(item.year, item.due // FEN) for item in bill.schedule] == [
        (15, 900),
        *((year, 1200) for year in range(16, 21)),
    ]


def test_fees_on_request_stay_out_of_the_total() -> None:
    bill = fees(Case("utility", reduction=85))
    extras = {line.figure: (line.full // FEN, line.due // FEN) for line in bill.extras}
    assert extras["reexamination-fee-utility"] == (300, 45)
    assert extras["evaluation-fee"] == (2400, 2400)
    assert extras["invalidation-fee-utility"] == (1500, 1500)
    assert bill.total_full == 500 * FEN


@pytest.mark.parametrize(
    ("case", "refusal"),
    [
        (Case("invention", claims=0), BadCount),
        (Case("invention", pages=-1), BadCount),
        (Case("invention", priority=-1), BadCount),
        (Case("invention", claims=10_000), BadCount),
        (Case("invention", grant_year=21), BadCount),
        (Case("invention", reduction=15), BadReduction),
        (Case("invention", years=(0, 3)), BadYears),
        (Case("invention", years=(5, 3)), BadYears),
        (Case("utility", years=(1, 11)), BadYears),
        (Case("design", years=(1, 16)), BadYears),
        (Case("invention", years=(2, 5), grant_year=3), BadYears),
    ],
)
def test_impossible_numbers_are_refused(
    case: Case, refusal: type[BadCount] | type[BadReduction] | type[BadYears]
) -> None:
    with pytest.raises(refusal) as refused:
        fees(case)
    for lang in LANGUAGES:
        assert plain(refused.value.key, lang, **refused.value.params)


def test_the_shipped_tables_are_sound() -> None:
    assert [str(item) for item in check()] == []


def test_a_name_that_is_in_no_table_is_reported() -> None:
    (found,) = check(used={"no-such-fee": ("x.md", 7)})
    assert (found.file, found.line, found.code) == ("x.md", 7, "unknown-table")
    assert "no-such-fee" in str(found)


def test_what_the_calculators_need_is_missed(tmp_path: Path) -> None:
    (tmp_path / "fees.toml").write_text(GOOD, encoding="utf-8")
    missed = {dict(item.detail)["name"] for item in check(tmp_path)}
    assert {"reply-first", "restoration-fee", "delivery-post", "claim-fee"} <= missed
    assert "filing-fee" not in missed


def test_an_article_that_a_law_does_not_have_is_reported(tmp_path: Path) -> None:
    laws, tables = tmp_path / "laws", tmp_path / "tables"
    laws.mkdir()
    tables.mkdir()
    (laws / "专利法(2020-10-17).md").write_text("第一条 甲\n\n第二条 乙\n", encoding="utf-8")
    (tables / "fees.toml").write_text(GOOD, encoding="utf-8")
    found = [item for item in check(tables, statutes=LawBook(laws)) if item.file == "fees.toml"]
    assert [(item.line, item.code) for item in found] == [(1, "unknown-article")]


def test_a_change_of_law_gives_each_day_its_own_figure() -> None:
    tables = shipped()
    assert tables.on("trademark-opposition", date(2026, 12, 31)).value == 3
    assert tables.on("trademark-opposition", date(2027, 1, 1)).value == 2
    assert tables.on("trademark-opposition").value == 2
    assert tables.on("trademark-opposition", date(1999, 1, 1)).value == 3


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        (GOOD.replace("value = 900", "value = 900.5"), "wrong-kind", 3),
        (GOOD.replace("value = 900", "value = -1"), "wrong-kind", 3),
        (GOOD.replace("value = 900\n", ""), "missing-key", 1),
        (GOOD.replace('"元"', '"块"'), "unknown-value", 4),
        (GOOD.replace("第八十一条", "81条"), "source-article", 5),
        (GOOD.replace("title", "titel"), "unknown-key", 2),
        (GOOD.replace("2021-06-01", '"2021-02-30"'), "bad-date", 6),
        (GOOD + "valid_until = 2020-01-01\n", "date-order", 6),
        (GOOD.replace("value = 900", "value = "), "bad-toml", 3),
        (GOOD.replace("[[filing-fee]]", "[filing-fee]"), "table-name", 1),
        (GOOD.replace("[[filing-fee]]", "[[Filing_Fee]]"), "table-name", 1),
        (GOOD + "\n" + GOOD, "table-twice", 8),
        (GOOD + "\n" + GOOD.replace("2021-06-01", "2027-01-01"), "table-overlap", 8),
        (GOOD + "years = [3, 1]\n", "wrong-kind", 7),
    ],
)
def test_a_bad_table_names_file_line_and_remedy(
    tmp_path: Path, text: str, code: str, line: int
) -> None:
    (tmp_path / "fees.toml").write_text(text, encoding="utf-8")
    reading = read_tables(tmp_path)
    found = [(item.file, item.line, item.code) for item in reading.problems]
    assert ("fees.toml", line, code) in found
    assert all("请" in str(item) for item in reading.problems)


def test_every_problem_of_every_file_is_reported_together(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(GOOD.replace("900", '"九百"'), encoding="utf-8")
    (tmp_path / "b.toml").write_bytes(GOOD.replace("filing", "other").encode("gbk"))
    (tmp_path / "c.toml").write_text(GOOD.replace("filing", "third"), encoding="utf-8")
    reading = read_tables(tmp_path)
    assert [(item.file, item.code) for item in reading.problems] == [
        ("a.toml", "wrong-kind"),
        ("b.toml", "gbk"),
    ]
    assert reading.tables.names == {"third-fee"}
    assert reading.errors == reading.problems


def ask(config: Config, *words: str) -> int:
    parser = ArgumentParser()
    command.add_commands(parser.add_subparsers())
    arguments = parser.parse_args(["fees", *words])
    return int(arguments.run(config, arguments))


def test_the_command_prints_one_json_object(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--kind", "invention", "--claims", "12", "--reduction", "85", "--years", "3-4")
    assert ask(config, *words, "--json") == 0
    printed = json.loads(capsys.readouterr().out)
    assert (printed["total_full"], printed["total_due"]) == (5850, 1175)
    assert [(line["full"], line["due"]) for line in printed["lines"]] == [
        (900, 135),
        (50, 50),
        (300, 300),
        (2500, 375),
        (900, 135),
        (1200, 180),
    ]
    assert printed["schedule"][3]["late"] == [60, 120, 180, 240, 300]
    assert (printed["grant_year"], printed["reduced_years"]) == (None, [1, 10])


def test_the_command_counts_pages_and_priorities(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    """Granted in year 3, so year 12 is the last one reduced; pages 31 to 300 at 50, then at 100."""
    words = ("--claims", "11", "--pages", "301", "--priority", "1", "--reduction", "70")
    years = ("--years", "12-13", "--grant-year", "3", "--json")
    assert ask(config, "--kind", "invention", *words, *years) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [(line["name"], line["full"], line["due"]) for line in printed["lines"]] == [
        ("申请费", 900, 270),
        ("公布印刷费", 50, 50),
        ("权利要求附加费（第11项至第11项，1项）", 150, 150),
        ("说明书附加费（第31页至第300页，270页）", 13500, 13500),
        ("说明书附加费（第301页至第301页，1页）", 100, 100),
        ("优先权要求费（1项）", 80, 80),
        ("实质审查费", 2500, 750),
        ("第12年度年费", 4000, 1200),
        ("第13年度年费", 6000, 6000),
    ]
    assert (printed["total_full"], printed["total_due"]) == (27280, 22100)


def test_the_command_prints_for_people(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(config, "--kind", "design", "--years", "1-15") == 0
    printed = capsys.readouterr().out
    assert "合计：26700，应缴 26700" in printed
    assert "第15年度：3000" in printed


def test_years_before_the_grant_are_refused_with_the_year_to_begin_with(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ask(config, "--kind", "invention", "--years", "1-20", "--grant-year", "4") == 2
    assert "例如 4-20：从授权的那一年起" in capsys.readouterr().err
    assert ask(config, "--kind", "invention", "--years", "4-20", "--grant-year", "4") == 0


@pytest.mark.parametrize("words", [("--years", "10"), ("--years", "3-99"), ("--claims", "0")])
def test_bad_input_is_told_in_chinese_and_ends_with_2(
    config: Config, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    assert ask(config, "--kind", "invention", *words) == 2
    printed = capsys.readouterr()
    assert not printed.out
    assert "请" in printed.err
