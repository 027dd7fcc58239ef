"""What lay people call what an article settles: plain words, and the entries that cite it."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.entry import Entry
from knowledge.lexicon import rows
from knowledge.statutes.shelf import Shelf

FILE = "statute_plain.tsv"
NO_DAY = "-"


def plain_words(shelf: Shelf) -> dict[int, str]:
    """Plain words by article. They belong to one version: numbers move when a law is revised."""
    labels = {
        (law.name, law.version.isoformat() if law.version else NO_DAY): law.label
        for law in shelf.laws
    }
    found = {}
    for row in rows(FILE):
        law, version, article, words = row.split("\t")
        label = labels.get((law, version))
        number = shelf.number(law, label, article) if label else None
        if number is not None:
            found[number] = words
    return found


def citations(entries: Sequence[Entry], shelf: Shelf) -> list[tuple[int, ...]]:
    """By entry, the articles that its texts rest on.

    A text that was reviewed before it starts to hold cites the law of its first day.
    """
    found = []
    for entry in entries:
        cited: set[int] = set()
        for text in entry.texts:
            cited |= shelf.cited(text.sources, max(text.valid_from, text.reviewed_on))
        found.append(tuple(sorted(cited)))
    return found
