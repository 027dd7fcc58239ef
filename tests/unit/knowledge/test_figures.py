"""Figures by name: how they read, on which day, what is reported, whom a change touches."""

import argparse
import dataclasses
import shutil
from datetime import date
from pathlib import Path

import pytest

from bot.cli import kb
from core.config import Config
from knowledge.calculate.tables import TABLES, read_tables, shipped
from knowledge.check import ENTRIES, main
from knowledge.entry import Text
from knowledge.figure_check import LOCK, check, read_lock, standing, written_out
from knowledge.figures import in_words, shown
from knowledge.load import load, read_folder
from tests.unit.knowledge.small import entry, write

FILE = "filing/blue-fee.md"
TODAY = date(2026, 11, 22)
LAST, FIRST = date(2026, 12, 31), date(2027, 1, 1)


def row(name: str, value: int, unit: str, since: str = "2020-01-01", until: str = "") -> str:
    ends = f"valid_until = {until}\n" if until else ""
    source = '{ law = "专利法", article = "第四十二条" }'
    return (
        f'[[{name}]]\ntitle = "{name}"\nvalue = {value}\nunit = "{unit}"\n'
        f"sources = [{source}]\nvalid_from = {since}\n{ends}\n"
    )


ROWS = [
    row("fee", 900, "元"),
    row("extra", 50, "元/页"),
    row("odd", 950, "元"),
    row("cut", 85, "%"),
    row("step", 5, "%"),
    row("two", 2, "月"),
    row("six", 6, "月"),
    row("lead", 5, "半月"),
    row("post", 15, "日"),
    row("soon", 5, "工作日"),
    row("cap", 500, "万元"),
    row("pages", 30, "页"),
    row("turning", 3, "月", "2020-01-01", "2026-12-31"),
    row("turning", 2, "月", "2027-01-01"),
]


@pytest.fixture
def tables(tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "all.toml").write_text("".join(ROWS), encoding="utf-8")
    return folder


READ = {
    "fee": "900元",
    "extra": "50元",
    "cut": "85%",
    "two": "2个月",
    "two|words": "两个月",
    "six|words": "六个月",
    "lead": "2个半月",
    "lead|words": "两个半月",
    "post": "15日",
    "post|days": "15天",
    "post|words": "十五日",
    "soon": "5个工作日",
    "cap": "500万元",
    "fee|number": "900",
    "pages + 1": "31页",
    "5 extra": "250元",
    "fee less cut": "135元",
    "step of fee": "45元",
    "3 step of fee|number": "135",
    "3 step": "15%",
    "odd less cut": "142.5元",
    "fee + extra": "950元",
    "fee less cut + extra": "185元",
    "100 fee|wan": "9万元",
    "turning": "3个月",
    "turning@2027-01-01": "2个月",
    "fee + extra = odd": "950元",
    "six = 3 two|words": "六个月",
    "= 3个月": "3个月",
}


@pytest.mark.parametrize(("inside", "read"), READ.items())
def test_a_figure_reads_as_people_expect(tables: Path, inside: str, read: str) -> None:
    assert shown(inside, read_tables(tables).tables, TODAY) == read


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (105, "一百零五"), (3010, "三千零一十")],
)
def test_numbers_in_words(number: int, said: str) -> None:
    assert in_words(number) == said


WRONG = {
    "a name that no table has": ("{{gone}}", "unknown-table"),
    "a day before the first version": ("{{fee@2019-12-31}}", "figure-not-valid"),
    "an impossible day": ("{{fee@2026-02-30}}", "bad-date"),
    "an unknown form": ("{{fee|gold}}", "figure-format"),
    "words for what has none": ("{{odd less cut|words}}", "figure-format"),
    "days of a month": ("{{two|days}}", "figure-units"),
    "a sum of unlike things": ("{{fee + two}}", "figure-units"),
    "a share that is none": ("{{fee less two}}", "figure-units"),
    "two numbers said as one": ("{{fee = odd}}", "figure-unequal"),
    "a number alone": ("{{3}}", "figure-units"),
    "nonsense": ("{{fee minus cut}}", "figure-notation"),
    "nothing": ("{{}}", "figure-notation"),
    "left open": ("{{fee", "figure-notation"),
    "braces of one": ("fee}}", "figure-notation"),
}


