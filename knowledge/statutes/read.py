"""Read a folder of law texts; everything wrong with any file is reported together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from knowledge.front import Front, decode
from knowledge.lawbook import FILE_NAME, Span, read_spans, read_version
from knowledge.problem import Problem, problem
from knowledge.statutes.text import Article, Law, cut

README = "README.md"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SPOKEN_DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
_DATED = re.compile(r"\([\d\s./-]+\)\.md$")
_DIGITS = {char: n for n, char in enumerate("零一二三四五六七八九")} | {"〇": 0}
_UNITS = {"十": 10, "百": 100, "千": 1000}


@dataclass(frozen=True, slots=True)
class Laws:
    """What came of reading a folder: the sound laws, and all problems."""

    laws: tuple[Law, ...]
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid using the folder."""
        return tuple(item for item in self.problems if item.is_error)


def read_laws(folder: Path) -> Laws:
    """All Markdown files below `folder` but README.md, whose table gives days in force."""
    if not folder.is_dir():
        return Laws((), (problem(str(folder), 1, "no-law-folder"),))
    spans, problems = _readme(folder / README)
    laws: list[Law] = []
    seen: dict[tuple[str, str], str] = {}
    for path in sorted(folder.rglob("*.md")):
        if path.name == README:
            continue
        front = Front(path.relative_to(folder).as_posix())
        law = _law(path, front, spans)
        if law:
            other = seen.setdefault((law.name, law.label), front.file)
            if other != front.file:
                detail = {"law": law.name, "version": law.label, "other": other}
                front.report_line(1, "same-law", **detail)
            front.problems += _numbering(front.file, law)
            laws.append(law)
        problems += front.problems
    if not laws and not problems:
        problems.append(problem(str(folder), 1, "no-laws"))
    return Laws(tuple(laws), tuple(problems))


def _readme(path: Path) -> tuple[dict[tuple[str, str], Span], list[Problem]]:
    if not path.is_file():
        return {}, []
    front = Front(path.name)
    text = decode(path, front)
    if text is None:
        return {}, front.problems
    for n, line in enumerate(text.split("\n"), 1):
        for day in _DAY.findall(line):
            if not _exists(*map(int, day.split("-"))):
                front.report_line(n, "law-day", value=day)
    return ({}, front.problems) if front.problems else (read_spans(text), [])


def _law(path: Path, front: Front, spans: dict[tuple[str, str], Span]) -> Law | None:
    named = FILE_NAME.match(path.name)
    day = named["day"] if named else None
    if not named or (not day and _DATED.search(path.name)) or (day and not _real(day)):
        front.report_line(1, "law-name", name=path.name)
        return None
    text = decode(path, front)
    if text is None:
        return None
    for n, line in enumerate(text.split("\n"), 1):
        for found in _SPOKEN_DAY.finditer(line):
            if not _exists(*map(int, found.groups())):
                front.report_line(n, "law-day", value=found[0])
    if front.problems:
        return None
    law = cut(read_version(text, named["law"], day, spans))
    if not law.articles:
        front.report_line(1, "law-empty")
        return None
    return law


def _real(day: str) -> bool:
    return _exists(*map(int, day.split("-")))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _numbering(file: str, law: Law) -> Iterator[Problem]:
    """Articles that stand twice, out of order, or after a gap."""
    first: dict[str, Article] = {}
    for article in law.articles:
        before = first.setdefault(article.name, article)
        if before is not article:
            detail = {"article": article.name, "line": str(before.line)}
            yield problem(file, article.line, "article-twice", **detail)
    numbered = [item for item in first.values() if _ARTICLE_NUMBER.match(item.name)]
    for before, after in pairwise(numbered):
        step = number(after.name)[0] - number(before.name)[0]
        detail = {"article": after.name, "before": before.name}
        if number(after.name) < number(before.name):
            yield problem(file, after.line, "article-order", **detail)
        elif step > 1:
            yield problem(file, after.line, "article-gap", **detail)


_ARTICLE_NUMBER = re.compile(r"^第(.+?)条(?:之(.+))?$")


def number(article: str) -> tuple[int, int]:
    """第二百一十九条之一 as (219, 1); (0, 0) for what is no article."""
    found = _ARTICLE_NUMBER.match(article)
    return (_value(found[1]), _value(found[2] or "")) if found else (0, 0)


def _value(numeral: str) -> int:
    total = digit = 0
    for char in numeral:
        if char in _UNITS:
            total, digit = total + (digit or 1) * _UNITS[char], 0
        else:
            digit = _DIGITS[char]
    return total + digit
