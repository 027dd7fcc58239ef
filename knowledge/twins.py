"""Ways of asking that stand in two entries, or nearly so: both would claim the question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.process import cdist

from knowledge.load import Reading
from knowledge.problem import Problem, problem

NEAR = 90
_SHORTEST = NEAR / (200 - NEAR)  # of two texts so near, the shorter is at least this much as long
_BLOCK = 64
_REMEMBERED = 2**16  # phrasings: a changed base has nearly the same


@dataclass(frozen=True, slots=True)
class _Ask:
    entry: str
    key: str
    text: str
    plain: str
    place: int  # among all of the base


_Pair = tuple[_Ask, _Ask, int]  # how near they are: a score of rapidfuzz


@lru_cache(_REMEMBERED)
def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


@lru_cache(_REMEMBERED)
def _sign(plain: str) -> int:
    """Which characters a text has: each is one of 64 bits."""
    bits = 0
    for char in plain:
        bits |= 1 << ord(char) % 64
    return bits


class _Asks:
    """Phrasings in order of their length, with what tells quickly that two are not near."""

    def __init__(self, asks: list[_Ask]) -> None:
        self.asks = sorted(asks, key=lambda ask: len(ask.plain))
        self.lengths = np.array([len(ask.plain) for ask in self.asks], dtype=np.int32)
        self._signs = np.array([_sign(ask.plain) for ask in self.asks], dtype=np.uint64)
        self._plain = np.array([ask.plain for ask in self.asks], dtype=object)

    def near(
        self, rows: NDArray[np.intp], columns: NDArray[np.intp], ordered: bool = False
    ) -> Iterator[_Pair]:
        """Phrasings that are near one another. Where rows are the first of the columns, each pair
        comes once. What one text has and the other lacks differs at most as far as they do."""
        apart = np.bitwise_count(self._signs[rows, None] ^ self._signs[columns])
        both = self.lengths[rows, None] + self.lengths[columns]
        alike = apart <= both * (100 - NEAR) // 100
        for row, own in zip(rows, np.triu(alike, 1) if ordered else alike, strict=True):
            mine, others = self.asks[row], columns[own]
            scores = cdist([mine.plain], self._plain[others], score_cutoff=NEAR)[0]
            for at in np.flatnonzero(scores):
                theirs = self.asks[others[at]]
                if mine.entry != theirs.entry:
                    yield mine, theirs, int(scores[at])


def twins(reading: Reading, of: str | None = None) -> Iterator[Problem]:
    """Problems for phrasings that two entries share (error) or almost share (warning).

    of: the one entry to compare with all others.
    """
    every = [
        (entry.id, "question" if n == 0 else f"ask.{n - 1}", text)
        for entry in reading.base.entries.values()
        for n, text in enumerate(entry.phrasings)
    ]
    asks = _Asks([_Ask(*ask, _plain(ask[2]), place) for place, ask in enumerate(every)])
    for mine, theirs, score in _of_one(asks, of) if of else _of_all(asks):
        first, later = sorted((mine, theirs), key=lambda ask: ask.place)
        yield _report(reading, later, first, score)


def _of_one(asks: _Asks, entry: str) -> Iterator[_Pair]:
    rows = np.array([n for n, ask in enumerate(asks.asks) if ask.entry == entry], dtype=np.intp)
    return asks.near(rows, np.arange(len(asks.asks)))


def _of_all(asks: _Asks) -> Iterator[_Pair]:
    """Each pair once: of a block, with what is as long or longer."""
    for start in range(0, len(asks.asks), _BLOCK):
        rows = np.arange(start, min(start + _BLOCK, len(asks.asks)))
        end = np.searchsorted(asks.lengths, asks.lengths[rows[-1]] / _SHORTEST, side="right")
        yield from asks.near(rows, np.arange(start, end), ordered=True)


def _report(reading: Reading, ask: _Ask, other: _Ask, score: int) -> Problem:
    place = reading.place(ask.entry)
    line = place.line(ask.key)
    if ask.plain == other.plain:
        return problem(place.file, line, "same-question", text=ask.text, other=other.entry)
    detail = {"text": ask.text, "other": other.entry, "theirs": other.text, "score": score}
    return problem(place.file, line, "near-question", **detail)
