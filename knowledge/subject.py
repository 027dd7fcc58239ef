"""Which right is spoken of: a question about a patent is never answered from a trademark entry."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise

from knowledge.entry import Entry
from knowledge.lexicon import pairs
from knowledge.rows import Numbers

Rights = frozenset[str]


@cache
def _signs() -> dict[str, re.Pattern[str]]:
    return {subject: re.compile(words) for subject, words in pairs("subjects.tsv").items()}


def named(joined: Iterable[str]) -> Rights:
    """The rights that texts without spaces name; none for most texts on procedure."""
    every = "\n".join(joined)
    return frozenset(subject for subject, sign in _signs().items() if sign.search(every))


def of_entries(entries: Sequence[Entry], joined: Sequence[str], starts: Numbers) -> list[Rights]:
    """The rights that each entry names in any of its phrasings, and that of its area."""
    found: dict[Rights, Rights] = {}  # there are few, and each is kept once
    every = (
        named(joined[first:last]) | (_signs().keys() & {entry.area})
        for entry, (first, last) in zip(entries, pairwise(starts), strict=True)
    )
    return [found.setdefault(rights, rights) for rights in every]


def contradict(question: Rights, entry: Rights) -> bool:
    """Whether the question names rights and the entry names only other ones."""
    return bool(question and entry) and not question & entry
