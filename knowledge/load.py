"""Read a folder of entries into an immutable base; everything wrong is reported together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from knowledge.body import read_body
from knowledge.calculate.tables import TABLES, Tables, read_tables
from knowledge.entry import ACTIONS, AREAS, REGIONS, Entry, Text
from knowledge.fields import choice, choices, day, source_list, string, strings
from knowledge.figures import turns
from knowledge.front import Front, read_front
from knowledge.problem import BadBase, Problem, problem

LEAST_ASKS = 6
GOOD_ASKS = 10
MOST_QUESTION = 30
LONGEST_ID = 80  # characters; what the database holds, and well below what a file name may have
YEARS = range(1980, 2101)  # of all days in an entry

TEXT_KEYS = ("id", "sources", "valid_from", "reviewed_on", "review_by")
TEXT_MORE = ("doubt", "valid_until")
ENTRY_KEYS = (*TEXT_KEYS, "area", "question", "ask", "region", "actions")
ENTRY_MORE = (*TEXT_MORE, "related", "facts")

_SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_NAME = re.compile(r"^(?P<slug>[^@]+?)(?:@(?P<day>.+))?\.md$")


@dataclass(frozen=True, slots=True)
class Base:
    """The entries by id. Never changed: a new reading makes a new base."""

    entries: Mapping[str, Entry]

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry or one of its texts was read, for messages that name a line."""

    file: str
    lines: Mapping[str, int]

    def line(self, key: str) -> int:
        """The line of a key or list item (`ask.3`), else of the key, else the first."""
        return self.lines.get(key) or self.lines.get(key.partition(".")[0]) or 1