@pytest.mark.parametrize(("said", "code"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_read_names_file_line_and_remedy(
    tmp_path: Path, tables: Path, said: str, code: str
) -> None:
    text = entry(body=f"答。\n\n## 费用\n- 交{{{{fee}}}}。\n- 交{said}。\n")
    folder = write(tmp_path / "entries", {FILE: text})
    reading = read_folder(folder, tables)
    line = text.split("\n").index(f"- 交{said}。") + 1
    assert [(i.file, i.line, i.code) for i in reading.errors] == [(FILE, line, code)]
    assert "→ 请" in str(reading.errors[0])
    assert not reading.base.entries


def test_a_figure_must_hold_when_its_text_begins(tmp_path: Path, tables: Path) -> None:
    files: dict[str, str | bytes] = {FILE: entry(body="交{{fee}}。", valid_from="2019-06-01")}
    (found,) = read_folder(write(tmp_path / "entries", files), tables).errors
    assert found.code == "figure-not-valid"
    assert "2020-01-01" in str(found)


def test_a_broken_table_keeps_the_base_out(tmp_path: Path, tables: Path) -> None:
    (tables / "more.toml").write_text(row("bad", 1, "块"), encoding="utf-8")
    reading = read_folder(write(tmp_path / "entries"), tables)
    assert [(i.file, i.code) for i in reading.errors] == [("more.toml", "unknown-value")]


def test_the_length_of_a_short_answer_is_that_of_what_is_read(tmp_path: Path, tables: Path) -> None:
    fits, long = "答" * 115 + "{{fee}}", "答" * 117 + "{{fee}}"
    for body, codes in ((fits, []), (long, ["long-short"])):
        folder = write(tmp_path / "entries", {FILE: entry(body=body)})
        assert [i.code for i in read_folder(folder, tables).problems if "short" in i.code] == codes


def test_a_text_reads_differently_from_the_day_its_figure_changes(
    tmp_path: Path, tables: Path
) -> None:
    body = "期限{{turning}}。\n\n## 期限\n- {{turning}}，原来{{turning@2026-12-31}}。\n"
    reading = read_folder(write(tmp_path / "entries", {FILE: entry(body=body)}), tables)
    (found,) = reading.base.entries.values()
    before, after = found.text_on(LAST), found.text_on(FIRST)
    assert before is not None
    assert after is not None
    assert (before.short, before.valid_until) == ("期限3个月。", LAST)
    assert (after.short, after.valid_from) == ("期限2个月。", FIRST)
    assert after.sections[0].lines == ("2个月，原来3个月。",)
    assert found.coming(LAST) == after
    assert [i.code for i in reading.problems if "turns" in i.code] == ["figure-turns"]


def test_a_text_written_for_the_day_is_not_split(tmp_path: Path, tables: Path) -> None:
    coming = entry(body="新法期限{{turning}}。", valid_from="2027-01-01")
    keys = ("id:", "sources:", "  - {law", "valid_from:", "reviewed_on:", "review_by:")
    front, body = coming.split("\n---\n")
    kept = "\n".join(line for line in front.split("\n") if line.startswith(("---", *keys)))
    files: dict[str, str | bytes] = {
        FILE: entry(body="期限{{turning}}。"),
        "filing/blue-fee@2027-01-01.md": f"{kept}\n---\n{body}",
    }
    reading = read_folder(write(tmp_path / "entries", files), tables)
    assert reading.errors == ()
    (found,) = reading.base.entries.values()
    assert [text.short for text in found.texts] == ["期限3个月。", "新法期限2个月。"]
    assert not [i for i in reading.problems if i.code == "figure-turns"]


def test_a_figure_that_ends_before_its_text_is_pointed_at(tmp_path: Path, tables: Path) -> None:
    (tables / "more.toml").write_text(
        row("passing", 9, "元", "2020-01-01", "2026-12-31"), encoding="utf-8"
    )
    body = "交{{passing}}，期限{{turning}}，原来{{passing@2026-01-01}}。"
    for until, codes in ((None, ["figure-ends"]), ("2026-12-31", [])):
        files: dict[str, str | bytes] = {FILE: entry(body=body, valid_until=until)}
        reading = read_folder(write(tmp_path / "entries", files), tables)
        found = [item.code for item in check(reading, read_tables(tables), {})]
        assert [code for code in found if code == "figure-ends"] == codes


@pytest.fixture(scope="module")
def texts() -> list[Text]:
    return [text for found in load(ENTRIES).entries.values() for text in found.texts]


def test_the_shipped_texts_are_whole(texts: list[Text]) -> None:
    for text in texts:
        said = [text.short, *(line for part in text.sections for line in part.lines)]
        assert not [line for line in said if "{" in line or "}" in line]
        assert len(text.short.replace("**", "")) <= 120


@pytest.mark.parametrize(("day", "term"), [(LAST, "3个月"), (FIRST, "2个月")])
def test_the_opposition_period_of_the_day(day: date, term: str) -> None:
    found = load(ENTRIES).entries["trademark-oppose"].text_on(day)
    assert found is not None
    assert f"初步审定公告之日起{term}内" in found.short


def test_the_shipped_figures_were_looked_at() -> None:
    """Look at what `ipstation kb check` lists, then `ipstation kb check --accept`."""
    assert read_lock() == standing(shipped())


def test_no_shipped_text_writes_out_a_figure_of_its_own_article() -> None:
    assert [str(item) for item in written_out(read_folder(ENTRIES), shipped())] == []


def test_a_number_written_out_is_pointed_at(tmp_path: Path, tables: Path) -> None:
    body = (
        "交900元，半年内。\n\n## 期限\n- 六个月，第6个月，16个月，3月15日。\n"
        "- {{six}}、{{=15日}}，补15天。\n"
    )
    reading = read_folder(write(tmp_path / "entries", {FILE: entry(body=body)}), tables)
    found = [dict(i.detail) for i in written_out(reading, read_tables(tables).tables)]
    assert [(item["text"], item["name"]) for item in found] == [
        ("900元", "fee"),
        ("六个月", "six"),
        ("15天", "post"),
    ]


def test_only_articles_that_the_text_cites_are_compared(tmp_path: Path, tables: Path) -> None:
    other = "\n  - {law: 专利法, article: 第四十三条}"
    files: dict[str, str | bytes] = {FILE: entry(body="交900元。", sources=other)}
    reading = read_folder(write(tmp_path / "entries", files), tables)
    assert list(written_out(reading, read_tables(tables).tables)) == []


def changed_fee(tmp_path: Path, value: int = 950) -> Path:
    """The shipped tables with another filing fee: one edit."""
    folder = tmp_path / "shipped"
    shutil.copytree(TABLES, folder)
    file = folder / "fees-patent.toml"
    head, tail = file.read_text(encoding="utf-8").split("[[filing-fee-invention]]")
    file.write_text(
        f"{head}[[filing-fee-invention]]{tail.replace('value = 900', f'value = {value}', 1)}",
        encoding="utf-8",
    )
    return folder


def test_a_changed_fee_is_one_edit_and_lists_what_it_touches(tmp_path: Path) -> None:
    folder = changed_fee(tmp_path)
    reading = read_folder(ENTRIES, folder)
    text = reading.base.entries["filing-fee-invention"].text_on(TODAY)
    assert text is not None
    assert text.short.startswith("发明的基本官费是3500元：申请费950元")
    assert any("142.5元" in line for part in text.sections for line in part.lines)

    found = check(reading, read_tables(folder), read_lock())
    (told,) = [str(item) for item in found if item.code == "figure-changed"]
    assert told.startswith("fees-patent.toml:")
    assert "900元 → 950元" in told
    for user in ("fee-invention", "official-fees-overview", "reduced-fee-amounts"):
        assert f"filing/{user}.md:" in told
    assert "fees.py" in told
    assert "filing/fee-design.md" not in told


def test_values_once_accepted_are_not_listed_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lock = shutil.copy(LOCK, tmp_path / "lock.json")
    asked = ["--tables", str(changed_fee(tmp_path)), "--lock", str(lock)]
    assert main(asked) == 0
    assert "900元 → 950元" in capsys.readouterr().out
    assert main([*asked, "--accept"]) == 0
    assert main(asked) == 0
    assert "→ 950元" not in capsys.readouterr().out
    assert read_lock(Path(lock))["filing-fee-invention"] == "950元"


def test_nothing_is_accepted_while_something_is_wrong(
    tmp_path: Path, tables: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder, lock = write(tmp_path / "entries", {FILE: entry(body="{{gone}}")}), tmp_path / "lock"
    asked = ["--entries", str(folder), "--tables", str(tables), "--lock", str(lock), "--accept"]
    assert main(asked) == 1
    assert not lock.exists()
    assert "请先改正列出的错误" in capsys.readouterr().out


def test_new_and_vanished_figures_are_changes_too(tmp_path: Path, tables: Path) -> None:
    figures, reading = read_tables(tables), read_folder(write(tmp_path / "entries"), tables)
    accepted = {**standing(figures.tables), "old": "7元"}
    del accepted["turning"]
    found = [i for i in check(reading, figures, accepted) if i.code == "figure-changed"]
    told = {dict(i.detail)["name"]: (dict(i.detail)["old"], dict(i.detail)["new"]) for i in found}
    assert told == {"old": ("7元", "—"), "turning": ("—", "3个月；2027-01-01 2个月")}


def test_the_command_says_who_uses_a_figure(
    config: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = dataclasses.replace(config.paths, entries=ENTRIES)
    here = dataclasses.replace(config, paths=paths)
    parser = argparse.ArgumentParser()
    kb.add_commands(parser.add_subparsers())
    asked = parser.parse_args(["kb", "check", "--figure", "reexamination"])
    assert asked.run(here, asked) == 0
    told = capsys.readouterr().out
    assert told.startswith("reexamination\t3个月\n")
    assert "filing/rejected.md:" in told
    assert "3-patent-review.toml:" in told
    asked = parser.parse_args(["kb", "check", "--figure", "nothing"])
    assert asked.run(here, asked) == 1
    assert "nothing" in capsys.readouterr().out
