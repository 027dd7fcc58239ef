"""A small inverted index over tokens that are numbers, in plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Tokens = NDArray[np.int64]
Numbers = NDArray[np.int64]
Blocks = Callable[[], Iterator[tuple[Tokens, Numbers]]]

# BM25 with little length normalisation: phrasings are all short, and a story is no worse a match
_K1 = 1.2
_B = 0.3
_BITS = 21  # a Unicode code point fits
_BLOCK = 16_384  # texts worked on at once: bounds the memory that building takes
_BUDGET = 200_000  # postings read for a shortlist: about two milliseconds


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


@dataclass(frozen=True, slots=True)
class Hits:
    """Which of the tokens asked for stand in which documents."""

    which: Numbers  # of the tokens asked for
    where: Numbers  # a document, or a place among the documents asked for
    counts: NDArray[np.float64]
    idf: NDArray[np.float64]  # of each token asked for
    lengths: NDArray[np.float64]  # of each document, as BM25 has it
    norms: NDArray[np.float64]  # of each document

    def bm25(self, weights: NDArray[np.float64]) -> Scores:
        """BM25 of every document, as a share of what the best conceivable one would get."""
        counts = self.counts
        saturated = counts * (_K1 + 1) / (counts + self.lengths[self.where])
        return self._summed(saturated * (self.idf * weights)[self.which], float(weights @ self.idf))

    def cosine(self) -> Scores:
        """Cosine of the documents' token sets, each token weighing its rarity."""
        products = (self.idf**2)[self.which] / self.norms[self.where]
        return self._summed(products, float(self.idf @ self.idf) ** 0.5)

    def covered(self) -> Scores:
        """Which share of the tokens, by rarity, each document holds at all."""
        return self._summed(self.idf[self.which], float(self.idf.sum()))

    def _summed(self, values: NDArray[np.float64], best: float) -> Scores:
        sums = np.bincount(self.where, weights=values, minlength=len(self.norms))
        return sums.astype(np.float32) / np.float32(max(best, 1e-9))


class Inverted:
    """Which documents hold a token, and how often; rare tokens weigh more."""

    def __init__(self, blocks: Blocks, size: int) -> None:
        """`blocks` gives tokens with the document of each, twice the same; documents in order,
        none in two blocks."""
        self.size = size
        self._keys, known = _counted(blocks)
        self._starts = np.concatenate([[0], np.cumsum(known)])
        self._owners = np.empty(self._starts[-1], dtype=np.int32)
        self._counts = np.empty(self._starts[-1], dtype=np.uint16)
        lengths, squares = np.zeros(size), np.zeros(size)
        free, idf = self._starts[:-1].copy(), self._rarity(np.arange(len(known)))
        for tokens, owners in blocks():
            of, where, counts = _pairs(np.searchsorted(self._keys, tokens), owners)
            tokens_here, firsts, sizes = np.unique(of, return_index=True, return_counts=True)
            at = np.arange(len(of)) + np.repeat(free[tokens_here] - firsts, sizes)
            self._owners[at], self._counts[at] = where, np.minimum(counts, 65_535)
            free[tokens_here] += sizes
            lengths += np.bincount(where, weights=counts, minlength=size)
            squares += np.bincount(where, weights=idf[of] ** 2, minlength=size)
        mean = max(float(lengths.mean()) if size else 1.0, 1e-9)
        self._lengths = _K1 * (1 - _B + _B * lengths / mean)
        self._norms = np.maximum(np.sqrt(squares), 1e-9)

    def idf(self, tokens: Tokens) -> NDArray[np.float64]:
        """How rare tokens are; of unknown ones, as rare as can be."""
        places, known = self._find(tokens)
        unknown = float(np.log(1 + (self.size + 0.5) / 0.5))
        return np.where(known, self._rarity(places) if len(self._keys) else 0.0, unknown)

    def holds(self, tokens: Tokens) -> NDArray[np.bool_]:
        """Which tokens stand in any document."""
        return self._find(tokens)[1]

    def hits(self, tokens: Tokens, among: Numbers | None = None) -> Hits:
        """Where the tokens stand: in all documents, or among some (numbers in order)."""
        places, known = self._find(tokens)
        which, idf = np.flatnonzero(known), self.idf(tokens)
        spans = [(self._starts[n], self._starts[n + 1]) for n in places[known]]
        if among is None:
            found = [(self._owners[a:b], self._counts[a:b]) for a, b in spans]
            lengths, norms = self._lengths, self._norms
        else:
            found = [self._shared(a, b, among) for a, b in spans]
            lengths, norms = self._lengths[among], self._norms[among]
        sizes = [len(where) for where, _ in found]
        where = np.concatenate([item for item, _ in found] or [np.zeros(0, dtype=np.int64)])
        counts = np.concatenate([item for _, item in found] or [np.zeros(0)])
        return Hits(np.repeat(which, sizes), where, counts.astype(float), idf, lengths, norms)

    def shortlist(self, tokens: Tokens, most: int) -> Numbers:
        """The likeliest documents by their rarest tokens, so many that reading them stays quick."""
        places, known = self._find(tokens)
        rare = tokens[known][np.argsort(self._postings(places[known]), kind="stable")]
        read = np.cumsum(self._postings(self._find(rare)[0]))
        rare = rare[: max(int(np.searchsorted(read, _BUDGET)), 1)]
        scores = self.hits(rare).bm25(np.ones(len(rare)))
        best = np.argpartition(-scores, min(most, len(scores) - 1))[:most]
        return np.asarray(best[scores[best] > 0])

    def _postings(self, places: Numbers) -> Numbers:
        return np.asarray(self._starts[places + 1] - self._starts[places])

    def _rarity(self, places: Numbers) -> NDArray[np.float64]:
        known = self._postings(places)
        return np.asarray(np.log(1 + (self.size - known + 0.5) / (known + 0.5)))

    def _find(self, tokens: Tokens) -> tuple[Numbers, NDArray[np.bool_]]:
        if not len(self._keys):
            return np.zeros(len(tokens), dtype=np.int64), np.zeros(len(tokens), dtype=np.bool_)
        places = np.minimum(np.searchsorted(self._keys, tokens), len(self._keys) - 1)
        return places, self._keys[places] == tokens

    def _shared(self, start: int, end: int, among: Numbers) -> tuple[Numbers, NDArray[np.uint16]]:
        """What stands both in a token's documents and among others: the shorter in the longer."""
        owners = self._owners[start:end]
        if len(owners) > len(among):
            at = np.minimum(np.searchsorted(owners, among), len(owners) - 1)
            where = np.flatnonzero(owners[at] == among)
            return where, self._counts[start + at[where]]
        at = np.minimum(np.searchsorted(among, owners), len(among) - 1)
        kept = np.flatnonzero(among[at] == owners)
        return at[kept], self._counts[start + kept]


