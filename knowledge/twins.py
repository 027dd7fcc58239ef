"""Ways of asking that stand in two entries, or nearly so: both would claim the question."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from knowledge.load import Reading
from knowledge.problem import Problem, problem

NEAR = 90
_SHORTEST = NEAR / (200 - NEAR)  # of two texts so near, the shorter is at least this much as long
_BLOCK = 256


@dataclass(frozen=True, slots=True)
class _Ask:
    entry: str
    key: str
    text: str
    plain: str
    place: int  # among all of the base


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text)).lower()


def twins(reading: Reading, of: str | None = None) -> Iterator[Problem]:
    """Problems for phrasings that two entries share (error) or almost share (warning).

    of: the one entry to compare with all others.
    """
    every = [
        (entry.id, "question" if n == 0 else f"ask.{n - 1}", text)
        for entry in reading.base.entries.values()
        for n, text in enumerate(entry.phrasings)
    ]
    asks = [_Ask(*ask, _plain(ask[2]), place) for place, ask in enumerate(every)]
    asks.sort(key=lambda ask: len(ask.plain))
    if of is not None:
        yield from _near(reading, [ask for ask in asks if ask.entry == of], asks)
        return
    lengths = [len(ask.plain) for ask in asks]
    for start in range(0, len(asks), _BLOCK):
        rows = asks[start : start + _BLOCK]
        end = bisect_right(lengths, len(rows[-1].plain) / _SHORTEST)
        yield from _near(reading, rows, asks[start:end], ordered=True)


def _near(
    reading: Reading, rows: list[_Ask], columns: list[_Ask], ordered: bool = False
) -> Iterator[Problem]:
    """Pairs of rows and columns; where rows are the first of the columns, each pair once."""
    score = process.cdist(
        [ask.plain for ask in rows],
        [ask.plain for ask in columns],
        scorer=fuzz.ratio,
        score_cutoff=NEAR,
    )
    for row, column in zip(*np.nonzero(score), strict=True):
        mine, theirs = rows[int(row)], columns[int(column)]
        if mine.entry != theirs.entry and (column > row or not ordered):
            first, later = sorted((mine, theirs), key=lambda ask: ask.place)
            yield _report(reading, later, first, int(score[row, column]))


def _report(reading: Reading, ask: _Ask, other: _Ask, score: int) -> Problem:
    place = reading.place(ask.entry)
    line = place.line(ask.key)
    if ask.plain == other.plain:
        return problem(place.file, line, "same-question", text=ask.text, other=other.entry)
    detail = {"text": ask.text, "other": other.entry, "theirs": other.text, "score": score}
    return problem(place.file, line, "near-question", **detail)
