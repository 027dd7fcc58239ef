"""INTERIM (to be replaced by the matching work): the outcome of a question."""

from dataclasses import dataclass

from knowledge.entry import Entry


@dataclass(frozen=True)
class Choice:
    entry: str
    title: str


@dataclass(frozen=True)
class Decision:
    kind: str
    confidence: float = 0.0
    entry: Entry | None = None
    choices: tuple[Choice, ...] = ()
    reason: str = ""
