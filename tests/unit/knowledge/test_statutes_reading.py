"""Law texts: cut into articles, bad files named, the store replaced whole or not at all."""

from datetime import date
from pathlib import Path

import pytest

from knowledge.lawbook import Version
from knowledge.statutes.read import number, read_laws
from knowledge.statutes.store import save, saved
from knowledge.statutes.text import WHOLE, Law, cut

HEAD = "# 中华人民共和国船舶法\n\n2020年1月2日 通过\n\n<!-- INFO END -->\n\n"
BODY = """## 第一章 总则

第一条 为了船舶，制定本法。

### 第一节 登记

第二条 船舶应当登记。

（一）船名；

依照第一条办理的除外。

第二条之一 小船不登记。
"""


def written(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def law_of(text: str, articles: frozenset[str]) -> Law:
    return cut(Version("船舶法", date(2020, 1, 2), None, None, articles, text))


def test_articles_carry_their_headings_paragraphs_and_line(tmp_path: Path) -> None:
    reading = read_laws(written(tmp_path / "laws", "船舶法(2020-01-02).md", HEAD + BODY))
    (law,) = reading.laws
    assert not reading.problems
    assert (law.name, law.label) == ("船舶法", "2020-01-02")
    assert [article.name for article in law.articles] == ["第一条", "第二条", "第二条之一"]
    second = law.articles[1]
    assert second.headings == ("第一章 总则", "第一节 登记")
    assert second.paragraphs == ("船舶应当登记。", "（一）船名；", "依照第一条办理的除外。")
    assert (HEAD + BODY).split("\n")[second.line - 1].startswith("第二条 ")


def test_a_reply_is_cut_at_its_points_and_a_text_without_any_is_kept_whole() -> None:
    points = law_of(
        "# 批复\n<!-- INFO END -->\n答复如下。\n一、应当受理。\n二、应当审查。", frozenset()
    )
    assert [(item.name, item.text) for item in points.articles] == [
        ("一", "应当受理。"),
        ("二", "应当审查。"),
    ]
    whole = law_of("# 批复\n<!-- INFO END -->\n可以支持。", frozenset())
    assert [(item.name, item.text) for item in whole.articles] == [(WHOLE, "可以支持。")]


def test_the_readme_says_when_a_text_holds(tmp_path: Path) -> None:
    folder = written(tmp_path / "laws", "船舶法(2020-01-02).md", HEAD + BODY)
    row = "| 船舶法 | 2020-01-02 | 2020-05-01† | 2026-12-31 |"
    table = f"| 名称 | 版本 | 施行 | 截止 |\n|-|-|-|-|\n{row}"
    (law,) = read_laws(written(folder, "README.md", table)).laws
    assert (law.since, law.until) == (date(2020, 5, 1), date(2026, 12, 31))


@pytest.mark.parametrize(
    ("name", "content", "line", "said"),
    [
        ("船舶法(2020-02-30).md", HEAD + BODY, 1, ("2020-02-30", "YYYY-MM-DD")),
        ("船舶法(2020年).md", "", 1, ("没有条文", "行首")),
        ("船舶法.md", HEAD.replace("1月2日", "2月30日") + BODY, 3, ("2020年2月30日", "改正")),
        ("船舶法.md", HEAD + BODY + "\n第二条 又一次。\n", 21, ("第二条写了两次", "删去")),
        ("船舶法.md", HEAD + "第三条 丙。\n\n第二条 乙。\n", 9, ("第二条排在第三条后面", "条号")),
        ("README.md", "| 船舶法 | 2020-01-02 | 2020-13-01 | |", 1, ("2020-13-01", "改正")),
    ],
)
def test_a_bad_file_is_named_with_line_and_remedy(
    tmp_path: Path, name: str, content: str, line: int, said: tuple[str, str]
) -> None:
    reading = read_laws(written(tmp_path / "laws", name, content))
    (error,) = reading.errors
    assert str(error).startswith(f"{name}:{line}: 错误")
    what, _, remedy = str(error).partition("→")
    assert said[0] in what and said[1] in remedy


def test_a_file_in_gbk_is_named_beside_the_others(tmp_path: Path) -> None:
    folder = written(tmp_path / "laws", "船舶法.md", HEAD)
    (folder / "港口法.md").write_bytes((HEAD + BODY).encode("gb18030"))
    found = [str(item) for item in read_laws(folder).errors]
    assert len(found) == 2
    assert any("港口法.md:1" in item and "GBK" in item and "UTF-8" in item for item in found)
    assert any("船舶法.md:1" in item and "没有条文" in item for item in found)


def test_a_gap_is_only_a_reminder_and_two_files_of_one_version_an_error(tmp_path: Path) -> None:
    folder = written(tmp_path / "laws", "船舶法.md", HEAD + "第一条 甲。\n\n第三条 丙。\n")
    reading = read_laws(folder)
    assert [item.code for item in reading.problems] == ["article-gap"]
    assert not reading.errors
    written(folder / "副本", "船舶法.md", HEAD + BODY)
    (error,) = read_laws(folder).errors
    assert error.code == "same-law" and "副本/船舶法.md" in str(error)


@pytest.mark.parametrize("make", [False, True])
def test_no_folder_and_an_empty_one_are_said(tmp_path: Path, make: bool) -> None:
    folder = tmp_path / "laws"
    if make:
        folder.mkdir()
    (error,) = read_laws(folder).errors
    assert error.code == ("no-laws" if make else "no-law-folder")


def test_numerals() -> None:
    assert number("第二百一十九条之一") == (219, 1)
    assert number("第一千一百零五条") == (1105, 0)
    assert number("第十条") == (10, 0)


def test_the_store_gives_back_what_was_saved(tmp_path: Path) -> None:
    laws = read_laws(written(tmp_path / "laws", "船舶法(2020-01-02).md", HEAD + BODY)).laws
    file = tmp_path / "var" / "laws.jsonl"
    assert saved(file) is None
    save(laws, file)
    assert saved(file) == laws
    assert [path.name for path in file.parent.iterdir()] == ["laws.jsonl"]


def test_a_store_cut_short_counts_as_none(tmp_path: Path) -> None:
    laws = read_laws(written(tmp_path / "laws", "船舶法.md", HEAD + BODY)).laws
    file = tmp_path / "laws.jsonl"
    save([*laws, *laws], file)
    lines = file.read_text(encoding="utf-8").split("\n")
    file.write_text("\n".join(lines[:2]), encoding="utf-8")
    assert saved(file) is None


def test_a_failed_save_leaves_the_old_store(tmp_path: Path) -> None:
    laws = read_laws(written(tmp_path / "laws", "船舶法.md", HEAD + BODY)).laws
    file = tmp_path / "laws.jsonl"
    save(laws, file)
    with pytest.raises(TypeError):
        save([*laws, "not a law"], file)  # type: ignore[list-item]
    assert saved(file) == laws
    assert list(tmp_path.glob("*.new")) == []
