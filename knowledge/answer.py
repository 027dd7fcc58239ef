"""What an answer consists of on a given day. How it looks is for the channels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from knowledge.entry import Entry, Section
from knowledge.load import Base


@dataclass(frozen=True, slots=True)
class Coming:
    """A wording that is known but not yet in force."""

    day: date
    short: str
    citations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Another entry worth reading."""

    entry: str
    title: str


@dataclass(frozen=True, slots=True)
class Answer:
    """An entry as it stands on a day."""

    entry: str
    title: str
    area: str
    region: str
    short: str
    sections: tuple[Section, ...]
    citations: tuple[str, ...]
    as_of: date
    reviewed_on: date
    overdue: bool
    doubt: str | None
    coming: Coming | None
    related: tuple[Link, ...]
    actions: tuple[str, ...]
    changed_from: date | None = None  # the law it rests on changed then, and it was not reviewed


def compose(entry: Entry, day: date, base: Base) -> Answer | None:
    """The answer that holds on `day`, or None where none does."""
    text = entry.text_on(day)
    if text is None:
        return None
    after = entry.coming(day)
    known = (base.entries.get(other) for other in entry.related)
    return Answer(
        entry=entry.id,
        title=entry.question,
        area=entry.area,
        region=entry.region,
        short=text.short,
        sections=text.sections,
        citations=tuple(dict.fromkeys(source.cite() for source in text.sources)),
        as_of=text.valid_from,
        reviewed_on=text.reviewed_on,
        overdue=text.overdue_on(day),
        doubt=text.doubt,
        coming=_coming(after.valid_from, entry) if after else None,
        related=tuple(Link(other.id, other.question) for other in known if other),
        actions=entry.actions,
        changed_from=text.changed_from if text.changed_on(day) else None,
    )


def _coming(day: date, entry: Entry) -> Coming | None:
    text = entry.text_on(day)
    if text is None:
        return None
    return Coming(day, text.short, tuple(dict.fromkeys(item.cite() for item in text.sources)))
