"""What sentence vectors say about each entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import Asked, spread
from knowledge.embed import Embedder, Packed, Vectors, packed
from knowledge.entry import Entry
from knowledge.inverted import Numbers
from knowledge.normalise import Plain, plain

NAMES = ("centre", "best-three", "short-answer", "best")
_TOGETHER = 3
_MOST_ROWS = 400_000  # of a larger base, not all phrasings of an entry have a vector
_BLOCK = 20_000  # rows worked on at once: bounds the memory that building takes
_COARSE = 96  # dimensions that tell which entries are worth a closer look

Matrix = NDArray[np.float32]


def along(rows: Vectors, vector: Vectors) -> Vectors:
    """Products of rows and a vector, without the threads of the algebra library: for work this
    small they wait for one another longer than they work, and on a busy machine far longer."""
    return np.asarray(np.einsum("ij,j->i", rows, vector), dtype=np.float32)


class _Rows:
    """Vectors as one byte a figure."""

    def __init__(self, texts: Sequence[str], embedder: Embedder) -> None:
        blocks = range(0, len(texts), _BLOCK)
        self._rows: Packed = np.concatenate(
            [packed(embedder.passages(texts[at : at + _BLOCK])) for at in blocks]
        )
        self._scale = np.concatenate([1 / _lengths(self._rows[at : at + _BLOCK]) for at in blocks])

    def near(self, vector: Vectors, chosen: Numbers | None) -> Vectors:
        """How near rows, all or some, are to a question."""
        at = slice(None) if chosen is None else chosen
        near = along(self._rows[at].astype(np.float32), vector)
        return np.asarray(near * self._scale[at], dtype=np.float32)

    def sums(self, starts: Numbers) -> Vectors:
        """The sum of each group of rows."""
        owners = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        sums = np.zeros((len(starts) - 1, self._rows.shape[1]), dtype=np.float32)
        for at in range(0, len(self._rows), _BLOCK):
            mine = owners[at : at + _BLOCK]
            begins = np.flatnonzero(np.diff(mine, prepend=-1))
            rows = self._rows[at : at + _BLOCK] * self._scale[at : at + _BLOCK, None]
            sums[mine[begins]] += np.add.reduceat(rows, begins)
        return sums


class Semantic:
    """Vectors of phrasings and short answers."""

    def __init__(self, entries: Sequence[Entry], asked: Asked, embedder: Embedder) -> None:
        self._embedder = embedder
        kept, self._starts = _some_of_each(asked.starts)
        self._ways = _Rows([asked.said(int(number)) for number in kept], embedder)
        self._shorts = _Rows([plain(entry.texts[-1].short).text for entry in entries], embedder)
        sums = self._ways.sums(self._starts)
        self._centre_scale = 1 / _lengths(sums)
        centres = np.asarray(sums * self._centre_scale[:, None], dtype=np.float32)
        self._coarse, self._axes = _coarse(centres)

    def vector(self, question: Plain) -> Vectors:
        """The question's vector as the model gives it."""
        return self._embedder.query(question.said)

    def shortlist(self, vector: Vectors, most: int) -> Numbers:
        """The entries worth a closer look."""
        near = along(self._coarse, along(self._axes.T, vector))
        return np.argpartition(-near, min(most, len(near) - 1))[:most]

    def features(self, vector: Vectors, among: Numbers | None = None) -> tuple[Matrix, Vectors]:
        """One row an entry, of all or of some, one column a name; and how near the question is
        to each of their phrasings."""
        every = np.arange(len(self._starts) - 1) if among is None else among
        ways, begins = spread(self._starts, every)
        near = self._ways.near(vector, None if among is None else ways)
        columns: list[NDArray[np.floating[Any]]] = [
            np.add.reduceat(near, begins) * self._centre_scale[every],
            _best_together(near, begins),
            self._shorts.near(vector, among),
            np.maximum.reduceat(near, begins),
        ]
        return np.stack(columns, axis=1).astype(np.float32), near


def _some_of_each(starts: Numbers) -> tuple[Numbers, Numbers]:
    """Which phrasings have a vector, and where those of each entry begin among them: all, or of a
    large base so many of each entry, from its first on, as memory allows."""
    sizes = np.diff(starts)
    most = max(_MOST_ROWS // max(len(sizes), 1), 1) if starts[-1] > _MOST_ROWS else sizes.max()
    kept = np.minimum(sizes, most)
    begins = np.concatenate([[0], np.cumsum(kept)])
    rank = np.arange(begins[-1]) - np.repeat(begins[:-1], kept)
    apart = np.repeat(sizes / kept, kept)
    return np.repeat(starts[:-1], kept) + (rank * apart).astype(np.int64), begins


def _coarse(centres: Vectors) -> tuple[Vectors, Vectors]:
    """Centres in the few dimensions in which they differ most; and those dimensions."""
    some = centres[:: -(-len(centres) // _BLOCK)]
    axes = np.linalg.eigh(some.T @ some)[1][:, -_COARSE:].astype(np.float32)
    return centres @ axes, axes


def _best_together(near: Vectors, begins: Numbers) -> Vectors:
    """The mean of an entry's closest phrasings: one alone may be close by chance."""
    sizes = np.diff(begins, append=len(near))
    rank = np.arange(len(near)) - np.repeat(begins, sizes)
    table = np.full((len(sizes), max(int(sizes.max()), _TOGETHER)), -np.inf, dtype=np.float32)
    table[np.repeat(np.arange(len(sizes)), sizes), rank] = near
    best = np.partition(table, -_TOGETHER, axis=1)[:, -_TOGETHER:]
    together = np.minimum(sizes, _TOGETHER)
    return np.asarray(np.where(np.isfinite(best), best, 0).sum(axis=1) / together)


def _lengths(rows: NDArray[np.generic]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(rows.astype(np.float32), axis=1)
    return np.asarray(np.maximum(lengths, 1e-9), dtype=np.float32)
