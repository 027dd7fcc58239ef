"""Questions that people asked, of our field and of others: to learn from, and to measure on.

Even lines of `data/dev*.jsonl` (`q`, `entry` or null, `also`) are learned from, odd lines only
measured on. `data/foreign.txt` holds further questions of other fields, all learned from.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.lexicon import DATA, rows
from knowledge.normalise import Plain, plain

FOLDS = 4


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the entries that answer it (none for a foreign one), and its fold.

    What is learned from has a fold from 0 on, so that it can be judged by what was learned from
    the other folds; what is only measured has fold -1.
    """

    text: str
    entries: frozenset[str]
    fold: int
    is_example: bool = False  # from foreign.txt: many there resemble one another

    @property
    def fitted(self) -> bool:
        """Whether it is learned from."""
        return self.fold >= 0


@cache
def questions(folder: Path = DATA) -> tuple[Question, ...]:
    """All development questions and foreign examples."""
    found = []
    for file in sorted(folder.glob("dev*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            entries = frozenset([row["entry"], *row.get("also", [])] if row["entry"] else [])
            fold = -1 if number % 2 else number // 2 % FOLDS
            found.append(Question(row["q"], entries, fold))
    examples = (
        Question(text, frozenset(), n % FOLDS, True) for n, text in enumerate(rows("foreign.txt"))
    )
    return (*found, *examples)


@dataclass(frozen=True, slots=True)
class Learned:
    """What tells our field from others: questions of both kinds."""

    ours: tuple[Plain, ...]
    foreign: tuple[Plain, ...]


@cache
def learned(without_fold: int | None = None) -> Learned:
    """The questions learned from; for fitting, without those of a fold."""
    usable = [item for item in questions() if item.fitted and item.fold != without_fold]
    return Learned(
        tuple(plain(item.text) for item in usable if item.entries),
        tuple(plain(item.text) for item in usable if not item.entries),
    )
