"""From which day a text is not stated as certain any more, because what it rests on changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import MappingProxyType

from knowledge.entry import Entry, Source, Text
from knowledge.lawbook import LawBook, Version
from knowledge.load import Base
from knowledge.statutes.store import saved, store_file
from knowledge.statutes.text import Law


def law_book(folder: Path | None, var: Path) -> LawBook | None:
    """The law texts at hand: of a folder, else those imported; None where there are none."""
    if folder is not None:
        return LawBook(folder)
    laws = saved(store_file(var))
    return LawBook.of(_version(law) for law in laws) if laws else None


def _version(law: Law) -> Version:
    names = frozenset(article.name for article in law.articles)
    return Version(law.name, law.version, law.since, law.until, names, "")


def with_changes(base: Base, flags: Mapping[str, date], laws: LawBook | None) -> Base:
    """The base with its texts marked from the day on which they become doubtful.

    flags: by entry, the day from which a change of law was reported. A text that begins on that
    day or later was written for the change and is not marked.
    """
    entries = {
        entry.id: _marked(entry, flags.get(entry.id), laws) for entry in base.entries.values()
    }
    return replace(base, entries=MappingProxyType(entries))


def _marked(entry: Entry, flagged: date | None, laws: LawBook | None) -> Entry:
    texts = tuple(_mark(text, flagged, laws) for text in entry.texts)
    return entry if texts == entry.texts else replace(entry, texts=texts)


def _mark(text: Text, flagged: date | None, laws: LawBook | None) -> Text:
    days = list(_replaced(text, laws)) if laws else []
    if flagged is not None and text.valid_from < flagged:
        days.append(flagged)
    return replace(text, changed_from=min(days)) if days else text


def _replaced(text: Text, laws: LawBook) -> Iterator[date]:
    """The days on which the versions of law that a text was reviewed against are replaced."""
    reviewed = max(text.valid_from, text.reviewed_on)
    for source in text.sources:
        day = _end_of(source, reviewed, laws) if source.law else None
        if day is not None and day > text.valid_from:
            yield day


def _end_of(source: Source, reviewed: date, laws: LawBook) -> date | None:
    law = source.law or ""
    if law == "民法典":  # its books follow one another; they are not versions
        return None
    known = laws.versions(law)
    cited = [item for item in known if item.day == source.version] if source.version else []
    cited = cited or laws.in_force(law, reviewed)[:1]
    if not cited:
        return None
    after = [item.since for item in known if item.since and item.since > (cited[0].since or _EVER)]
    if after:
        return min(after)
    until = cited[0].until
    return until + timedelta(days=1) if until else None


_EVER = date.min
