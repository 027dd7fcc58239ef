"""Whether a question belongs to the field at all, told from examples of both kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from knowledge.embed import Embedder, Vectors
from knowledge.examples import Learned
from knowledge.normalise import Plain
from knowledge.semantic import along

_SMOOTH = 0.5
_RIDGE = 0.02
_STRONGEST = 3


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _tokens(question: Plain) -> list[str]:
    """Words, the field's words, and character pairs: each counts once a question."""
    text = question.joined
    pairs = (text[n : n + 2] for n in range(len(text) - 1))
    return [*dict.fromkeys([*question.words, *question.field_words, *pairs])]


class ByWords:
    """Naive Bayes over words and character pairs."""

    def __init__(self, ours: Iterable[Plain], foreign: Iterable[Plain]) -> None:
        inside, outside = list(ours), list(foreign)
        near = Counter(token for item in inside for token in _tokens(item))
        far = Counter(token for item in outside for token in _tokens(item))
        self._odds = {
            token: float(
                np.log((near[token] + _SMOOTH) / (len(inside) + 1))
                - np.log((far[token] + _SMOOTH) / (len(outside) + 1))
            )
            for token in near.keys() | far.keys()
        }

    def features(self, question: Plain) -> tuple[float, float, float]:
        """The mean evidence that a question is ours, and the strongest for it and against it;
        unknown tokens say nothing."""
        odds = sorted(self._odds.get(token, 0.0) for token in _tokens(question)) or [0.0]
        return _mean(odds), _mean(odds[-_STRONGEST:]), _mean(odds[:_STRONGEST])


class ByVector:
    """A direction between the two kinds, and the nearest example of each."""

    def __init__(self, phrasings: Vectors, known: Learned, embedder: Embedder) -> None:
        texts = [item.said for item in (*known.ours, *known.foreign)]
        rows = embedder.passages(texts) if texts else phrasings[:0]
        asked, far = np.split(rows, [len(known.ours)])
        ours = np.concatenate([phrasings, asked])
        self._far = far
        both = np.concatenate([ours, far]).astype(np.float64)
        self._mean = both.mean(axis=0)
        weight = np.repeat([0.5 / len(ours), 0.5 / len(far)], [len(ours), len(far)])
        side = np.repeat([1.0, -1.0], [len(ours), len(far)])
        off = both - self._mean
        cover = (off * weight[:, None]).T @ off
        ridge = _RIDGE * float(np.trace(cover)) / len(cover) * len(cover) ** 0.5
        self._direction = np.linalg.solve(
            cover + ridge * np.eye(len(cover)), off.T @ (weight * side)
        )

    def features(self, vector: Vectors, near: Vectors) -> tuple[float, float]:
        """Where the question lies along the direction, and how much nearer to ours."""
        side = float((vector - self._mean) @ self._direction)
        far = along(self._far, vector)
        return side, _nearest(near) - _nearest(far)


def _nearest(near: Vectors) -> float:
    """The mean of the three closest."""
    return float(np.partition(near, -3)[-3:].mean() if len(near) > 3 else near.mean())
