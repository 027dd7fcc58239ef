"""Examine the tables for ``kb check``: their form, the laws they cite, the names referred to."""

from __future__ import annotations

import re
import string
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from knowledge.calculate import delivery, fees
from knowledge.calculate.kinds import HERE, KINDS
from knowledge.calculate.tables import TABLES, Reading, Row, read_tables
from knowledge.lawbook import LawBook
from knowledge.problem import Problem, problem

Place = tuple[str, int]  # file, line


def check(
    folder: Path = TABLES,
    *,
    statutes: LawBook | None = None,
    used: Mapping[str, Place] | None = None,
) -> list[Problem]:
    """All problems of the tables, by file and line.

    used: further names that somebody refers to (entries), each with where it stands.
    """
    reading = read_tables(folder)
    found = [*reading.problems, *check_names(reading, {**names_used(), **(used or {})})]
    if statutes:
        found += check_sources(reading, statutes)
    return sorted(found, key=lambda item: (item.file, item.line))


def check_names(reading: Reading, used: Mapping[str, Place]) -> list[Problem]:
    """Names that are referred to but stand in no table."""
    return [
        problem(file, line, "unknown-table", name=name)
        for name, (file, line) in used.items()
        if name not in reading.tables.names
    ]


def check_sources(reading: Reading, book: LawBook) -> list[Problem]:
    """Cited laws or articles that the folder of law texts does not have."""
    found = []
    for versions in reading.tables.rows.values():
        for row in versions:
            file, line = reading.places[(row.name, row.valid_from)]
            found += [problem(file, line, code, **detail) for code, detail in _cited(row, book)]
    return found


def names_used() -> dict[str, Place]:
    """Every figure that the calculators refer to, and where first."""
    return {name: places[0] for name, places in uses().items()}


def uses() -> dict[str, list[Place]]:
    """Every figure that the calculators refer to, and everywhere they do."""
    found: dict[str, list[Place]] = defaultdict(list)
    for path in (*sorted(KINDS.glob("*.toml")), HERE / "rules.toml"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for name in _named(line):
                found[name].append((path.name, number))
    for module, names in (("delivery.py", delivery.FIGURES), ("fees.py", fees.FIGURES)):
        for name in names:
            found[name].append((module, 1))
    return found


def _named(line: str) -> list[str]:
    """``terms`` and ``fee`` list names; other texts hold them in braces."""
    key, _, value = line.partition(" = ")
    if key in ("terms", "fee"):
        return re.findall(r'"([^"]+)"', value)
    return [name for _, name, _, _ in string.Formatter().parse(value) if name and " " not in name]


def _cited(row: Row, book: LawBook) -> Iterator[tuple[str, dict[str, str]]]:
    for source in row.sources:
        if source.law is None:
            continue
        known = book.versions(source.law)
        if not known:
            yield "unknown-law", {"law": source.law}
            continue
        texts = book.in_force(source.law, row.valid_from or date.max)
        if source.version is not None:
            texts = [item for item in known if item.day == source.version]
        if not any(source.article in item.articles for item in texts):
            label = texts[0].label if texts else str(source.version)
            detail = {"law": source.law, "version": label, "article": source.article or ""}
            yield "unknown-article", detail
