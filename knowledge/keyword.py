"""A keyword sent alone: what is most asked about it, instead of a guess at one entry."""

from __future__ import annotations

import re
from functools import cache

from knowledge.lexicon import pairs, terms
from knowledge.load import Base
from knowledge.normalise import Plain, plain, tidy

MOST_WORDS = 4
_GENERIC = re.compile(
    r"怎么|多少|多久|多长|几[年个]|能不能|要不要|可以吗|什么|哪里|流程|条件|期限|费用|材料|办理"
)


@cache
def _known() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for keywords, entries in pairs("keywords.tsv").items():
        for keyword in keywords.split("|"):
            found[keyword] = tuple(entries.split())
    return found


def entries_of(message: str, base: Base) -> tuple[str, ...]:
    """The entries of a keyword that is the whole message; none for anything else."""
    joined, seen = tidy(message).replace(" ", ""), plain(message)
    # the gloss of a longer question in English leaves out what it asks
    whole = len(seen.english.split()) <= MOST_WORDS
    found = _known().get(joined) or (whole and _known().get(seen.joined)) or ()
    return tuple(entry for entry in found if entry in base.entries)


def is_bare(question: Plain) -> bool:
    """Whether a text is nothing but terms of the field, so that it asks nothing in particular."""
    words = question.text.split()
    text = question.joined
    if not text or len(words) > MOST_WORDS or _GENERIC.search(text):
        return False
    return _bag().fullmatch(text) is not None


@cache
def _bag() -> re.Pattern[str]:
    return re.compile(
        "(?:" + "|".join(sorted(map(re.escape, terms()), key=len, reverse=True)) + ")+"
    )
