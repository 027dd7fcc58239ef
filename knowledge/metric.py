"""Learn in which directions sentence vectors tell entries apart (for `fit`, not at run time).

Every phrasing of the base is held against the centres of all entries, its own taken out of its
centre; the map that makes the right centre the nearest is found by gradient steps from the
whitening that the base alone suggests, and kept close to it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge.semantic import Matrix, within

_STEPS = 40
_RATE = 0.001
_PULL = 1e-3
_SHARP = 12.0
_SAMPLE = 3000
_SEED = 20261122

Owners = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Known:
    """What is learned from."""

    rows: Matrix
    owners: Owners
    starts: Owners
    questions: Matrix
    meant: Owners


@dataclass(slots=True)
class _Sums:
    """Moving means of the gradient and its square (Adam)."""

    first: Matrix
    second: Matrix

    def step(self, gradient: Matrix, number: int) -> Matrix:
        """The change to make at this step."""
        self.first = 0.9 * self.first + 0.1 * gradient
        self.second = 0.98 * self.second + 0.02 * gradient**2
        size = self.first / (1 - 0.9**number)
        spread = np.sqrt(self.second / (1 - 0.98**number)) + 1e-8
        return np.asarray(_RATE * size / spread, dtype=np.float32)


def learn(rows: Matrix, owners: Owners, questions: Matrix, meant: Owners) -> Matrix:
    """The map, from the base's phrasings and from questions with the entry they meant."""
    mean = rows.mean(axis=0)
    rows, questions = rows - mean, questions - mean
    starts = np.flatnonzero(np.diff(owners, prepend=-1))
    known = _Known(rows, owners, starts, questions, meant)
    start = within(rows, starts)
    current, sums = start.copy(), _Sums(np.zeros_like(start), np.zeros_like(start))
    chance = np.random.default_rng(_SEED)
    for number in range(1, _STEPS + 1):
        sample = chance.choice(len(rows), min(_SAMPLE, len(rows)), replace=False)
        gradient = _gradient(current, known, sample)
        current = current - sums.step(gradient + _PULL * (current - start), number)
    return current


def _gradient(current: Matrix, known: _Known, sample: Owners) -> Matrix:
    rows, owners, starts = known.rows, known.owners, known.starts
    questions, meant = known.questions, known.meant
    moved = rows @ current
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    ways = moved / lengths
    sums = np.add.reduceat(ways, starts)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    centres = sums / norms
    to_ways = np.zeros_like(ways)
    to_sums = np.zeros_like(sums)
    # the base's own phrasings, each without itself in its centre
    own = owners[sample]
    rest = sums[own] - ways[sample]
    rest_norms = np.maximum(np.linalg.norm(rest, axis=1, keepdims=True), 1e-6)
    others = rest / rest_norms
    pull, to_own = _pulls(ways[sample], centres, own, others)
    to_rest = _through(to_own[:, None] * ways[sample], others, rest_norms)
    to_ways[sample] += pull @ centres + to_own[:, None] * others - to_rest
    np.add.at(to_sums, own, to_rest)
    to_centres = pull.T @ ways[sample]
    # questions that people asked
    asked = questions @ current
    asked_lengths = np.linalg.norm(asked, axis=1, keepdims=True)
    asked = asked / asked_lengths
    pull, to_own = _pulls(asked, centres, meant, centres[meant])
    pull[np.arange(len(meant)), meant] = to_own
    to_centres += pull.T @ asked
    to_sums += _through(to_centres, centres, norms)
    to_ways += to_sums[owners]
    by_rows = rows.T @ _through(to_ways, ways, lengths)
    by_questions = questions.T @ _through(pull @ centres, asked, asked_lengths)
    return np.asarray(by_rows + by_questions, dtype=np.float32)


def _pulls(
    points: Matrix, centres: Matrix, meant: Owners, own: Matrix
) -> tuple[Matrix, NDArray[np.float32]]:
    """Gradient of the mean log loss by each product of point and centre; the right ones apart."""
    every = np.arange(len(points))
    likeness = _SHARP * (points @ centres.T)
    likeness[every, meant] = _SHARP * (points * own).sum(axis=1)
    likeness -= likeness.max(axis=1, keepdims=True)
    share = np.exp(likeness)
    share /= share.sum(axis=1, keepdims=True)
    share[every, meant] -= 1
    share *= _SHARP / max(len(points), 1)
    to_own = share[every, meant].copy()
    share[every, meant] = 0
    return share, to_own


def _through(gradient: Matrix, units: Matrix, lengths: Matrix) -> Matrix:
    """A gradient by unit vectors as one by the vectors before they were made so."""
    inward = (gradient * units).sum(axis=1, keepdims=True)
    return np.asarray((gradient - inward * units) / lengths, dtype=np.float32)
