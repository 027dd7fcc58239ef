"""Where a question's tokens stand in chosen texts, read text by text.

Only a hundred entries are worth a closer look. Reading what those are asked by is as quick as an
inverted index over all phrasings, and needs no line for every token of each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from knowledge.inverted import Tokens, Vocabulary, gram, grams, saturated
from knowledge.rows import Numbers

_NONE = 0  # an unknown letter or word, and the end of a text


@dataclass(frozen=True, slots=True)
class Hits:
    """Which token stands in which of the chosen rows, as often as it does."""

    rows: Numbers
    tokens: Numbers

    def summed(self, weights: NDArray[np.float64], rows: int) -> NDArray[np.float64]:
        """The weight of all that stands in each row."""
        return np.asarray(np.bincount(self.rows, weights=weights[self.tokens], minlength=rows))

    def counts(self, groups: Numbers, size: int, tokens: int) -> NDArray[np.float64]:
        """How often each token stands in each group of rows; `groups` tells that of each row."""
        pairs = groups[self.rows] * tokens + self.tokens
        counts = np.bincount(pairs, minlength=size * tokens).reshape(size, tokens)
        return counts.astype(np.float64)


class Words:
    """The words of a question, in order, each once."""

    def __init__(self, words: Sequence[str], known: Vocabulary) -> None:
        self.tokens = known.find(words)
        self._places = np.full(len(known) + 1, -1, dtype=np.int32)
        self._places[self.tokens] = np.arange(len(words))
        self._places[_NONE] = -1

    def hits(self, numbers: NDArray[np.integer], sizes: Numbers) -> Hits:
        """Where they stand in rows of words of such sizes."""
        tokens = self._places[numbers]
        at = np.flatnonzero(tokens >= 0)
        return Hits(np.repeat(np.arange(len(sizes)), sizes)[at], tokens[at])


class Pieces:
    """The single characters, pairs and triples of a question, each once."""

    def __init__(self, text: str, letters: Vocabulary) -> None:
        self.tokens: Tokens = grams(text)
        place = {token: number for number, token in enumerate(self.tokens.tolist())}
        local = {char: number for number, char in enumerate(dict.fromkeys(text), start=1)}
        self._local = np.zeros(len(letters) + 1, dtype=np.uint16)
        self._local[letters.find(local)] = np.arange(1, len(local) + 1)
        self._local[_NONE] = 0
        pairs = {pair: n for n, pair in enumerate(dict.fromkeys(pairwise(text)), start=1)}
        self._one = np.array([-1, *(place[gram(char)] for char in local)])
        self._two = np.array([-1, *(place[gram(*pair)] for pair in pairs)])
        self._pair = np.zeros((len(local) + 1, len(local) + 1), dtype=np.uint16)
        for (first, second), number in pairs.items():
            self._pair[local[first], local[second]] = number
        self._three = np.full((len(pairs) + 1, len(pairs) + 1), -1, dtype=np.int32)
        for three in zip(text, text[1:], text[2:], strict=False):
            self._three[pairs[three[:2]], pairs[three[1:]]] = place[gram(*three)]

    def hits(self, codes: NDArray[np.integer], sizes: Numbers) -> Hits:
        """Where they stand in rows of letters of such sizes, each with its end."""
        local = self._local[codes]
        ones = np.flatnonzero(local)
        starts = ones[:-1][np.diff(ones) == 1]
        pair = self._pair[local[starts], local[starts + 1]]
        twos, pair = starts[pair > 0], pair[pair > 0]
        follows = np.flatnonzero(np.diff(twos) == 1)
        three = self._three[pair[follows], pair[follows + 1]]
        threes, three = twos[follows][three >= 0], three[three >= 0]
        rows = np.repeat(np.arange(len(sizes)), sizes)
        tokens = np.concatenate([self._one[local[ones]], self._two[pair], three])
        return Hits(rows[np.concatenate([ones, twos, threes])], tokens)


def bm25(
    counts: NDArray[np.float64], weights: NDArray[np.float64], lengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """BM25 of each row of counts, as a share of what the best conceivable one would get."""
    often = saturated(counts, lengths[:, None])
    return np.asarray(often @ weights / max(float(weights.sum()), 1e-9))


def covered(counts: NDArray[np.float64], rarity: NDArray[np.float64]) -> NDArray[np.float64]:
    """Which share of the tokens, by rarity, stands in each row of counts at all."""
    return np.asarray((counts > 0) @ rarity / max(float(rarity.sum()), 1e-9))
