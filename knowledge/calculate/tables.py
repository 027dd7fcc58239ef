"""Fees, terms and thresholds (``knowledge/tables/*.toml``): each figure once, with its source.

A file holds ``[[name]]`` blocks; several blocks of one name are the versions of one figure, told
apart by ``valid_from`` and ``valid_until``. Everything wrong is reported together, each with file,
line and remedy.
"""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

from knowledge.entry import Source
from knowledge.fields import choice, day, source_list, string, strings
from knowledge.front import Front
from knowledge.problem import BadBase, Problem, problem

TABLES = Path(__file__).parent.parent / "tables"
TERM_UNITS = ("日", "工作日", "半月", "月", "年")
MONEY_UNITS = ("元", "元/项", "元/页", "元/月", "元/年", "元/份", "万元")
UNITS = (*TERM_UNITS, *MONEY_UNITS, "小时", "项", "页", "%", "倍")
KEYS = ("title", "value", "unit", "sources", "facts", "years", "valid_from", "valid_until", "note")
NEEDED = ("title", "value", "unit", "sources")
FEN = 100

_HEAD = re.compile(r"^\s*\[\[\s*\"?([^\]\"]+?)\"?\s*\]\]")
_KEY = re.compile(r"^\s*([A-Za-z_][\w-]*)\s*=")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True)
class Row:
    """One version of one figure."""

    name: str
    title: str
    value: int
    unit: str
    sources: tuple[Source, ...]
    valid_from: date | None = None
    valid_until: date | None = None
    years: tuple[int, int] | None = None
    facts: tuple[str, ...] = ()
    note: str | None = None

    @property
    def fen(self) -> int:
        """The amount in fen. Raises ValueError where the figure is not money."""
        if self.unit not in MONEY_UNITS:
            raise ValueError(f"{self.name} is not an amount of money")
        return self.value * FEN * (10_000 if self.unit == "万元" else 1)

    @property
    def shown(self) -> str:
        """The figure as people read it: 2个月, 15日, 900元."""
        if self.unit == "半月":
            return f"{self.value // 2}个{'半' if self.value % 2 else ''}月"
        return f"{self.value}{count_of(self.unit)}"

    def holds_on(self, when: date) -> bool:
        """Whether this version is in force on that day."""
        begun = self.valid_from is None or self.valid_from <= when
        return begun and (self.valid_until is None or when <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Tables:
    """All figures by name, the versions of each oldest first. Never changed."""

    rows: Mapping[str, tuple[Row, ...]]

    @property
    def names(self) -> frozenset[str]:
        """Every name that entries and calculators may refer to."""
        return frozenset(self.rows)

    def on(self, name: str, when: date | None = None) -> Row:
        """The version in force on a day (None: the newest).

        A day before the first version gets the first, a day after the last the last: whether
        that may be shown is for the caller to say. Raises KeyError for an unknown name.
        """
        versions = self.rows[name]
        if when is None:
            return versions[-1]
        begun = [row for row in versions if row.valid_from is None or row.valid_from <= when]
        return begun[-1] if begun else versions[0]


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a folder: the sound figures, where each stands, and all problems."""

    tables: Tables
    problems: tuple[Problem, ...]
    places: Mapping[tuple[str, date | None], tuple[str, int]]

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that forbid using the folder."""
        return tuple(item for item in self.problems if item.is_error)


def count_of(unit: str) -> str:
    """The unit as it follows a number: 个月, 元."""
    counted = unit in ("月", "工作日")
    return f"{'个' if counted else ''}{unit.partition('/')[0]}"


def yuan(fen: int) -> str:
    """Fen as yuan: whole where it is whole."""
    whole, rest = divmod(fen, FEN)
    return f"{whole}.{rest:02}" if rest else str(whole)


@cache
def shipped() -> Tables:
    """The tables of this release. Raises BadBase listing every problem."""
    reading = read_tables(TABLES)
    if reading.errors:
        raise BadBase(reading.errors)
    return reading.tables


def read_tables(folder: Path) -> Reading:
    """Read every file of a folder; what is wrong becomes problems, the sound rows stay.

    Files that have not changed are not read again: each look at a draft needs the figures.
    """
    stamps = []
    for path in sorted(folder.glob("*.toml")):
        stat = path.stat() if path.exists() else path.lstat()
        stamps.append((path, stat.st_mtime_ns, stat.st_size, stat.st_ino))
    return _read_tables(tuple(stamps))


@lru_cache(maxsize=4)
def _read_tables(stamps: tuple[tuple[Path, int, int, int], ...]) -> Reading:
    problems: list[Problem] = []
    found: dict[str, list[tuple[Row, str, int]]] = defaultdict(list)
    for path, *_ in stamps:
        for front, line in _blocks(path, problems):
            row = _row(front)
            problems += front.problems
            if row is not None:
                found[row.name].append((row, front.file, line))
    rows = {}
    for name, versions in found.items():
        versions.sort(key=lambda item: item[0].valid_from or date.min)
        problems += _versions(name, versions)
        rows[name] = tuple(row for row, _, _ in versions)
    places = {(r.name, r.valid_from): (file, line) for v in found.values() for r, file, line in v}
    problems.sort(key=lambda item: (item.file, item.line))
    return Reading(Tables(MappingProxyType(rows)), tuple(problems), MappingProxyType(places))


def _blocks(path: Path, problems: list[Problem]) -> Iterator[tuple[Front, int]]:
    text = _decoded(path, problems)
    if text is None:
        return
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"line (\d+)", str(error))
        line = int(at[1]) if at else text.count("\n") + 1
        problems.append(problem(path.name, line, "bad-toml", reason=error))
        return
    seen: dict[str, int] = defaultdict(int)
    for name, line, keys in _places(text):
        front = Front(path.name, lines=keys)
        block = values.get(name)
        if not isinstance(block, list) or seen[name] >= len(block) or not _SLUG.fullmatch(name):
            problems.append(problem(path.name, line, "table-name", name=name))
            continue
        front.values = {key: _plain(value) for key, value in block[seen[name]].items()}
        front.values["name"] = name
        seen[name] += 1
        yield front, line
    for name in sorted(set(values) - set(seen)):
        problems.append(problem(path.name, 1, "table-name", name=name))


