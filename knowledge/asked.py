"""All ways of asking of a base, normalised once, in flat lists; for building only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from knowledge.domain import Counts
from knowledge.entry import Entry
from knowledge.inverted import Vocabulary
from knowledge.normalise import plain
from knowledge.rows import Growing, Numbers, Rows

_REMEMBERED = 2**16
_plain = lru_cache(_REMEMBERED)(plain)  # a changed base has nearly the same phrasings
EXAMPLES = 50_000  # of a larger base, so many phrasings show what its field is


@dataclass(frozen=True, slots=True)
class Asked:
    """Every phrasing, entry by entry. A large base has too many to keep them as `Plain`."""

    starts: Numbers  # the first phrasing of each entry, and the number of all
    texts: list[str]
    english: dict[int, str]  # of the phrasings in English, what their vectors are made of
    words: Rows  # their numbers, words of the field included
    known: Vocabulary
    examples: Counts

    @classmethod
    def of(cls, entries: Sequence[Entry]) -> Asked:
        """Normalise all phrasings."""
        starts = np.cumsum([0, *(len(entry.phrasings) for entry in entries)])
        total, known = int(starts[-1]), Vocabulary()
        step, normal = -(-total // EXAMPLES), _plain if total <= _REMEMBERED else plain
        texts, english, words, examples = list[str](), dict[int, str](), Growing("i"), Counts()
        ways = (way for entry in entries for way in entry.phrasings)
        for number, seen in enumerate(map(normal, ways)):
            texts.append(seen.text)
            words.add(known.add([*seen.words, *seen.field_words]))
            if seen.english:
                english[number] = seen.said
            if number % step == 0:
                examples.add(seen)
        return cls(starts, texts, english, words.rows(), known, examples)

    def said(self, number: int) -> str:
        """What the vector of a phrasing is made of."""
        return self.english.get(number) or self.texts[number]

    def joined(self) -> list[str]:
        """The texts without their spaces."""
        return [text.replace(" ", "") for text in self.texts]
