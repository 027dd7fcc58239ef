"""When a notice counts as received.

Patents: 专利法实施细则第四条. Trademarks: 商标法实施条例第十条. For other notices no rule that
presumes a day was found: the day given counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.worktime import Worktime
from knowledge.calculate.kinds import Catalogue
from knowledge.calculate.periods import add
from knowledge.calculate.tables import Tables
from knowledge.entry import Source

MODES = ("electronic", "post", "announcement", "received")
_PRESUMED = {  # whose rules, how it came: the figure that says after how long it counts as received
    ("patent", "post"): "delivery-post",
    ("patent", "announcement"): "delivery-announcement",
    ("trademark", "electronic"): "trademark-delivery",
    ("trademark", "announcement"): "trademark-delivery-announcement",
}
_REMARKS = {
    ("patent", "post"): "post_proof",
    ("trademark", "electronic"): "proof",
    ("trademark", "post"): "postmark",
}


FIGURES = frozenset((*_PRESUMED.values(), "delivery-post", "trademark-delivery"))


@dataclass(frozen=True, slots=True)
class Arrival:
    """The day from which the term is counted, and why."""

    day: date
    working: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()
    notes: tuple[str, ...] = ()
    doubt: str | None = None


def received(
    rules: str | None,
    given: date,
    mode: str | None,
    *,
    worktime: Worktime,
    tables: Tables,
    book: Catalogue,
) -> Arrival:
    """The day of receipt of what was sent (or received, without a mode) on ``given``.

    rules: patent, trademark, unknown (a notice, no rule found), or None (an event, no notice).
    The presumed day of delivery never moves past rest days (审查指南第五部分第七章2.3).
    """
    if rules is None:
        return Arrival(given, notes=(book.say("note.event"),) if mode else ())
    if rules == "unknown":
        return Arrival(given, notes=(book.say("note.no_presumption"),) if mode else ())
    if mode in (None, "received"):
        return Arrival(given, notes=(book.say(f"note.received_{rules}"),))
    remark = _REMARKS.get((rules, mode or ""))
    days = tables.on("trademark-delivery" if rules == "trademark" else "delivery-post", given)
    notes = (book.say(f"note.{remark}", days=days.shown),) if remark else ()
    figure = _PRESUMED.get((rules, mode or ""))
    if figure is None:
        old = rules == "patent" and given < (days.valid_from or date.min)
        return Arrival(given, notes=notes, doubt=book.say("doubt.old_electronic") if old else None)
    row = tables.on(figure, given)
    start = add(given, row.value, row.unit, worktime)
    working = book.say("working.delivered", given=given, shown=row.shown, start=start)
    return Arrival(start, (working,), row.sources, notes)
