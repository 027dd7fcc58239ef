"""Ways of asking that stand in two entries, or nearly so: both would claim the question."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.load import Reading
from knowledge.problem import Problem, problem

NEAR = 90
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class _Ask:
    entry: str
    key: str
    text: str
    plain: str


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


def twins(reading: Reading) -> Iterator[Problem]:
    """Problems for phrasings that two entries share (error) or almost share (warning)."""
    asks = [
        _Ask(entry.id, "question" if n == 0 else f"ask.{n - 1}", text, _plain(text))
        for entry in reading.base.entries.values()
        for n, text in enumerate(entry.phrasings)
    ]
    plain = [ask.plain for ask in asks]
    for start in range(0, len(asks), _BLOCK):
        rows = plain[start : start + _BLOCK]
        # only pairs not yet seen: each block against itself and what follows
        score = process.cdist(rows, plain[start:], scorer=fuzz.ratio, score_cutoff=NEAR)
        for row, column in zip(*np.nonzero(score), strict=True):
            mine, theirs = asks[start + int(row)], asks[start + int(column)]
            if column > row and mine.entry != theirs.entry:
                yield _report(reading, theirs, mine, int(score[row, column]))


def _report(reading: Reading, ask: _Ask, other: _Ask, score: int) -> Problem:
    place = reading.place(ask.entry)
    line = place.line(ask.key)
    if ask.plain == other.plain:
        return problem(place.file, line, "same-question", text=ask.text, other=other.entry)
    detail = {"text": ask.text, "other": other.entry, "theirs": other.text, "score": score}
    return problem(place.file, line, "near-question", **detail)
