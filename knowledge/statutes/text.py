"""One law text, cut into its articles."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.lawbook import ARTICLE, Version

END_OF_PREFACE = "<!-- INFO END -->"
WHOLE = "全文"
_HEADING = re.compile(r"^(#+)\s*(.+?)\s*$")
_POINT = re.compile(
    r"^([一二三四五六七八九十]+)、"
)  # replies and decisions have points, no articles
_GAPS = re.compile(r"[\s　]+")


@dataclass(frozen=True, slots=True)
class Article:
    """One article (or point, or headed part) of one version of a law."""

    name: str  # 第四十二条
    headings: tuple[str, ...]  # the chapter and section it stands in, outermost first
    paragraphs: tuple[str, ...]
    line: int  # where it begins in its file

    @property
    def text(self) -> str:
        """The paragraphs, one a line."""
        return "\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Law:
    """One version of a law."""

    name: str
    version: date | None
    since: date | None
    until: date | None
    articles: tuple[Article, ...]

    @property
    def label(self) -> str:
        """The version as it is shown and compared."""
        return self.version.isoformat() if self.version else "无日期"


def cut(version: Version) -> Law:
    """The law with its articles; a text without any is cut at its points, else its headings."""
    articles = tuple(_articles(version.text, _opening(version)))
    return Law(version.law, version.day, version.since, version.until, articles)


def _opening(version: Version) -> re.Pattern[str] | None:
    if version.articles:
        return ARTICLE
    return _POINT if re.search(_POINT.pattern, version.text, re.MULTILINE) else None


def _articles(text: str, opening: re.Pattern[str] | None) -> Iterator[Article]:
    lines = text.split("\n")
    begin = next((n for n, line in enumerate(lines, 1) if line.strip() == END_OF_PREFACE), 0)
    headings: list[tuple[int, str]] = []
    name, at, body = "", 0, list[str]()
    within: tuple[str, ...] = ()
    for n, line in enumerate(lines[begin:], begin + 1):
        opened = opening.match(line) if opening else None
        heading = None if opened else _HEADING.match(line)
        if opened or heading:
            if name and body:
                yield Article(name, within, tuple(body), at)
            name, at, body = "", n, []
        if heading:
            depth, title = len(heading[1]), _GAPS.sub(" ", heading[2])
            headings = [item for item in headings if item[0] < depth] + [(depth, title)]
            name = "" if opening else title
        within = tuple(title for depth, title in headings if depth > 1 and title != name)
        if opened:
            name = opened[1]
        elif not opening and not name:
            name = WHOLE
        rest = line[opened.end() :].lstrip("、") if opened else line
        said = _GAPS.sub(" ", rest).strip(" *")
        if name and said and not heading:
            body.append(said)
    if name and body:
        yield Article(name, within, tuple(body), at)
