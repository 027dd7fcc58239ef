"""What a deadline is made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.worktime import Worktime
from knowledge.calculate.kinds import Catalogue
from knowledge.calculate.tables import Row
from knowledge.entry import Source


@dataclass(frozen=True, slots=True)
class Remedy:
    """How a term is extended or a lost right restored; ``until`` where it can be counted.

    fee: in fen, None where nothing is charged or it depends on the case.
    """

    how: str
    until: date | None
    articles: tuple[Source, ...]
    fee: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One stage after the term, up to and including a day; ``fee`` in fen."""

    name: str
    until: date
    fee: int | None


@dataclass(frozen=True, slots=True)
class Counted:
    """The bare computation: the end by the rule, the last day that counts, and the working.

    opens: from when something can be done. moved: whether the end moved past rest days, where the
    two days differ for another reason. law_day: the day whose law applies, if not the start.
    """

    due: date
    last_day: date
    rows: tuple[Row, ...]
    working: tuple[str, ...]
    opens: date | None = None
    moved: bool | None = None
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    law_day: date | None = None


@dataclass(frozen=True, slots=True)
class Deadline:
    """One term, worked out.

    given: the day that was given; start: the day counted from (receipt, filing, …, itself not
    counted). due: the term's end by the rule; last_day: the last day that counts, moved past rest
    days where the rule moves it; for sense earliest the first day on which it can be done (as
    ``opens``). moved: whether the end moved past rest days. articles: what sets the term;
    rule_articles: what says how to count. sense: act, office (the authority's own term),
    earliest, expiry. opens: from when.
    """

    kind: str
    name: str
    given: date
    start: date
    due: date
    last_day: date
    moved: bool
    rule: str
    articles: tuple[Source, ...]
    rule_articles: tuple[Source, ...]
    after: str
    sense: str
    opens: date | None
    extend: Remedy | None
    restore: Remedy | None
    steps: tuple[Step, ...]
    notes: tuple[str, ...]
    doubt: str | None


def moving(book: Catalogue, worktime: Worktime, due: date, last_day: date) -> str:
    """What became of a period's end: it stands, or it moved past rest days."""
    words = {
        "weekday": book.say(f"weekday.{due.weekday()}"),
        "last_weekday": book.say(f"weekday.{last_day.weekday()}"),
    }
    place = "moved" if due != last_day else "unknown" if worktime.gaps([due.year]) else "worked"
    return book.say(f"working.{place}", due=due, last=last_day, **words)


def distinct(sources: Iterable[Source]) -> tuple[Source, ...]:
    """Each source once, in order."""
    return tuple(dict.fromkeys(sources))
