"""INTERIM (to be replaced by the matching work)."""

from dataclasses import dataclass
from datetime import date

from knowledge.entry import Entry, Section


@dataclass(frozen=True)
class Coming:
    day: date
    short: str


@dataclass(frozen=True)
class Answer:
    title: str
    short: str
    sections: tuple[Section, ...]
    citations: tuple[str, ...]
    valid_from: date
    reviewed_on: date
    overdue: bool
    doubt: str | None
    coming: Coming | None
    region: str


def compose(entry: Entry, day: date) -> Answer | None:
    text = entry.text_on(day)
    if text is None:
        return None
    coming = entry.coming(day)
    return Answer(
        entry.question,
        text.short,
        text.sections,
        tuple(s.cite() for s in text.sources),
        text.valid_from,
        text.reviewed_on,
        text.overdue_on(day),
        text.doubt,
        Coming(coming.valid_from, coming.short) if coming else None,
        entry.region,
    )
