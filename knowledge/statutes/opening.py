"""A search made ready: its laws, the base's entries, and vectors that are computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from knowledge.embed import Cached, Embedder, Vectors, open_encoder
from knowledge.load import read_folder
from knowledge.statutes.search import Statutes
from knowledge.statutes.text import Law

Progress = Callable[[int, int], None]  # texts done, texts in all

_BLOCK = 64


class Reported:
    """An embedder that says how far it is."""

    def __init__(self, inner: Embedder, report: Progress) -> None:
        self._inner = inner
        self._report = report

    @property
    def name(self) -> str:
        """The name of the embedder behind."""
        return self._inner.name

    def query(self, text: str) -> Vectors:
        """The vector of a question."""
        return self._inner.query(text)

    def passages(self, texts: Sequence[str]) -> Vectors:
        """One row a text, reported after every block."""
        rows = []
        for start in range(0, len(texts), _BLOCK):
            rows.append(self._inner.passages(texts[start : start + _BLOCK]))
            self._report(min(start + _BLOCK, len(texts)), len(texts))
        return np.concatenate(rows)


def open_statutes(
    laws: Iterable[Law],
    entries: Path,
    cache: Path,
    *,
    embed: bool = True,
    report: Progress = lambda _done, _total: None,
) -> Statutes:
    """A search over laws; entries with errors do not lend their citations.

    Without the model, or with `embed` off, words alone decide.
    """
    model = open_encoder() if embed else None
    embedder = Cached(Reported(model, report), cache) if model else None
    base = read_folder(entries).base
    return Statutes(laws, [*base.entries.values()], embedder)
