"""A folder of law texts, `name(YYYY-MM-DD).md`: which version holds on a day, which articles."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

FILE_NAME = re.compile(r"^(?P<law>.+?)(?:\((?P<day>\d{4}-\d{2}-\d{2})\))?\.md$")
ARTICLE = re.compile(
    r"^[#\s　*]*(第[一二三四五六七八九十百千零〇]+条(?:之[一二三四五六七八九十]+)?)"
    r"(?![一二三四五六七八九十百千零〇之的款项和、至])",
    re.MULTILINE,
)
_IN_FORCE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日(?:起)?\s*(?:施行|实施)")
_ROW = re.compile(r"^\|([^|]+)\|([^|]*)\|([^|]*)\|([^|]*)\|", re.MULTILINE)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Span = tuple[date | None, date | None]


@dataclass(frozen=True, slots=True)
class Version:
    """One text of a law."""

    law: str
    day: date | None
    since: date | None
    until: date | None
    articles: frozenset[str]
    text: str

    @property
    def label(self) -> str:
        """What tells this version from the others of the same law."""
        return self.day.isoformat() if self.day else "无日期"


class LawBook:
    """All law texts of a folder."""

    def __init__(self, folder: Path) -> None:
        self._arrange(_read_folder(folder))

    @classmethod
    def of(cls, versions: Iterable[Version]) -> LawBook:
        """A book of texts that were read elsewhere."""
        book = cls.__new__(cls)
        book._arrange(versions)
        return book

    def _arrange(self, versions: Iterable[Version]) -> None:
        self._versions: dict[str, list[Version]] = defaultdict(list)
        for version in versions:
            self._versions[version.law].append(version)
            if version.law.startswith("民法典"):  # people cite the code, the files hold its books
                self._versions["民法典"].append(version)
        for law, known in self._versions.items():
            if law != "民法典":
                known.sort(key=lambda item: item.since or date.min)

    def versions(self, law: str) -> list[Version]:
        """All texts of a law, oldest first; empty where it is unknown."""
        return self._versions.get(law, [])

    def in_force(self, law: str, day: date) -> list[Version]:
        """The text that holds on a day (of 民法典 all books; before the first, the first)."""
        known = self.versions(law)
        if law == "民法典" or len(known) < 2:
            return known
        held = [item for item in known if item.since is None or item.since <= day]
        return [held[-1] if held else known[0]]


def _read_folder(folder: Path) -> Iterator[Version]:
    readme = folder / "README.md"
    spans = read_spans(readme.read_text(encoding="utf-8")) if readme.is_file() else {}
    for path in sorted(folder.glob("*.md")):
        named = FILE_NAME.match(path.name)
        if named and path.name != "README.md":
            text = path.read_text(encoding="utf-8")
            yield read_version(text, named["law"], named["day"], spans)


def read_spans(readme: str) -> dict[tuple[str, str], Span]:
    """The folder's own table of days in force; an amended text often names only its first one."""
    rows = _ROW.findall(readme)
    return {
        (law.strip(), day.strip(" —")): (_found(since), _found(until))
        for law, day, since, until in rows
    }


def _found(cell: str) -> date | None:
    match = _DAY.search(cell)
    return date.fromisoformat(match[0]) if match else None


def read_version(
    text: str,
    law: str,
    day: str | None,
    spans: dict[tuple[str, str], Span],
) -> Version:
    """One text with its articles and days; `day` must be a date that exists."""
    articles = frozenset(ARTICLE.findall(text))
    made = date.fromisoformat(day) if day else None
    since, until = spans.get((law, day or ""), (None, None))
    if since is None:
        named = [date(int(y), int(m), int(d)) for y, m, d in _IN_FORCE.findall(text)]
        since = max([item for item in (made, *named[-1:]) if item], default=None)
    return Version(law, made, since, until, articles, text)
