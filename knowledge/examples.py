"""Questions that people asked, of our field and of others.

`data/dev*.jsonl` (`q`, `entry` or null, `also`) is what weights, probabilities and thresholds are
fitted on, fold by fold. The sentence model has never seen it, so that it behaves there as it will
on what people ask. It was taught (`knowledge.teach`) with the base's own phrasings and, for what
is not ours, with `data/foreign.txt`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from knowledge.lexicon import DATA, rows

FOLDS = 4


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the entries that answer it (none for a foreign one), and its fold: it is judged
    by what was learned from the others."""

    text: str
    entries: frozenset[str]
    fold: int


@cache
def questions(folder: Path = DATA) -> tuple[Question, ...]:
    """The development questions."""
    found = []
    for file in sorted(folder.glob("dev*.jsonl")):
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines()):
            row = json.loads(line)
            entries = frozenset([row["entry"], *row.get("also", [])] if row["entry"] else [])
            found.append(Question(row["q"], entries, number % FOLDS))
    return tuple(found)


@cache
def foreign() -> tuple[str, ...]:
    """What is not ours, as the sentence model was taught."""
    return tuple(rows("foreign.txt"))
