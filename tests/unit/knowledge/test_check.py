"""The checker: twins, links, cited articles and versions, facts, review days."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.check import Facts, check, main
from knowledge.lawbook import LawBook
from knowledge.load import read_folder
from tests.unit.knowledge.small import TOPICS, entry, write


@pytest.fixture
def laws(tmp_path: Path) -> LawBook:
    folder = tmp_path / "laws"
    write(
        folder,
        {
            "专利法(2020-10-17).md": "# 专利法\n\n第四十二条 期限。\n\n第四十二条之一 补偿。\n",
            "商标法(2019-04-23).md": "# 商标法\n\n第三十三条 三个月。\n",
            "商标法(2026-06-26).md": "# 商标法\n\n2027年1月1日 施行\n\n第四十一条 两个月。\n",
            "民法典合同编(2020-05-28).md": "# 民法典合同编\n\n第四百六十三条 合同。\n",
        },
    )
    return LawBook(folder)


def codes(tmp_path: Path, laws: LawBook | None = None, **more: str | None) -> list[str]:
    folder = write(tmp_path / "entries", {"filing/blue-fee.md": entry(**more)})
    found = check(read_folder(folder), statutes=laws)
    return [item.code for item in found if item.is_error]


CITED = {
    "sound": ("{law: 专利法, article: 第四十二条}", []),
    "inserted article": ("{law: 专利法, article: 第四十二条之一}", []),
    "no such article": ("{law: 专利法, article: 第九百条}", ["unknown-article"]),
    "no such law": ("{law: 月球法, article: 第一条}", ["unknown-law"]),
    "a book of the code": ("{law: 民法典, article: 第四百六十三条}", []),
    "the version of the day": ("{law: 商标法, article: 第三十三条}", []),
    "an article of the coming version": ("{law: 商标法, article: 第四十一条}", ["unknown-article"]),
    "a version not yet in force": (
        "{law: 商标法, article: 第四十一条, version: 2026-06-26}",
        ["not-yet"],
    ),
    "a version that does not exist": (
        "{law: 商标法, article: 第四十一条, version: 2001-01-01}",
        ["unknown-version"],
    ),
    "a document": ("{document: 收费公告, number: 第594号}", []),
}


@pytest.mark.parametrize(("source", "expected"), CITED.values(), ids=CITED.keys())
def test_cited_articles_exist_in_the_version_in_force(
    tmp_path: Path, laws: LawBook, source: str, expected: list[str]
) -> None:
    assert codes(tmp_path, laws, sources=f"\n  - {source}") == expected


def test_links_must_lead_somewhere_else(tmp_path: Path) -> None:
    """Where entries can be taken down, a link to one that is gone is no more than a warning."""
    files = {"filing/blue-fee.md": entry(related="[filing-blue-fee, filing-gone]")}
    reading = read_folder(write(tmp_path, files))
    whole = [item for item in check(reading, complete=True) if "link" in item.code]
    part = [item for item in check(reading) if "link" in item.code]
    assert [(i.code, i.level) for i in whole] == [("self-link", "error"), ("broken-link", "error")]
    assert [(i.code, i.level) for i in part] == [("self-link", "error"), ("lost-link", "warning")]


def test_one_question_in_two_entries_is_an_error_and_a_near_one_a_warning(tmp_path: Path) -> None:
    _, asks, _ = TOPICS["filing/green-search"]
    twin = "\n" + "\n".join(
        f"  - {ask}" for ask in [*asks[:4], "蓝专利每年交多少钱？", "蓝专利忘记续费要失效吗"]
    )
    files = {
        "filing/blue-fee.md": entry(),
        "filing/green-search.md": entry("filing/green-search", ask=twin),
    }
    found = check(read_folder(write(tmp_path, files)))
    assert [item.code for item in found if "question" in item.code] == [
        "same-question",
        "near-question",
    ]


def test_facts_are_known_covered_and_not_from_memory(tmp_path: Path) -> None:
    header = "id\ttopic\tfact\tsource\tsource_url\tvalid_from\tconfidence\tnote\n"
    facts = tmp_path / "ip-facts.tsv"
    rows = ["f-1\tx\t一\ty\t\t\tlaw\t", "f-2\tx\t二\ty\t\t\tmemory\t", "f-3\tx\t三\ty\t\t\tpage\t"]
    facts.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    known = Facts.read(tmp_path)
    files = {"filing/blue-fee.md": entry(facts="[f-1, f-2, f-9]")}
    reading = read_folder(write(tmp_path / "entries", files))
    found = [item.code for item in check(reading, facts=known) if item.is_error]
    assert found == ["memory-fact", "unknown-fact"]
    assert known.uncovered(reading) == ["f-3"]


def test_entries_past_their_review_day_are_listed(tmp_path: Path) -> None:
    reading = read_folder(write(tmp_path))
    assert not [i for i in check(reading, day=date(2027, 11, 1)) if i.code == "overdue"]
    assert len([i for i in check(reading, day=date(2027, 11, 2)) if i.code == "overdue"]) == 3


def test_the_command_prints_and_fails_on_errors(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--entries", str(write(tmp_path / "good"))]) == 0
    bad = write(tmp_path / "bad", {"filing/blue-fee.md": entry(region="火星")})
    assert main(["--entries", str(bad)]) == 1
    assert "filing/blue-fee.md:18: 错误" in capsys.readouterr().out
