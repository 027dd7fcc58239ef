"""What sentence vectors say about each entry."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge.embed import Embedder, Vectors
from knowledge.entry import Entry
from knowledge.lexicon import DATA
from knowledge.normalise import Plain, plain

NAMES = ("centre", "best-three", "short-answer", "best-raw")
_TOGETHER = 3
_SHRINK = 0.8  # most of the spread within entries is chance, with a dozen phrasings each

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


def within(rows: Vectors, starts: NDArray[np.int64]) -> Matrix:
    """A map that shrinks what varies between phrasings of one entry (whitening, shrunk)."""
    sizes = np.diff([*starts, len(rows)])
    centres = np.add.reduceat(rows, starts) / sizes[:, None]
    off = rows - np.repeat(centres, sizes, axis=0)
    spread = off.T @ off / len(rows)
    mean = float(np.trace(spread)) / len(spread)
    values, axes = np.linalg.eigh((1 - _SHRINK) * spread + _SHRINK * mean * np.eye(len(spread)))
    whitening = (axes / np.sqrt(np.maximum(values, 1e-12))) @ axes.T
    scale = np.sqrt((whitening**2).sum() / len(whitening))
    return np.asarray(whitening / scale, dtype=np.float32)


class Semantic:
    """Vectors of all phrasings and short answers, in a space where ways of asking weigh little."""

    def __init__(
        self,
        entries: Sequence[Entry],
        asked: Sequence[Sequence[Plain]],
        embedder: Embedder,
        metric: Matrix | None = None,
    ) -> None:
        self._embedder = embedder
        self._starts = np.cumsum([0, *(len(ways) for ways in asked)])[:-1]
        flat = [way.text for ways in asked for way in ways]
        shorts = [plain(entry.texts[-1].short).text for entry in entries]
        vectors = embedder.passages([*flat, *shorts])
        self.rows = vectors[: len(flat)]
        self.mean = self.rows.mean(axis=0)
        fitted = metric if metric is not None else _fitted_metric(embedder.name)
        # without a fitted metric, what the base itself can tell
        self._metric = within(self.rows - self.mean, self._starts) if fitted is None else fitted
        self._ways = self.moved(self.rows)
        self._shorts = self.moved(vectors[len(flat) :])
        self._centres = unit(np.add.reduceat(self._ways, self._starts))

    def vector(self, question: Plain) -> Vectors:
        """The question's vector as the model gives it."""
        return self._embedder.query(question.text)

    def moved(self, rows: Vectors) -> Vectors:
        """Vectors in the space where entries are told apart."""
        return unit((rows - self.mean) @ self._metric)

    def near(self, vector: Vectors) -> Vectors:
        """How near the question is to each phrasing."""
        return along(self.rows, vector)

    def features(self, vector: Vectors, near: Vectors) -> NDArray[np.float32]:
        """One row an entry, one column a name."""
        moved = self.moved(vector)
        columns = [
            along(self._centres, moved),
            self._best_together(along(self._ways, moved)),
            along(self._shorts, moved),
            np.maximum.reduceat(near, self._starts),
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    def _best_together(self, near: Vectors) -> Vectors:
        """The mean of an entry's closest phrasings: one alone may be close by chance."""
        sizes = np.diff([*self._starts, len(near)])
        owner = np.repeat(np.arange(len(sizes)), sizes)
        order = np.lexsort((-near, owner))
        rank = np.arange(len(near)) - np.repeat(self._starts, sizes)
        kept = rank < _TOGETHER
        totals = np.bincount(owner[kept], weights=near[order][kept], minlength=len(sizes))
        return np.asarray(totals / np.minimum(sizes, _TOGETHER), dtype=np.float32)


def _fitted_metric(name: str) -> Matrix | None:
    file = metric_file(name)
    return np.load(file).astype(np.float32) if file.is_file() else None
