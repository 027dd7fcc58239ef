"""A small inverted index over tokens that are numbers, in plain arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from knowledge.rows import Numbers, Rows

Scores = NDArray[np.float32]
Tokens = NDArray[np.int64]
Blocks = Callable[[], Iterator[tuple[Tokens, Numbers]]]

# BM25 with little length normalisation: phrasings are all short, and a story is no worse a match
_K1 = 1.2
_B = 0.3
_BITS = 21  # a Unicode code point fits
_BLOCK = 16_384  # texts worked on at once: bounds the memory that building takes
_BUDGET = 200_000  # postings read for a shortlist: about two milliseconds


class Vocabulary:
    """Numbers for words, given out from 1 in the order in which words come."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def add(self, words: Iterable[str]) -> list[int]:
        """The numbers of words, new ones included."""
        known = self._known
        return [known.setdefault(word, len(known) + 1) for word in words]

    def find(self, words: Iterable[str]) -> Tokens:
        """The numbers of words; of an unknown one 0."""
        return np.array([self._known.get(word, 0) for word in words], dtype=np.int64)

    def __len__(self) -> int:
        return len(self._known)

    def __iter__(self) -> Iterator[str]:
        """In the order of their numbers."""
        return iter(self._known)


@dataclass(frozen=True, slots=True)
class Hits:
    """Which of the tokens asked for stand in which documents."""

    which: Numbers  # of the tokens asked for
    where: Numbers  # the document
    counts: NDArray[np.float64]
    idf: NDArray[np.float64]  # of each token asked for
    lengths: NDArray[np.float64]  # of each document, as BM25 has it
    norms: NDArray[np.float64]  # of each document

    def bm25(self, weights: NDArray[np.float64]) -> Scores:
        """BM25 of every document, as a share of what the best conceivable one would get."""
        often = saturated(self.counts, self.lengths[self.where])
        return self._summed(often * (self.idf * weights)[self.which], float(weights @ self.idf))

    def cosine(self) -> Scores:
        """Cosine of the documents' token sets, each token weighing its rarity."""
        products = (self.idf**2)[self.which] / self.norms[self.where]
        return self._summed(products, float(self.idf @ self.idf) ** 0.5)

    def _summed(self, values: NDArray[np.float64], best: float) -> Scores:
        sums = np.bincount(self.where, weights=values, minlength=len(self.norms))
        return sums.astype(np.float32) / np.float32(max(best, 1e-9))


class Rarity:
    """How rare tokens are among texts."""

    def __init__(self, blocks: Blocks, size: int) -> None:
        """`blocks` as for `Inverted`."""
        self._keys, self._known = _counted(blocks)
        self._size = size

    def idf(self, tokens: Tokens) -> NDArray[np.float64]:
        """The rarer, the more; of unknown tokens, as much as can be."""
        places, known = _found(self._keys, tokens)
        return _rarity(_each(self._known[places[known]], known), self._size)


class Inverted:
    """Which documents hold a token, and how often; rare tokens weigh more.

    lengths: of each document, as BM25 has it.
    """

    def __init__(self, blocks: Blocks, size: int) -> None:
        """`blocks` gives tokens with the document of each, twice the same; documents in order,
        none in two blocks."""
        self.size = size
        self._keys, known = _counted(blocks)
        self._starts = np.concatenate([[0], np.cumsum(known)])
        self._owners = np.empty(self._starts[-1], dtype=np.int32)
        self._counts = np.empty(self._starts[-1], dtype=np.uint8)
        lengths, squares = np.zeros(size), np.zeros(size)
        free, idf = self._starts[:-1].copy(), _rarity(known, size)
        for tokens, owners in blocks():
            of, where, counts = _pairs(np.searchsorted(self._keys, tokens), owners)
            tokens_here, firsts, sizes = np.unique(of, return_index=True, return_counts=True)
            at = np.arange(len(of)) + np.repeat(free[tokens_here] - firsts, sizes)
            self._owners[at], self._counts[at] = where, np.minimum(counts, 255)
            free[tokens_here] += sizes
            lengths += np.bincount(where, weights=counts, minlength=size)
            squares += np.bincount(where, weights=idf[of] ** 2, minlength=size)
        self.lengths = leveled(lengths)
        self._norms = np.maximum(np.sqrt(squares), 1e-9)

    def hits(self, tokens: Tokens) -> Hits:
        """Where the tokens stand."""
        places, known = _found(self._keys, tokens)
        which, held = np.flatnonzero(known), places[known]
        spans = [*zip(self._starts[held].tolist(), self._starts[held + 1].tolist(), strict=True)]
        idf = _rarity(_each(self._postings(held), known), self.size)
        where = np.concatenate([self._owners[a:b] for a, b in spans] or [np.zeros(0, np.int32)])
        counts = np.concatenate([self._counts[a:b] for a, b in spans] or [np.zeros(0)])
        which = np.repeat(which, [b - a for a, b in spans])
        return Hits(which, where, counts.astype(float), idf, self.lengths, self._norms)

    def shortlist(self, tokens: Tokens, most: int) -> Numbers:
        """The likeliest documents by their rarest tokens, so many that reading them stays quick;
        the best first."""
        places, known = _found(self._keys, tokens)
        postings = self._postings(places[known])
        order = np.argsort(postings, kind="stable")
        enough = max(int(np.searchsorted(np.cumsum(postings[order]), _BUDGET)), 1)
        rare = tokens[known][order[:enough]]
        scores = self.hits(rare).bm25(np.ones(len(rare)))
        best = np.argpartition(-scores, min(most, len(scores) - 1))[:most]
        best = best[np.argsort(-scores[best], kind="stable")]
        return np.asarray(best[scores[best] > 0])

    def _postings(self, places: Numbers) -> Numbers:
        return np.asarray(self._starts[places + 1] - self._starts[places])


