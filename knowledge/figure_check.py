"""Who uses which figure, which were changed since somebody looked, which are written out bare.

`figures.lock.json` holds every figure as it stood when a person last looked at what it touches.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from knowledge.calculate import tables
from knowledge.calculate.check import Place, uses
from knowledge.calculate.tables import Row, Tables
from knowledge.entry import Source, Text
from knowledge.figures import bare, named
from knowledge.load import Reading
from knowledge.problem import Problem, problem

LOCK = Path(__file__).parent / "data" / "figures.lock.json"
NONE = "—"
DAY = timedelta(days=1)


def check(reading: Reading, figures: tables.Reading, accepted: Mapping[str, str]) -> list[Problem]:
    """What a curator should look at, changed figures first."""
    return [
        *changed(reading, figures, accepted),
        *written_out(reading, figures.tables),
        *ending(reading, figures.tables),
        *unused(reading, figures),
    ]


def standing(figures: Tables) -> dict[str, str]:
    """Every figure with its values in the order of time, as the lock holds them."""
    found = {}
    for name, rows in sorted(figures.rows.items()):
        turns = [list(same) for _, same in groupby(rows, key=_value)]
        first, *later = [(_value(same[0]), same[0].valid_from) for same in turns]
        found[name] = "；".join([first[0], *(f"{day} {value}" for value, day in later)])
    return found


def _value(row: Row) -> str:
    return row.shown if row.years is None else f"{row.years[0]}-{row.years[1]} {row.shown}"


def read_lock(path: Path = LOCK) -> dict[str, str]:
    """The accepted values; none where the file is not there yet."""
    if not path.is_file():
        return {}
    return {str(k): str(v) for k, v in json.loads(path.read_text(encoding="utf-8")).items()}


def write_lock(figures: Tables, path: Path = LOCK) -> None:
    """Accept every figure as it stands now."""
    text = json.dumps(standing(figures), ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def in_entries(reading: Reading) -> dict[str, list[Place]]:
    """Where the entries name each figure; a line that names it twice counts once."""
    found: dict[str, list[Place]] = defaultdict(list)
    for file, body in reading.bodies.items():
        for use in named(body.text, body.line):
            if (file, use.line) not in found[use.name]:
                found[use.name].append((file, use.line))
    return found


def in_rules(figures: Tables) -> dict[str, list[Place]]:
    """Where the calculators name each figure; annual fees are found by their years."""
    found = uses()
    for name, rows in figures.rows.items():
        if rows[-1].years:
            found[name].append(("annuities.py", 1))
    return found


def changed(
    reading: Reading, figures: tables.Reading, accepted: Mapping[str, str]
) -> Iterator[Problem]:
    """Figures whose value is not the accepted one, each with all that it touches."""
    now, entries, rules = standing(figures.tables), in_entries(reading), in_rules(figures.tables)
    for name in sorted(set(now) | set(accepted)):
        old, new = accepted.get(name, NONE), now.get(name, NONE)
        if old != new:
            file, line = _place(figures, name)
            touched = {
                "entries": listed(entries.get(name, [])),
                "rules": listed(rules.get(name, [])),
            }
            yield problem(file, line, "figure-changed", name=name, old=old, new=new, **touched)


def unused(reading: Reading, figures: tables.Reading) -> Iterator[Problem]:
    """Figures that nothing refers to."""
    known = set(in_entries(reading)) | set(in_rules(figures.tables))
    for name in sorted(figures.tables.names - known):
        file, line = _place(figures, name)
        yield problem(file, line, "figure-unused", name=name)


def written_out(reading: Reading, figures: Tables) -> Iterator[Problem]:
    """Numbers in a text that equal a figure of an article which the text itself cites."""
    cited: dict[tuple[str | None, ...], list[Row]] = defaultdict(list)
    for row in (row for versions in figures.rows.values() for row in versions):
        for source in row.sources:
            cited[_key(source)].append(row)
    for text, file in _texts(reading):
        rows = [row for source in text.sources for row in cited.get(_key(source), ())]
        body = reading.bodies[file]
        for line, said, name in bare(body.text, rows, body.line):
            yield problem(file, line, "figure-bare", text=said, name=name)


def ending(reading: Reading, figures: Tables) -> Iterator[Problem]:
    """Figures that end while their text still holds, with none to follow."""
    for text, file in _texts(reading):
        body = reading.bodies[file]
        for use in named(body.text, body.line):
            last = figures.on(use.name, text.valid_from).valid_until
            if use.day or last is None or (text.valid_until and text.valid_until <= last):
                continue
            if not figures.on(use.name, last + DAY).holds_on(last + DAY):
                yield problem(file, use.line, "figure-ends", name=use.name, day=last)


def _texts(reading: Reading) -> Iterator[tuple[Text, str]]:
    """Every text with the file it was read from; one read for several days comes for each."""
    for entry in reading.base.entries.values():
        for text in entry.texts:
            yield text, reading.place(entry.id, text.valid_from).file


def listed(places: list[Place]) -> str:
    """Places as people read them: a.md:3, 7; b.toml:12."""
    lines = {
        file: ", ".join(str(line) for _, line in same)
        for file, same in groupby(places, key=lambda place: place[0])
    }
    return "; ".join(f"{file}:{said}" for file, said in lines.items()) or NONE


def _key(source: Source) -> tuple[str | None, ...]:
    return (source.law, source.article) if source.law else (source.document,)


def _place(figures: tables.Reading, name: str) -> Place:
    rows = figures.tables.rows.get(name)
    return figures.places[(name, rows[-1].valid_from)] if rows else (LOCK.name, 1)