def _pairs(ids: Numbers, owners: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Distinct pairs, in order of numbers, then documents; and how often each occurs."""
    first = int(owners.min(initial=np.iinfo(np.int64).max))
    span = int(owners.max(initial=first)) - first + 1
    pairs, counts = np.unique(ids * span + (owners - first), return_counts=True)
    return pairs // span, pairs % span + first, counts


def _counted(blocks: Blocks) -> tuple[Tokens, Numbers]:
    """All tokens, and in how many documents each stands."""
    found, counts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for tokens, owners in blocks():
        names, ids = np.unique(tokens, return_inverse=True)
        found.append(names)
        counts.append(np.bincount(_pairs(ids, owners)[0], minlength=len(names)))
    keys, of = np.unique(np.concatenate(found), return_inverse=True)
    sums = np.bincount(of, weights=np.concatenate(counts), minlength=len(keys))
    return keys, sums.astype(np.int64)


def words_index(documents: Sequence[Sequence[str]], words: Vocabulary) -> Inverted:
    """An index over words."""
    numbers = [np.array(words.add(document), dtype=np.int64) for document in documents]
    return numbers_index(numbers, len(numbers))


def numbers_index(documents: Sequence[NDArray[np.integer]], size: int) -> Inverted:
    """An index over the numbers of words, document by document."""

    def blocks() -> Iterator[tuple[Tokens, Numbers]]:
        for first in range(0, size, _BLOCK):
            part = documents[first : first + _BLOCK]
            owners = np.repeat(np.arange(first, first + len(part)), [len(item) for item in part])
            yield np.concatenate(part).astype(np.int64), owners

    return Inverted(blocks, size)


def grams_index(texts: Sequence[str], owners: Numbers, size: int) -> Inverted:
    """An index over pieces of texts; a document may own several texts, one after the other."""
    changes = np.flatnonzero(np.diff(owners, prepend=-1, append=size))
    cuts = [0]
    for change in changes:
        if change - cuts[-1] >= _BLOCK or change == len(texts):
            cuts.append(int(change))

    def blocks() -> Iterator[tuple[Tokens, Numbers]]:
        for first, last in pairwise(cuts):
            tokens, places = _pieces(texts[first:last])
            yield tokens, owners[first:last][places]

    return Inverted(blocks, size)


def grams(text: str) -> Tokens:
    """Distinct single characters, pairs and triples: what survives any way of cutting words."""
    return np.unique(_pieces([text])[0])


def _pieces(texts: Sequence[str]) -> tuple[Tokens, Numbers]:
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