@dataclass(frozen=True, slots=True)
class Body:
    """A body as it stands in its file, figures by name, and its first line there."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Reading:
    """What came of reading a folder: the sound entries, and all problems."""

    base: Base
    problems: tuple[Problem, ...]
    places: Mapping[tuple[str, date | None], Place]
    bodies: Mapping[str, Body] = field(default_factory=dict)  # by file, sound or not

    @property
    def errors(self) -> tuple[Problem, ...]:
        """The problems that keep something out of the base."""
        return tuple(item for item in self.problems if item.is_error)

    def place(self, entry_id: str, valid_from: date | None = None) -> Place:
        """Where a text stands; without a day, the base file of the entry."""
        return self.places.get((entry_id, valid_from)) or self.places[(entry_id, None)]


@dataclass(frozen=True, slots=True)
class _Added:
    """A further text of an entry, read from its own file."""

    entry_id: str
    text: Text
    front: Front


def read_folder(folder: Path, tables: Path = TABLES) -> Reading:
    """Read all entries below `folder`; files with errors are left out and reported.

    tables: the folder of figures that the entries name; its errors are reported too.
    """
    if not folder.is_dir():
        missing = problem(str(folder), 1, "no-folder")
        return Reading(Base(MappingProxyType({})), (missing,), MappingProxyType({}))
    figures = read_tables(tables)
    problems: list[Problem] = list(figures.errors)
    bodies: dict[str, Body] = {}
    found: dict[str, tuple[Entry, Front]] = {}
    added: list[_Added] = []
    seen: dict[str, str] = {}
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder).as_posix()
        front = read_front(path, name)
        bodies[name] = Body(front.body, front.body_line)
        part = _read(path, front, figures.tables) if front.values else None
        entry_id = front.values.get("id")
        if isinstance(part, Entry) or "@" not in path.name:
            if isinstance(entry_id, str) and entry_id in seen:
                front.report("id", "duplicate-id", id=entry_id, other=seen[entry_id])
            elif isinstance(entry_id, str):
                seen[entry_id] = name
        problems += front.problems
        if any(item.is_error for item in front.problems):
            continue
        if isinstance(part, Entry):
            found[part.id] = (part, front)
        elif part:
            added.append(part)
    reading = _assemble(found, added, seen, problems, figures.tables)
    return replace(reading, bodies=MappingProxyType(bodies))


def load(folder: Path) -> Base:
    """The base, or `BadBase` with every error: a running service keeps what it has."""
    reading = read_folder(folder)
    if reading.errors:
        raise BadBase(reading.errors)
    return reading.base


def _assemble(
    found: dict[str, tuple[Entry, Front]],
    added: list[_Added],
    seen: Mapping[str, str],
    problems: list[Problem],
    tables: Tables,
) -> Reading:
    places: dict[tuple[str, date | None], Place] = {}
    texts: dict[str, list[Text]] = {}
    fronts: dict[tuple[str, date], Front] = {}
    for entry_id, (entry, front) in found.items():
        places[(entry_id, None)] = Place(front.file, front.lines)
        texts[entry_id] = list(entry.texts)
        fronts |= {(entry_id, text.valid_from): front for text in entry.texts}
    for item in added:
        if item.entry_id not in seen:
            file = re.sub(r"@.+\.md$", ".md", item.front.file)
            line = item.front.lines.get("id", 1)
            problems.append(
                problem(item.front.file, line, "no-base-text", id=item.entry_id, file=file)
            )
        elif item.entry_id in texts:
            key = (item.entry_id, item.text.valid_from)
            places[key] = Place(item.front.file, item.front.lines)
            fronts[key] = item.front
            texts[item.entry_id].append(item.text)
    entries = {}
    for entry_id, (entry, _) in found.items():
        whole = _with_texts(entry, texts[entry_id], places[(entry_id, None)], problems)
        parts: list[Text] = []
        for text in whole.texts:
            parts += _parts(text, fronts[(entry_id, text.valid_from)], tables, problems)
        entries[entry_id] = replace(whole, texts=tuple(parts))
    order = sorted(problems, key=lambda item: (item.file, item.line))
    return Reading(Base(MappingProxyType(entries)), tuple(order), MappingProxyType(places))


def _parts(text: Text, front: Front, tables: Tables, problems: list[Problem]) -> Iterator[Text]:
    """A text once for each value that its figures have within its days."""
    days = turns(front.body, tables, text.valid_from, text.valid_until)
    for start, after in pairwise([text.valid_from, *days, None]):
        until = after - timedelta(days=1) if after else text.valid_until
        if start is None or start == text.valid_from:
            yield replace(text, valid_until=until)
            continue
        again = replace(front, problems=[])
        again.report("valid_from", "figure-turns", day=start)
        short, sections = read_body(again, tables, start)
        problems += [item for item in again.problems if item not in front.problems]
        yield replace(text, valid_from=start, valid_until=until, short=short, sections=sections)


def _with_texts(entry: Entry, texts: list[Text], place: Place, problems: list[Problem]) -> Entry:
    """All texts in order; a text without an end is ended by the one that follows it."""
    texts = sorted(texts, key=lambda text: text.valid_from)
    for n, (text, after) in enumerate(pairwise(texts)):
        last = after.valid_from - timedelta(days=1)
        if after.valid_from == text.valid_from:
            line = place.line("valid_from")
            problems.append(
                problem(place.file, line, "same-start", id=entry.id, day=after.valid_from)
            )
        elif text.valid_until is None:
            texts[n] = replace(text, valid_until=last)
        elif text.valid_until < last:
            line, days = place.line("valid_until"), {"a": text.valid_until, "b": after.valid_from}
            problems.append(problem(place.file, line, "gap", id=entry.id, **days))
    return replace(entry, texts=tuple(texts))


def _read(path: Path, front: Front, tables: Tables) -> Entry | _Added | None:
    name, area = _NAME.match(path.name), path.parent.name
    expected = f"{area}-{name['slug']}" if name else ""
    if not name or not _SLUG.match(name["slug"]) or len(expected) > LONGEST_ID:
        front.report_line(1, "bad-slug", name=path.name)
        return None
    coming = name["day"] is not None
    _check_keys(front, TEXT_KEYS if coming else ENTRY_KEYS, TEXT_MORE if coming else ENTRY_MORE)
    entry_id = string(front, "id") or ""
    if entry_id and entry_id != expected:
        front.report("id", "bad-path", id=entry_id, expected=expected)
    text = _text(front, tables)
    if coming:
        if text and text.valid_from.isoformat() != name["day"]:
            front.report("valid_from", "date-in-name", name=name["day"], value=text.valid_from)
        return _Added(entry_id, text, front) if text else None
    return _entry(front, entry_id, area, text)


def _check_keys(front: Front, needed: tuple[str, ...], more: tuple[str, ...]) -> None:
    for key in needed:
        if key not in front.values:
            front.report_line(1, "missing-key", key=key)
    for key in front.values:
        if key not in needed and key not in more:
            front.report(str(key), "unknown-key", key=key, known="、".join(needed + more))


def _text(front: Front, tables: Tables) -> Text | None:
    starts, reviewed, due = (day(front, key) for key in ("valid_from", "reviewed_on", "review_by"))
    until = day(front, "valid_until")
    short, sections = read_body(front, tables, starts)
    sources = source_list(front)
    _check_years(front, valid_from=starts, reviewed_on=reviewed, review_by=due, valid_until=until)
    if starts is None or reviewed is None or due is None:
        return None
    pairs = [("reviewed_on", reviewed, "review_by", due)]
    if until:
        pairs.append(("valid_from", starts, "valid_until", until))
    if "area" in front.values:  # a coming text is reviewed before it holds
        pairs.append(("valid_from", starts, "reviewed_on", reviewed))
    for first, a, second, b in pairs:
        if a > b:
            front.report(first, "date-order", first=first, second=second, a=a, b=b)
    return Text(starts, until, reviewed, due, sources, short, sections, string(front, "doubt"))


def _check_years(front: Front, **days: date | None) -> None:
    """A day far away is a slip, and the day after the last one cannot be computed."""
    for key, value in days.items():
        if value and value.year not in YEARS:
            front.report(key, "far-day", key=key, value=value, first=YEARS[0], last=YEARS[-1])


def _entry(front: Front, entry_id: str, area: str, text: Text | None) -> Entry | None:
    named = choice(front, "area", AREAS)
    if named and named != area:
        front.report("area", "bad-path", id=named, expected=area)
    question = string(front, "question") or ""
    if len(question) > MOST_QUESTION:
        front.report("question", "long-question", count=len(question), most=MOST_QUESTION)
    asks = strings(front, "ask")
    _check_asks(front, question, asks)
    region = choice(front, "region", REGIONS)
    related, facts = strings(front, "related"), strings(front, "facts")
    actions = choices(front, "actions", ACTIONS)
    if text is None or region is None:
        return None
    return Entry(entry_id, area, question, asks, (text,), region, related, actions, facts)


def _check_asks(front: Front, question: str, asks: tuple[str, ...]) -> None:
    if "ask" in front.values and len(asks) < LEAST_ASKS:
        front.report("ask", "few-asks", count=len(asks), least=LEAST_ASKS)
    elif "ask" in front.values and len(asks) < GOOD_ASKS:
        front.report("ask", "more-asks", count=len(asks), least=GOOD_ASKS)
    said = {question}
    for n, ask in enumerate(asks):
        if ask in said:
            front.report(f"ask.{n}", "repeated-ask", text=ask)
        said.add(ask)
