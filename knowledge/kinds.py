"""What kind of thing is asked for: a fee, a term, papers, a place, a consequence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from knowledge.lexicon import pairs
from knowledge.rows import Numbers

_HARDLY = 0.3  # added to lengths, so that a question of no kind in particular stays near nothing

Matrix = NDArray[np.float32]


@cache
def _signs() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(signs) for signs in pairs("kinds.tsv").values())


def _shown(joined: str) -> list[bool]:
    return [sign.search(joined) is not None for sign in _signs()]


def _short(rows: Matrix) -> Matrix:
    return np.asarray(rows / (np.linalg.norm(rows, axis=-1, keepdims=True) + _HARDLY))


class Kinds:
    """How far an entry is asked for the kind of thing that a question asks for."""

    def __init__(self, joined: Iterable[str], starts: Numbers) -> None:
        """`starts` tells where the phrasings of each entry begin, and how many there are."""
        shown = np.array([_shown(way) for way in joined], dtype=np.float32)
        means = np.add.reduceat(shown, starts[:-1]) / np.diff(starts)[:, None]
        # the canonical question, which comes first, says most clearly what an entry is about
        rows = np.asarray(means + shown[starts[:-1]], dtype=np.float32)
        self._usual = shown.mean(axis=0)
        self._entries = _short(rows - rows.mean(axis=0))

    def likeness(self, joined: str, among: Numbers) -> Matrix:
        """One figure an entry."""
        shown = np.array(_shown(joined), dtype=np.float32)
        return np.asarray(self._entries[among] @ _short(shown - self._usual), dtype=np.float32)
