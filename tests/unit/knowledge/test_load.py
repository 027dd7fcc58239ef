"""Reading entries: what is wrong names file, line and remedy, and all of it comes together."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.load import load, read_folder
from knowledge.problem import BadBase
from tests.unit.knowledge.small import entry, write

FILE = "filing/blue-fee.md"


def test_a_sound_folder_becomes_a_base(tmp_path: Path) -> None:
    base = load(write(tmp_path))
    found = base.entries["filing-blue-fee"]
    assert len(base) == 3
    assert found.phrasings[0] == "蓝色专利的年费怎么交？"
    text = found.text_on(date(2026, 11, 22))
    assert text is not None
    assert text.short.startswith("蓝色专利每年交一次年费")
    assert text.sections[0].lines == ("先登录。", "再办理。")
    assert text.sections[0].numbered
    assert text.sources[0].cite() == "《专利法》第四十二条"


BAD = {
    "malformed YAML": (entry(area="[filing"), "bad-yaml", 3),
    "a number by its tag": (entry(valid_from="!!int abc"), "bad-yaml", 15),
    "a fraction by its tag": (entry(valid_from="!!float x"), "bad-yaml", 15),
    "a day by its tag": (entry(valid_from="!!timestamp 2026-13-45"), "bad-yaml", 15),
    "yes or no by its tag": (entry(region="!!bool maybe"), "bad-yaml", 18),
    "no front matter": ("没有文件头\n", "no-front", 1),
    "front matter left open": ("---\nid: filing-blue-fee\n", "front-not-closed", 3),
    "missing key": (entry(region=None), "missing-key", 1),
    "unknown key": (entry(valid_form="2024-01-01"), "unknown-key", 21),
    "key twice": (entry().replace("area:", "id: x\narea:", 1), "duplicate-key", 3),
    "impossible date": (entry(valid_from="2024-02-30"), "bad-date", 15),
    "dates in the wrong order": (entry(review_by="2026-10-01"), "date-order", 16),
    "a day far away": (entry(valid_until="9999-12-31"), "far-day", 21),
    "unknown area": (entry(area="cooking"), "unknown-value", 3),
    "unknown action": (entry(actions="[book, dance]"), "unknown-value", 20),
    "unknown region": (entry(region="火星"), "unknown-value", 18),
    "id and path differ": (entry(id="filing-red-fee"), "bad-path", 2),
    "too few ways of asking": (entry(ask="\n  - 一种"), "few-asks", 5),
    "long question": (entry(question="问" * 31), "long-question", 4),
    "long short answer": (entry(body="答" * 121), "long-short", 22),
    "no short answer": (entry(body="## 步骤\n- 一\n"), "no-short", 22),
    "unknown heading": (entry(body="答。\n\n## 故事\n- 一\n"), "unknown-heading", 24),
    "headings out of order": (
        entry(body="答。\n\n## 注意\n- 一\n\n## 步骤\n- 二\n"),
        "heading-order",
        27,
    ),
    "a link": (entry(body="见[这里](http://a.cn)。\n"), "bad-markdown", 22),
    "a source without an article": (entry(sources="\n  - {law: 专利法}"), "source-article", 13),
    "a source that is nothing": (entry(sources="\n  - {article: 第一条}"), "source-kind", 13),
}


@pytest.mark.parametrize(("text", "code", "line"), BAD.values(), ids=BAD.keys())
def test_a_bad_file_names_file_line_and_remedy(
    tmp_path: Path, text: str, code: str, line: int
) -> None:
    reading = read_folder(write(tmp_path, {FILE: text}))
    found = [item for item in reading.errors if item.code == code]
    assert [(item.file, item.line) for item in found] == [(FILE, line)]
    assert str(found[0]).startswith(f"{FILE}:{line}: 错误：")
    assert "→" in str(found[0])
    assert not reading.base.entries


def test_a_gbk_file_is_told_apart_from_noise(tmp_path: Path) -> None:
    files = {FILE: entry().encode("gbk"), "filing/noise.md": b"---\n\xff\xfe\x00\x81\n"}
    codes = {item.file: item.code for item in read_folder(write(tmp_path, files)).errors}
    assert codes == {FILE: "gbk", "filing/noise.md": "not-utf8"}


def test_all_errors_are_reported_together_and_sound_files_are_read(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, {FILE: entry(region="火星", actions="[dance]")})
    reading = read_folder(tmp_path)
    assert {item.code for item in reading.errors} == {"unknown-value"}
    assert len(reading.errors) == 2
    assert set(reading.base.entries) == {"filing-green-search", "trademark-red-mark"}
    with pytest.raises(BadBase, match=r"filing/blue-fee\.md:18"):
        load(tmp_path)


def test_an_id_longer_than_the_database_holds(tmp_path: Path) -> None:
    slug = "a" * 74
    files = {f"filing/{slug}.md": entry(id=f"filing-{slug}")}
    assert [item.code for item in read_folder(write(tmp_path, files)).errors] == ["bad-slug"]


def test_an_id_used_twice_names_the_other_file(tmp_path: Path) -> None:
    files = {FILE: entry(), "filing/other-fee.md": entry()}
    found = list(read_folder(write(tmp_path, files)).errors)
    assert ("filing/other-fee.md", "duplicate-id") in [(item.file, item.code) for item in found]
    assert any(FILE in str(item) for item in found if item.code == "duplicate-id")


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


def test_a_coming_text_takes_over_on_its_day(tmp_path: Path) -> None:
    write(tmp_path)
    write(tmp_path, {"trademark/red-mark@2027-01-01.md": COMING})
    found = load(tmp_path).entries["trademark-red-mark"]
    before, after = found.text_on(date(2026, 12, 31)), found.text_on(date(2027, 1, 1))
    assert before is not None
    assert after is not None
    assert before.valid_until == date(2026, 12, 31)
    assert after.short == "2027年起异议期是两个月。"
    assert found.coming(date(2026, 12, 31)) == after
    assert found.coming(date(2027, 1, 1)) is None
    assert after.sources[0].cite() == "《商标法》（2026-06-26文本）第四十一条"


def test_a_coming_text_needs_its_base_and_its_date(tmp_path: Path) -> None:
    files = {
        "trademark/red-mark@2027-01-01.md": COMING,
        FILE: entry(),
        "filing/blue-fee@2027-02-01.md": COMING.replace("trademark-red-mark", "filing-blue-fee"),
    }
    codes = {item.file: item.code for item in read_folder(write(tmp_path, files)).errors}
    assert codes == {
        "trademark/red-mark@2027-01-01.md": "no-base-text",
        "filing/blue-fee@2027-02-01.md": "date-in-name",
    }


def test_review_days_run_out(tmp_path: Path) -> None:
    found = load(write(tmp_path)).entries["filing-blue-fee"]
    assert not found.overdue_on(date(2027, 11, 1))
    assert found.overdue_on(date(2027, 11, 2))


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert [item.code for item in read_folder(tmp_path / "gone").errors] == ["no-folder"]
