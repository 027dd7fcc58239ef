"""Examine the base: schema, twins, links, dates, cited articles, covered facts, figures."""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge import figure_check
from knowledge.calculate import check as table_check
from knowledge.calculate.tables import TABLES, read_tables
from knowledge.entry import Entry, Source, Text
from knowledge.lawbook import LawBook, Version
from knowledge.load import Reading, read_folder
from knowledge.problem import LEVELS, Problem, problem
from knowledge.twins import twins

ENTRIES = Path(__file__).parent / "entries"

Finding = tuple[str, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Facts:
    """The fact base: how far each fact was verified."""

    confidence: dict[str, str]

    @classmethod
    def read(cls, folder: Path) -> Facts:
        """Read `ip-facts.tsv` of a folder (or the file itself)."""
        file = folder / "ip-facts.tsv" if folder.is_dir() else folder
        with file.open(encoding="utf-8", newline="") as lines:
            rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
            return cls({row["id"]: row["confidence"] for row in rows})

    def uncovered(self, reading: Reading) -> list[str]:
        """Facts that no entry uses; those never verified are not expected to be used."""
        used = {fact for entry in reading.base.entries.values() for fact in entry.facts}
        return [
            fact
            for fact, level in self.confidence.items()
            if level != "memory" and fact not in used
        ]


def check(
    reading: Reading,
    *,
    statutes: LawBook | None = None,
    facts: Facts | None = None,
    day: date | None = None,
    twins_of: str | None = None,
    complete: bool = False,
) -> list[Problem]:
    """All problems, those of reading included, by file and line.

    complete: a link to an entry that is not here is an error. Elsewhere the entry may have been
    taken down, or be in another folder, and the answer simply leaves the link out.
    twins_of: the entry whose phrasings are compared with all others; None: those of all.
    """
    found = list(reading.problems)
    known = set(reading.base.entries)
    for entry in reading.base.entries.values():
        found += _links(reading, entry, known, complete)
        for text in entry.texts:
            if statutes:
                found += _sources(reading, entry, text, statutes)
        if facts:
            found += _facts(reading, entry, facts)
        if day and entry.overdue_on(day):
            text = entry.text_on(day) or entry.texts[-1]
            place = reading.place(entry.id, text.valid_from)
            found.append(
                problem(place.file, place.line("review_by"), "overdue", day=text.review_by)
            )
    found += twins(reading, twins_of)
    return sorted(found, key=lambda item: (item.file, item.line))


def _links(reading: Reading, entry: Entry, known: set[str], complete: bool) -> Iterator[Problem]:
    place = reading.place(entry.id)
    if not entry.related:
        yield problem(place.file, place.line("related"), "no-links")
    for n, other in enumerate(entry.related):
        line = place.line(f"related.{n}")
        if other == entry.id:
            yield problem(place.file, line, "self-link")
        elif other not in known:
            yield problem(place.file, line, "broken-link" if complete else "lost-link", id=other)


def _facts(reading: Reading, entry: Entry, facts: Facts) -> Iterator[Problem]:
    place = reading.place(entry.id)
    doubted = any(text.doubt for text in entry.texts)
    for n, fact in enumerate(entry.facts):
        line, level = place.line(f"facts.{n}"), facts.confidence.get(fact)
        if level is None:
            yield problem(place.file, line, "unknown-fact", id=fact)
        elif level == "memory" and not doubted:
            yield problem(place.file, line, "memory-fact", id=fact)


def _sources(reading: Reading, entry: Entry, text: Text, book: LawBook) -> Iterator[Problem]:
    place = reading.place(entry.id, text.valid_from)
    # What the reviewer had before him decides; a coming text is judged by the day it starts.
    day = max(text.valid_from, text.reviewed_on)
    for n, source in enumerate(text.sources):
        if source.law:
            for code, detail in _cited(source, source.law, day, book):
                yield problem(place.file, place.line(f"sources.{n}"), code, **detail)


def _cited(
    source: Source, law: str, day: date, book: LawBook
) -> Iterator[tuple[str, dict[str, str]]]:
    known = book.versions(law)
    if not known:
        yield "unknown-law", {"law": law}
        return
    if source.version:
        texts = [item for item in known if item.day == source.version]
        if not texts:
            labels = "、".join(item.label for item in known)
            yield "unknown-version", {"law": law, "version": str(source.version), "known": labels}
            return
    else:
        texts = book.in_force(law, day)
    if law == "民法典":  # the books follow one another; any of them may hold the article
        texts = [item for item in texts if source.article in item.articles] or texts[:1]
    yield from _fits(source, law, day, texts[0])


def _fits(source: Source, law: str, day: date, text: Version) -> Iterator[Finding]:
    detail = {"law": law, "version": text.label}
    if source.article not in text.articles:
        yield "unknown-article", {**detail, "article": source.article or ""}
    if text.until and text.until < day:
        yield "superseded", {**detail, "until": text.until.isoformat()}
    if text.since and text.since > day:
        yield "not-yet", {**detail, "since": text.since.isoformat()}


def _arguments(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m knowledge.check", description=__doc__)
    parser.add_argument("statutes", nargs="?", type=Path, help="folder of law texts")
    parser.add_argument("--facts", type=Path, help="folder with ip-facts.tsv")
    parser.add_argument("--entries", type=Path, default=ENTRIES, help="folder of entries")
    parser.add_argument("--area", action="append", help="only report these areas (repeatable)")
    parser.add_argument("--as-of", type=date.fromisoformat, help="list entries overdue on this day")
    parser.add_argument("--tables", type=Path, default=TABLES, help="folder of figures")
    parser.add_argument("--lock", type=Path, default=figure_check.LOCK, help="accepted figures")
    parser.add_argument("--accept", action="store_true", help="accept all figures as they stand")
    parser.add_argument("--figure", metavar="NAME", help="only list who uses this figure")
    parser.add_argument("--notes", action="store_true", help="print notes too")
    parser.add_argument("--quiet", action="store_true", help="errors only")
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    """Print what is wrong; 1 where there is an error."""
    given = _arguments(arguments)
    reading = read_folder(given.entries, given.tables)
    if given.figure:
        return _print_uses(reading, given)
    facts = Facts.read(given.facts) if given.facts else None
    book = LawBook(given.statutes) if given.statutes else None
    found = check(reading, statutes=book, facts=facts, day=given.as_of, complete=True)
    found += table_check.check(given.tables, statutes=book)
    found += _figures(reading, given, sound=not any(item.is_error for item in found))
    found = sorted(dict.fromkeys(found), key=lambda item: (item.file, item.line))
    if given.area:
        found = [item for item in found if item.file.split("/")[0] in given.area]
    _print(found, len(reading.base), given)
    if facts:
        missing = facts.uncovered(reading)
        share = 1 - len(missing) / max(1, len(facts.confidence))
        sys.stdout.write(f"facts covered {share:.1%}; not covered: {' '.join(missing) or '-'}\n")
    return 1 if any(item.is_error for item in found) else 0


def _figures(reading: Reading, given: argparse.Namespace, sound: bool) -> list[Problem]:
    """What to look at in the figures; they are accepted only where nothing is wrong."""
    figures = read_tables(given.tables)
    if given.accept and not sound:
        return [problem(given.lock.name, 1, "not-accepted")]
    if given.accept:
        figure_check.write_lock(figures.tables, given.lock)
    return figure_check.check(reading, figures, figure_check.read_lock(given.lock))


def _print(found: list[Problem], entries: int, given: argparse.Namespace) -> None:
    for item in found:
        if item.is_error or (not given.quiet and (given.notes or item.level != "note")):
            sys.stdout.write(f"{item}\n")
    counts = {level: sum(item.level == level for item in found) for level in LEVELS}
    said = ", ".join(f"{level}s {count}" for level, count in counts.items())
    sys.stdout.write(f"entries {entries}, {said}\n")


def _print_uses(reading: Reading, given: argparse.Namespace) -> int:
    """What one figure is and who uses it; 1 where no table has it."""
    figures = read_tables(given.tables).tables
    if given.figure not in figures.names:
        sys.stdout.write(f"{problem(str(given.tables), 1, 'unknown-table', name=given.figure)}\n")
        return 1
    sys.stdout.write(f"{given.figure}\t{figure_check.standing(figures)[given.figure]}\n")
    for users in (figure_check.in_entries(reading), figure_check.in_rules(figures)):
        for file, line in users.get(given.figure, []):
            sys.stdout.write(f"{file}:{line}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
