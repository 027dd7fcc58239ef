"""Which right is spoken of: a question about a patent is never answered from a trademark entry."""

from __future__ import annotations

import re
from functools import cache

from knowledge.entry import Entry
from knowledge.lexicon import pairs
from knowledge.normalise import plain


@cache
def _signs() -> dict[str, re.Pattern[str]]:
    return {subject: re.compile(words) for subject, words in pairs("subjects.tsv").items()}


def named(text: str) -> frozenset[str]:
    """The rights that a text names; none for most texts on procedure."""
    joined = plain(text).joined
    return frozenset(subject for subject, sign in _signs().items() if sign.search(joined))


@cache
def of_entry(entry: Entry) -> frozenset[str]:
    """The rights that an entry names in any of its phrasings, and that of its area."""
    area = frozenset({entry.area}) & frozenset(_signs())
    return area.union(*(named(phrasing) for phrasing in entry.phrasings))


def contradict(question: frozenset[str], entry: Entry) -> bool:
    """Whether the question names rights and the entry names only other ones."""
    theirs = of_entry(entry)
    return bool(question and theirs) and not question & theirs
