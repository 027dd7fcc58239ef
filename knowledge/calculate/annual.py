"""The annual fee's due day and its late period with the surcharge month by month.

专利法实施细则第一百一十五条; 审查指南（2025年修改）第五部分第九章4.2.1. The fee of year N is due
on the anniversary of the filing date that ends year N-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from core.errors import Refusal
from core.worktime import Worktime
from knowledge.calculate.annuities import STEPS, annuity, surcharge, term_years
from knowledge.calculate.kinds import Catalogue
from knowledge.calculate.periods import add_months
from knowledge.calculate.tables import Tables
from knowledge.calculate.term import Counted, Step, moving


class YearNeeded(Refusal):
    """Neither a year nor a day to look ahead from was given."""

    key = "calculate.year_needed"


class YearOutOfRange(Refusal):
    """No annual fee falls due for that year. ``first``, ``last``: the years there are."""

    key = "calculate.year_out_of_range"


@dataclass(frozen=True, slots=True)
class View:
    """What the computation looks at. patent, year: known where surcharges are shown in money."""

    tables: Tables
    book: Catalogue
    worktime: Worktime
    patent: str | None
    year: int | None


def fee(view: View, filed: date, *, today: date | None) -> Counted:
    """The due day of the annual fee of ``view.year``, or of the next one after ``today``.

    Raises YearNeeded without either of them, and YearOutOfRange.
    """
    last_year = term_years(view.tables, view.patent, filed)
    notes = [view.book.say("note.annual_first")]
    year = view.year
    if year is None:
        if today is None:
            raise YearNeeded
        passed = (n for n in range(2, last_year + 1) if add_months(filed, 12 * (n - 1)) >= today)
        year = next(passed, last_year)
        notes.append(view.book.say("note.annual_assumed", today=today, year=year))
    if not 2 <= year <= last_year:
        raise YearOutOfRange(year=year, first=2, last=last_year)
    ends = add_months(filed, 12 * (year - 1))
    last_day = view.worktime.next_workday(ends)
    words = {"year": year, "before": year - 1, "count": year - 1, "start": filed}
    seen = View(view.tables, view.book, view.worktime, view.patent, year)
    steps = _steps(seen, ends)
    rate = view.tables.on("annuity-surcharge", ends)
    notes.append(view.book.say("note.late_period", last=steps[-1].until, rate=rate.shown))
    return Counted(
        ends,
        last_day,
        (view.tables.on("annual-fee-late", ends),),
        (
            view.book.say("working.annual", due=ends, **words),
            moving(view.book, view.worktime, ends, last_day),
        ),
        steps=steps,
        notes=tuple(notes),
        doubts=(view.book.say("doubt.surcharge"),),
        law_day=ends,
    )


def late(view: View, ended: date) -> Counted:
    """The late period that follows ``ended``, the day on which the annual fee was due.

    Raises YearOutOfRange.
    """
    last_year = term_years(view.tables, view.patent, ended)
    if view.year is not None and not 2 <= view.year <= last_year:
        raise YearOutOfRange(year=view.year, first=2, last=last_year)
    row = view.tables.on("annual-fee-late", ended)
    due = add_months(ended, row.value)
    last_day = view.worktime.next_workday(due)
    counted = view.book.say("working.counted", start=ended, shown=row.shown, due=due)
    return Counted(
        due,
        last_day,
        (row,),
        (counted, moving(view.book, view.worktime, due, last_day)),
        steps=_steps(view, ended),
        doubts=(view.book.say("doubt.surcharge"),),
    )


def _steps(view: View, ended: date) -> tuple[Step, ...]:
    """The stages of the late period; only its end moves past rest days, the stages do not."""
    full = None
    if view.patent and view.year:
        full = annuity(view.tables, view.patent, view.year).fen
    rate = view.tables.on("annuity-surcharge", ended).value
    steps = []
    for step in range(STEPS):
        until = add_months(ended, step + 1)
        if step == STEPS - 1:
            until = view.worktime.next_workday(until)
        place = "step.late" if step else "step.free"
        name = view.book.say(place, percent=rate * step)
        money = None if full is None else surcharge(view.tables, full, step, ended)
        steps.append(Step(name, until, money))
    return tuple(steps)
