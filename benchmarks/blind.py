"""The questions that nothing was fitted on (`data/held_out.jsonl`).

Written by people who knew each entry's question, short answer and body, never its phrasings, and
labelled a second time by others: an entry that either took for the best first answer is right.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).parent / "data" / "held_out.jsonl"


@dataclass(frozen=True, slots=True)
class Blind:
    """A question and the entries that answer it; none: it is not ours."""

    text: str
    entries: frozenset[str]


def blind() -> list[Blind]:
    """All of them."""
    rows = map(json.loads, FILE.read_text(encoding="utf-8").splitlines())
    return [
        Blind(row["q"], frozenset([row["entry"], *row["also"]] if row["entry"] else []))
        for row in rows
    ]
