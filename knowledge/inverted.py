"""A small inverted index over tokens that are numbers, in plain arrays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Tokens = NDArray[np.int64]

# BM25 with little length normalisation: phrasings are all short, and a story is no worse a match
_K1 = 1.2
_B = 0.3
_BITS = 21  # a Unicode code point fits


class Vocabulary:
    """Numbers for words, given out in the order in which words come."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def add(self, words: Iterable[str]) -> list[int]:
        """The numbers of words, new ones included."""
        known = self._known
        return [known.setdefault(word, len(known)) for word in words]

    def find(self, words: Iterable[str]) -> Tokens:
        """The numbers of words; of an unknown one, a number that no document holds."""
        return np.array([self._known.get(word, -1) for word in words], dtype=np.int64)


class Inverted:
    """Which documents hold a token, with its weight there; rare tokens weigh more."""

    def __init__(self, tokens: Tokens, owners: NDArray[np.int64], size: int) -> None:
        """`owners` names the document of each token."""
        self.size = size
        keys, ids = np.unique(tokens, return_inverse=True)
        pairs, counts = np.unique(ids * max(size, 1) + owners, return_counts=True)
        self._keys = keys
        self._owners = pairs % max(size, 1)
        of = pairs // max(size, 1)  # sorted by token, then by document
        known = np.bincount(of, minlength=len(keys))
        self._starts = np.concatenate([[0], np.cumsum(known)])
        self._idf = np.log(1 + (size - known + 0.5) / (known + 0.5))
        self._unknown = float(np.log(1 + (size + 0.5) / 0.5))
        lengths = np.bincount(self._owners, weights=counts, minlength=size)
        norm = _K1 * (1 - _B + _B * lengths / max(float(lengths.mean()) if size else 1.0, 1e-9))
        idf = self._idf[of]
        self._bm25 = counts * (_K1 + 1) / (counts + norm[self._owners]) * idf
        norms = np.sqrt(np.bincount(self._owners, weights=idf**2, minlength=size))
        self._cosine = idf / np.maximum(norms, 1e-9)[self._owners]

    def idf(self, tokens: Tokens) -> NDArray[np.float64]:
        """How rare tokens are; of unknown ones, as rare as can be."""
        places, known = self._find(tokens)
        return np.where(known, self._idf[places] if len(self._keys) else 0.0, self._unknown)

    def holds(self, tokens: Tokens) -> NDArray[np.bool_]:
        """Which tokens stand in any document."""
        return self._find(tokens)[1]

    def bm25(self, tokens: Tokens, weights: NDArray[np.float64]) -> Scores:
        """BM25 of every document, as a share of what the best conceivable one would get."""
        best = float(weights @ self.idf(tokens))
        return self._summed(tokens, weights, self._bm25) / np.float32(max(best, 1e-9))

    def cosine(self, tokens: Tokens) -> Scores:
        """Cosine of the documents' token sets, each token weighing its rarity."""
        idf = self.idf(tokens)
        norm = max(float(idf @ idf) ** 0.5, 1e-9)
        return self._summed(tokens, idf, self._cosine) / np.float32(norm)

    def covered(self, tokens: Tokens) -> Scores:
        """Which share of the tokens, by rarity, each document holds at all."""
        idf = self.idf(tokens)
        return self._summed(tokens, idf, None) / np.float32(max(float(idf.sum()), 1e-9))

    def _find(self, tokens: Tokens) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        if not len(self._keys):
            return np.zeros(len(tokens), dtype=np.int64), np.zeros(len(tokens), dtype=np.bool_)
        places = np.minimum(np.searchsorted(self._keys, tokens), len(self._keys) - 1)
        return places, self._keys[places] == tokens

    def _summed(
        self, tokens: Tokens, weights: NDArray[np.float64], stored: NDArray[np.float64] | None
    ) -> Scores:
        """Sums over the documents of the tokens, all tokens at once."""
        places, known = self._find(tokens)
        places, weights = places[known], weights[known]
        firsts = self._starts[places]
        sizes = self._starts[places + 1] - firsts
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        at = np.arange(total) + np.repeat(firsts - (ends - sizes), sizes)
        values = np.repeat(weights, sizes)
        if stored is not None:
            values = values * stored[at]
        sums = np.bincount(self._owners[at], weights=values, minlength=self.size)
        return sums.astype(np.float32)


def words_index(documents: Sequence[Sequence[str]], words: Vocabulary) -> Inverted:
    """An index over words."""
    numbers = [words.add(document) for document in documents]
    owners = np.repeat(np.arange(len(documents)), [len(document) for document in documents])
    flat = np.array([number for document in numbers for number in document], dtype=np.int64)
    return Inverted(flat, owners, len(documents))


def grams_index(texts: Sequence[str], owners: NDArray[np.int64], size: int) -> Inverted:
    """An index over pieces of texts; a document may own several texts."""
    tokens, places = _pieces(texts)
    return Inverted(tokens, owners[places], size)


def grams(text: str) -> Tokens:
    """Distinct single characters, pairs and triples: what survives any way of cutting words."""
    return np.unique(_pieces([text])[0])


def _pieces(texts: Sequence[str]) -> tuple[Tokens, NDArray[np.int64]]:
    """All pieces, and the number of the text that each comes from."""
    joined = "\0".join(texts) + "\0\0"
    codes = np.frombuffer(joined.encode("utf-32-le"), dtype=np.uint32).astype(np.int64)
    one, two, three = codes[:-2], codes[1:-1], codes[2:]
    of = np.cumsum(one == 0) - (one == 0)
    pairs, triples = (one << _BITS) | two, (one << (2 * _BITS)) | (two << _BITS) | three
    keep = one != 0
    pair, triple = keep & (two != 0), keep & (two != 0) & (three != 0)
    tokens = np.concatenate([one[keep], pairs[pair], triples[triple]])
    return tokens, np.concatenate([of[keep], of[pair], of[triple]])
