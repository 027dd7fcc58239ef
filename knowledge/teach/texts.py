"""The texts that the model learns from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from knowledge.examples import foreign
from knowledge.lexical import answer_text
from knowledge.load import Base
from knowledge.normalise import plain, tidy

_ENDS = re.compile(r"[。；：，\n]")
_FEWEST, _MOST = 4, 48  # characters of a clause worth learning from


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the model sees it, and the entry that answers it; None: it is not ours."""

    text: str
    entry: str | None


def asked(base: Base) -> list[Asked]:
    """The base's phrasings and short answers, and what is not ours."""
    found = [
        Asked(plain(way).said, entry.id)
        for entry in base.entries.values()
        for way in (*entry.phrasings, entry.texts[-1].short)
    ]
    found += [Asked(plain(text).said, None) for text in foreign()]
    return [*dict.fromkeys(found)]


def clauses(base: Base, laws: Path) -> list[str]:
    """What entries and law texts say, clause by clause: how the field speaks."""
    written = [answer_text(entry) for entry in base.entries.values()]
    written += [file.read_text(encoding="utf-8") for file in sorted(laws.glob("*.md"))]
    return [*dict.fromkeys(_clauses(written))]


def _clauses(written: Iterable[str]) -> Iterator[str]:
    for text in written:
        for clause in map(tidy, _ENDS.split(text)):
            if _FEWEST <= len(clause) <= _MOST:
                yield clause
