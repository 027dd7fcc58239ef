"""What sentence vectors say about each entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import Asked
from knowledge.embed import Embedder, Packed, Vectors, along, packed
from knowledge.entry import Entry
from knowledge.normalise import Plain, plain
from knowledge.rows import Numbers, spread

NAMES = ("centre", "best-three", "short-answer", "best")
_TOGETHER = 3
_LARGE = 90_000  # texts; of more than these, fewer dimensions are kept
_FEWER = 160
_BLOCK = 20_000  # rows worked on at once: bounds the memory that building takes
_COARSE = 96  # dimensions that tell which entries are worth a closer look

Matrix = NDArray[np.float32]


class _Rows:
    """Vectors as one byte a figure; of many, in the dimensions in which they differ most."""

    def __init__(self, texts: Sequence[str], embedder: Embedder) -> None:
        self._axes: Vectors | None = None
        if len(texts) > _LARGE:
            self._axes = _axes(embedder.passages(texts[:: len(texts) // _BLOCK]), _FEWER)
        rows, scales = [], []
        for at in range(0, len(texts), _BLOCK):
            vectors = self.seen(embedder.passages(texts[at : at + _BLOCK]))
            rows.append(packed(vectors))
            scales.append(_lengths(vectors) / _lengths(rows[-1]))
        self._rows: Packed = np.concatenate(rows)
        self._scale = np.concatenate(scales)

    def near(self, vector: Vectors, chosen: Numbers) -> Vectors:
        """How near rows are to a question."""
        near = along(self._rows[chosen].astype(np.float32), self.seen(vector[None])[0])
        return np.asarray(near * self._scale[chosen], dtype=np.float32)

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

    def seen(self, vectors: Vectors) -> Vectors:
        """Vectors in the dimensions that are kept."""
        if self._axes is None:
            return vectors
        return np.asarray(np.einsum("ij,jk->ik", vectors, self._axes), dtype=np.float32)


class Semantic:
    """Vectors of phrasings and short answers."""

    def __init__(self, entries: Sequence[Entry], asked: Asked, embedder: Embedder) -> None:
        self._embedder = embedder
        self._starts = asked.starts
        self._ways = _Rows([asked.said(number) for number in range(len(asked.texts))], embedder)
        self._shorts = _Rows([plain(entry.texts[-1].short).text for entry in entries], embedder)
        sums = self._ways.sums(self._starts)
        self._centre_scale = 1 / _lengths(sums)
        centres = np.asarray(sums * self._centre_scale[:, None], dtype=np.float32)
        self._axes = _axes(centres, _COARSE)
        self._coarse = centres @ self._axes

    def vector(self, question: Plain) -> Vectors:
        """The question's vector as the model gives it."""
        return self._embedder.query(question.said)

    def shortlist(self, vector: Vectors, most: int) -> Numbers:
        """The entries worth a closer look."""
        near = along(self._coarse, along(self._axes.T, self._ways.seen(vector[None])[0]))
        return np.argpartition(-near, min(most, len(near) - 1))[:most]

    def features(self, vector: Vectors, among: Numbers) -> tuple[Matrix, Vectors]:
        """One row an entry, one column a name; and how near the question is to each of their
        phrasings."""
        ways, begins = spread(self._starts, among)
        near = self._ways.near(vector, ways)
        columns: list[NDArray[np.floating[Any]]] = [
            np.add.reduceat(near, begins) * self._centre_scale[among],
            _best_together(near, begins),
            self._shorts.near(vector, among),
            np.maximum.reduceat(near, begins),
        ]
        return np.stack(columns, axis=1).astype(np.float32), near


def _axes(rows: Vectors, most: int) -> Vectors:
    """The dimensions in which rows differ most, one a column."""
    some = rows[:: -(-len(rows) // _BLOCK)]
    return np.linalg.eigh(some.T @ some)[1][:, -most:].astype(np.float32)


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
