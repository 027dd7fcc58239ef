"""What kind of thing is asked for: a fee, a term, papers, a place, a consequence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from knowledge.lexicon import pairs
from knowledge.normalise import Plain

_HARDLY = 0.3  # added to lengths, so that a question of no kind in particular stays near nothing

Matrix = NDArray[np.float32]


@cache
def _signs() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(signs) for signs in pairs("kinds.tsv").values())


def _shown(question: Plain) -> list[float]:
    return [float(sign.search(question.joined) is not None) for sign in _signs()]


def _short(rows: Matrix) -> Matrix:
    return np.asarray(rows / (np.linalg.norm(rows, axis=-1, keepdims=True) + _HARDLY))


class Kinds:
    """How far an entry is asked for the kind of thing that a question asks for."""

    def __init__(self, asked: Sequence[Sequence[Plain]]) -> None:
        each = [np.array([_shown(way) for way in ways], dtype=np.float32) for ways in asked]
        # the canonical question, which comes first, says most clearly what an entry is about
        rows = np.stack([ways.mean(axis=0) + ways[0] for ways in each])
        self._usual = np.concatenate(each).mean(axis=0)
        self._entries = _short(rows - rows.mean(axis=0))

    def likeness(self, question: Plain) -> Matrix:
        """One figure an entry."""
        shown = np.array(_shown(question), dtype=np.float32)
        return np.asarray(self._entries @ _short(shown - self._usual), dtype=np.float32)
