"""What sentence vectors say about each entry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.asked import Asked, spread
from knowledge.embed import Embedder, Packed, Vectors, packed
from knowledge.entry import Entry
from knowledge.inverted import Numbers
from knowledge.lexicon import DATA
from knowledge.normalise import Plain, plain

NAMES = ("centre", "best-three", "short-answer", "best-raw")
_TOGETHER = 3
_SHRINK = 0.8  # most of the spread within entries is chance, with a dozen phrasings each
_MOST_ROWS = 400_000  # of a larger base, not all phrasings of an entry have a vector
_BLOCK = 20_000  # rows worked on at once: bounds the memory that building takes
_COARSE = 96  # dimensions that tell which entries are worth a closer look

Matrix = NDArray[np.float32]


def unit(rows: Vectors) -> Vectors:
    """Rows of length one."""
    norms = np.linalg.norm(rows, axis=-1, keepdims=True)
    return np.asarray(rows / np.maximum(norms, 1e-9), dtype=np.float32)


def along(rows: Vectors, vector: Vectors) -> Vectors:
    """Products of rows and a vector, without the threads of the algebra library: for work this
    small they wait for one another longer than they work, and on a busy machine far longer."""
    return np.asarray(np.einsum("ij,j->i", rows, vector), dtype=np.float32)


def metric_file(name: str) -> Path:
    """Where the metric fitted for a model is kept."""
    return DATA / f"metric-{name}.npy"


def within(rows: Vectors, starts: Numbers) -> Matrix:
    """A map that shrinks what varies between phrasings of one entry (whitening, shrunk)."""
    sizes = np.diff([*starts, len(rows)])
    centres = np.add.reduceat(rows, starts) / sizes[:, None]
    off = rows - np.repeat(centres, sizes, axis=0)
    spread_of = off.T @ off / len(rows)
    size = len(spread_of)
    mean = float(np.trace(spread_of)) / size
    values, axes = np.linalg.eigh((1 - _SHRINK) * spread_of + _SHRINK * mean * np.eye(size))
    whitening = (axes / np.sqrt(np.maximum(values, 1e-12))) @ axes.T
    scale = np.sqrt((whitening**2).sum() / len(whitening))
    return np.asarray(whitening / scale, dtype=np.float32)


class _Rows:
    """Vectors as one byte a figure, near to a question in the model's own space and in another.

    The other one, where ways of asking weigh little, is not stored: there a row is
    (row - mean) · metric, so that its product with a question is that of row - mean with
    metric · question, by the row's length there.
    """

    def __init__(self, texts: Sequence[str], embedder: Embedder) -> None:
        blocks = range(0, len(texts), _BLOCK)
        self._rows: Packed = np.concatenate(
            [packed(embedder.passages(texts[at : at + _BLOCK])) for at in blocks]
        )
        self._scale = np.concatenate([1 / _lengths(self._rows[at : at + _BLOCK]) for at in blocks])
        self._moved_scale = np.ones(len(texts), dtype=np.float32)

    def some(self, most: int) -> Vectors:
        """Vectors of rows spread over all."""
        return self._plain(slice(None, None, -(-len(self._rows) // most)))

    def first(self, most: int) -> Vectors:
        """Vectors of the first rows."""
        return self._plain(slice(most))

    def mean(self) -> Vectors:
        """The mean of all vectors."""
        sums = [rows.sum(axis=0, dtype=np.float64) for _, rows in self._blocks()]
        return np.asarray(np.sum(sums, axis=0) / len(self._rows), dtype=np.float32)

    def moved(self, mean: Vectors, metric: Matrix) -> Iterator[tuple[int, Vectors]]:
        """All rows in the other space, some at a time, with the number of the first of them."""
        for at, rows in self._blocks():
            moved = (rows - mean) @ metric
            lengths = np.maximum(np.linalg.norm(moved, axis=1), 1e-9)
            self._moved_scale[at : at + len(rows)] = 1 / lengths
            yield at, moved / lengths[:, None]

    def near(
        self, vector: Vectors, towards: Vectors, less: float, chosen: Numbers | None
    ) -> tuple[Vectors, Vectors]:
        """How near rows, all or some, are to a question in either space."""
        at = slice(None) if chosen is None else chosen
        rows = self._rows[at].astype(np.float32)
        raw, moved = along(rows, vector) * self._scale[at], along(rows, towards) * self._scale[at]
        return raw, (moved - less) * self._moved_scale[at]

    def _blocks(self) -> Iterator[tuple[int, Vectors]]:
        for at in range(0, len(self._rows), _BLOCK):
            yield at, self._plain(slice(at, at + _BLOCK))

    def _plain(self, at: slice) -> Vectors:
        return np.asarray(self._rows[at] * self._scale[at, None], dtype=np.float32)


class Semantic:
    """Vectors of phrasings and short answers, in a space where ways of asking weigh little."""

    def __init__(
        self,
        entries: Sequence[Entry],
        asked: Asked,
        embedder: Embedder,
        metric: Matrix | None = None,
    ) -> None:
        self._embedder = embedder
        kept, self._starts = _some_of_each(asked.starts)
        self._ways = _Rows([asked.said(int(number)) for number in kept], embedder)
        self._shorts = _Rows([plain(entry.texts[-1].short).text for entry in entries], embedder)
        self._mean = self._ways.mean()
        fitted = metric if metric is not None else _fitted_metric(embedder.name)
        self._metric = self._own_metric() if fitted is None else fitted
        for _ in self._shorts.moved(self._mean, self._metric):
            pass
        centres = self._sums()
        self._centre_scale = 1 / _lengths(centres)
        self._coarse, self._axes = _coarse(
            np.asarray(centres * self._centre_scale[:, None], dtype=np.float32)
        )

    def examples(self, most: int) -> Vectors:
        """Vectors of phrasings, spread over the whole base."""
        return self._ways.some(most)

    def vector(self, question: Plain) -> Vectors:
        """The question's vector as the model gives it."""
        return self._embedder.query(question.said)

    def shortlist(self, vector: Vectors, most: int) -> Numbers:
        """The entries worth a closer look."""
        near = along(self._coarse, along(self._axes.T, self._moved(vector)))
        return np.argpartition(-near, min(most, len(near) - 1))[:most]

    def features(self, vector: Vectors, among: Numbers | None = None) -> tuple[Matrix, Vectors]:
        """One row an entry, of all or of some, one column a name; and how near the question is
        to each of their phrasings."""
        every = np.arange(len(self._starts) - 1) if among is None else among
        ways, begins = spread(self._starts, every)
        towards = along(self._metric, self._moved(vector))
        less = float(self._mean @ towards)
        raw, near = self._ways.near(vector, towards, less, None if among is None else ways)
        columns: list[NDArray[np.floating[Any]]] = [
            np.add.reduceat(near, begins) * self._centre_scale[every],
            _best_together(near, begins),
            self._shorts.near(vector, towards, less, among)[1],
            np.maximum.reduceat(raw, begins),
        ]
        return np.stack(columns, axis=1).astype(np.float32), raw

    def _moved(self, vector: Vectors) -> Vectors:
        return unit(along(self._metric.T, vector - self._mean))

    def _own_metric(self) -> Matrix:
        """What the base itself can tell, where no metric was fitted."""
        rows = int(self._starts[np.searchsorted(self._starts, _BLOCK, side="right") - 1])
        starts = self._starts[self._starts < rows]
        return within(self._ways.first(rows) - self._mean, starts)

    def _sums(self) -> Vectors:
        owners = np.repeat(np.arange(len(self._starts) - 1), np.diff(self._starts))
        sums = np.zeros((len(self._starts) - 1, len(self._metric)), dtype=np.float32)
        for at, rows in self._ways.moved(self._mean, self._metric):
            mine = owners[at : at + len(rows)]
            begins = np.flatnonzero(np.diff(mine, prepend=-1))
            sums[mine[begins]] += np.add.reduceat(rows, begins)
        return sums


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


def _fitted_metric(name: str) -> Matrix | None:
    file = metric_file(name)
    return np.load(file).astype(np.float32) if file.is_file() else None
