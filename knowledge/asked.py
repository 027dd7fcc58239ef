"""All ways of asking of a base, normalised once, in flat lists."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.entry import Entry
from knowledge.inverted import Numbers, Vocabulary
from knowledge.normalise import Plain, plain

_plain = lru_cache(2**15)(plain)  # a changed base has nearly the same phrasings
EXAMPLES = 30_000  # of a larger base, so many phrasings show what its field is


@dataclass(frozen=True, slots=True)
class Asked:
    """Every phrasing, entry by entry. A large base has too many to keep them as `Plain`."""

    starts: Numbers  # the first phrasing of each entry, and the number of all
    texts: list[str]
    english: dict[int, str]  # of the phrasings in English, what their vectors are made of
    words: list[NDArray[np.int32]]  # their numbers, words of the field included
    examples: list[Plain]

    @classmethod
    def of(cls, entries: Sequence[Entry], known: Vocabulary) -> Asked:
        """Normalise all phrasings; new words go to the vocabulary."""
        starts = np.cumsum([0, *(len(entry.phrasings) for entry in entries)])
        step = -(-int(starts[-1]) // EXAMPLES)
        every = cls(starts, [], {}, [], [])
        for number, way in enumerate(way for entry in entries for way in entry.phrasings):
            seen = _plain(way)
            every.texts.append(seen.text)
            if seen.english:
                every.english[number] = seen.said
            numbers = known.add([*seen.words, *seen.field_words])
            every.words.append(np.array(numbers, dtype=np.int32))
            if number % step == 0:
                every.examples.append(seen)
        return every

    def __len__(self) -> int:
        return len(self.texts)

    def said(self, number: int) -> str:
        """What the vector of a phrasing is made of."""
        return self.english.get(number) or self.texts[number]

    def joined(self, first: int = 0, last: int | None = None) -> Iterator[str]:
        """The texts without their spaces."""
        return (text.replace(" ", "") for text in self.texts[first:last])

    def ways(self, entries: Numbers | None) -> tuple[Numbers | None, Numbers]:
        """The phrasings of entries (of all: None), and where those of each begin among them."""
        if entries is None:
            return None, self.starts[:-1]
        return spread(self.starts, entries)


def spread(starts: Numbers, chosen: Numbers) -> tuple[Numbers, Numbers]:
    """The rows of chosen groups, and where those of each begin among them."""
    sizes = starts[chosen + 1] - starts[chosen]
    begins = np.cumsum(sizes) - sizes
    return np.arange(sizes.sum()) + np.repeat(starts[chosen] - begins, sizes), begins