def _decoded(path: Path, problems: list[Problem]) -> str | None:
    try:
        return path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raw = path.read_bytes()
        line = raw.count(b"\n", 0, error.start) + 1
        try:
            raw.decode("gb18030")
            problems.append(problem(path.name, line, "gbk"))
        except UnicodeDecodeError:
            problems.append(problem(path.name, line, "not-utf8"))
        return None


def _places(text: str) -> Iterator[tuple[str, int, dict[str, int]]]:
    """Every block's name, its line, and the lines of its keys."""
    found: list[tuple[str, int, dict[str, int]]] = []
    for number, line in enumerate(text.split("\n"), 1):
        if head := _HEAD.match(line):
            found.append((head[1], number, {"name": number}))
        elif found and (key := _KEY.match(line)):
            found[-1][2].setdefault(key[1], number)
    yield from found


def _plain(value: Any) -> Any:
    """TOML's own dates as the text the field readers expect."""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _row(front: Front) -> Row | None:
    name = front.values.pop("name")
    for key in front.values:
        if key not in KEYS:
            front.report(key, "unknown-key", key=key, known="、".join(KEYS))
    for key in NEEDED:
        if key not in front.values:
            front.report("name", "missing-key", key=key)
    title, unit = string(front, "title"), choice(front, "unit", UNITS)
    value, years = _count(front), _years(front)
    sources = source_list(front)
    since, until = day(front, "valid_from"), day(front, "valid_until")
    if since and until and since > until:
        detail = {"first": "valid_from", "a": since, "second": "valid_until", "b": until}
        front.report("valid_from", "date-order", **detail)
    facts, note = strings(front, "facts"), string(front, "note")
    if front.problems or title is None or unit is None or value is None:
        return None
    return Row(name, title, value, unit, sources, since, until, years, facts, note)


def _count(front: Front) -> int | None:
    value = front.values.get("value")
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if "value" in front.values:
        front.report(
            "value", "wrong-kind", key="value", kind="不小于零的整数", example="value = 900"
        )
    return None


def _years(front: Front) -> tuple[int, int] | None:
    value = front.values.get("years")
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(type(n) is int for n in value):
        first, last = value
        if 1 <= first <= last:
            return first, last
    kind, example = "两个年度 [起, 止]", "years = [1, 3]"
    front.report("years", "wrong-kind", key="years", kind=kind, example=example)
    return None


def _versions(name: str, versions: list[tuple[Row, str, int]]) -> Iterator[Problem]:
    for (older, _, _), (newer, file, line) in pairwise(versions):
        if older.valid_from == newer.valid_from:
            yield problem(file, line, "table-twice", name=name)
        elif older.valid_until is None or older.valid_until >= (newer.valid_from or date.min):
            yield problem(file, line, "table-overlap", name=name, day=newer.valid_from)