def _rarity(counts: Numbers, size: int) -> NDArray[np.float64]:
    return np.asarray(np.log(1 + (size - counts + 0.5) / (counts + 0.5)))


def _each(counts: Numbers, known: NDArray[np.bool_]) -> Numbers:
    """The counts of all tokens from those of the known ones; the others are in no document."""
    every = np.zeros(len(known), dtype=np.int64)
    every[known] = counts
    return every


def _found(keys: Tokens, tokens: Tokens) -> tuple[Numbers, NDArray[np.bool_]]:
    """Where tokens stand among keys, and which do at all."""
    if not len(keys):
        return np.zeros(len(tokens), dtype=np.int64), np.zeros(len(tokens), dtype=np.bool_)
    places = np.minimum(np.searchsorted(keys, tokens), len(keys) - 1)
    return places, keys[places] == tokens


def saturated(
    counts: NDArray[np.float64] | float, lengths: NDArray[np.float64]
) -> NDArray[np.float64]:
    """What BM25 makes of counts: a second time adds less than the first."""
    return np.asarray(counts * (_K1 + 1) / (counts + lengths))


def leveled(lengths: NDArray[np.float64] | Numbers) -> NDArray[np.float64]:
    """Lengths of documents as BM25 has them."""
    mean = max(float(lengths.mean()) if len(lengths) else 1.0, 1e-9)
    return np.asarray(_K1 * (1 - _B + _B * lengths / mean))


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


def words_index(documents: Iterable[Sequence[str]], words: Vocabulary) -> Inverted:
    """An index over words."""
    rows = Rows.of((words.add(document) for document in documents), "i")
    return Inverted(numbers_of(rows), len(rows))


def numbers_of(rows: Rows) -> Blocks:
    """The numbers of words with their documents, block by block."""

    def blocks() -> Iterator[tuple[Tokens, Numbers]]:
        for first in range(0, len(rows), _BLOCK):
            part = np.arange(first, min(first + _BLOCK, len(rows)))
            tokens = rows.flat[rows.starts[first] : rows.starts[part[-1] + 1]]
            yield tokens.astype(np.int64), np.repeat(part, rows.sizes(part))

    return blocks


def grams_index(texts: Sequence[str], owners: Numbers, size: int) -> Inverted:
    """An index over pieces of texts; a document may own several texts, one after the other."""
    return Inverted(grams_of(texts, owners, size), size)


def grams_of(texts: Sequence[str], owners: Numbers, size: int) -> Blocks:
    """The pieces of texts with their documents, block by block."""
    changes = np.flatnonzero(np.diff(owners, prepend=-1, append=size))
    cuts = [0]
    for change in changes:
        if change - cuts[-1] >= _BLOCK or change == len(texts):
            cuts.append(int(change))

    def blocks() -> Iterator[tuple[Tokens, Numbers]]:
        for first, last in pairwise(cuts):
            tokens, places = pieces(texts[first:last])
            yield tokens, owners[first:last][places]

    return blocks


@lru_cache(64)  # one question is asked of several indices
def grams(text: str) -> Tokens:
    """Distinct single characters, pairs and triples: what survives any way of cutting words."""
    return np.unique(pieces([text])[0])


def gram(*chars: str) -> int:
    """The number of one piece."""
    number = 0
    for char in chars:
        number = number << _BITS | ord(char)
    return number


def pieces(texts: Sequence[str]) -> tuple[Tokens, Numbers]:
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
