"""The annual fee's due day and its late period with the surcharge month by month.

专利法实施细则第一百一十五条; 审查指南（2025年修改）第五部分第九章4.2.1. The fee of year N is due
on the anniversary of the filing date that ends year N-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from core.errors import Refusal
from core.worktime import Worktime
from knowledge.calculate.annuities import PATENTS, STEPS, annuity, surcharge, term_years
from knowledge.calculate.kinds import Catalogue
from knowledge.calculate.periods import add_months, last_of
from knowledge.calculate.tables import Tables
from knowledge.calculate.term import Counted, Step, moving

FIRST = 2  # the fee of the year of grant is paid at registration


class YearNeeded(Refusal):
    """Neither a year nor a day to look ahead from was given."""

    key = "calculate.year_needed"


class YearOutOfRange(Refusal):
    """No annual fee falls due for that year. ``first``, ``last``: the years there are."""

    key = "calculate.year_out_of_range"


class NoFeeLeft(Refusal):
    """Every annual fee was due before the day asked from. ``last``: the last year there was, with
    its days ``due`` and ``late`` (end of the late period); ``ends``: the patent's last day."""

    key = "calculate.no_fee_left"


class OldDesign(NoFeeLeft):
    """A design of the shorter term, asked for fees after it. ``before``: the day of the change."""

    key = "calculate.old_design"


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

    Raises YearNeeded without either of them, YearOutOfRange and NoFeeLeft.
    """
    notes = [view.book.say("note.annual_first")]
    year = view.year
    if year is None:
        if today is None:
            raise YearNeeded
        year = _coming(view, filed, today)
        notes.append(view.book.say("note.annual_assumed", today=today, year=year))
    _refuse(view, filed, year)
    ends = add_months(filed, 12 * (year - 1))
    last_day = view.worktime.next_workday(ends)
    words = {"year": year, "before": year - 1, "count": year - 1, "start": filed}
    steps = _steps(replace(view, year=year), ends)
    rate = view.tables.on("annuity-surcharge", ends)
    notes.append(view.book.say("note.late_period", last=steps[-1].until, rate=rate.shown))
    more, doubts = _which(view, filed, year)
    return Counted(
        ends,
        last_day,
        (view.tables.on("annual-fee-late", ends),),
        (
            view.book.say("working.annual", due=ends, **words),
            moving(view.book, view.worktime, ends, last_day),
        ),
        steps=steps,
        notes=(*notes, *more),
        doubts=(*doubts, view.book.say("doubt.surcharge")),
        law_day=ends,
    )


def late(view: View, ended: date) -> Counted:
    """The late period that follows ``ended``, the day on which the annual fee was due.

    Raises YearOutOfRange and OldDesign.
    """
    more: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    if view.year is not None:
        longest = term_years(view.tables, view.patent, ended)
        if not FIRST <= view.year <= longest:
            raise YearOutOfRange(year=view.year, first=FIRST, last=longest)
        filed = add_months(ended, -12 * (view.year - 1))
        _refuse(view, filed, view.year)
        more, doubts = _which(view, filed, view.year)
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
        notes=more,
        doubts=(*doubts, view.book.say("doubt.surcharge")),
    )


def _coming(view: View, filed: date, today: date) -> int:
    """The year of the first fee that can still be paid in time."""
    last = max(_terms(view, filed).values())
    for year in range(FIRST, last + 1):
        if view.worktime.next_workday(add_months(filed, 12 * (year - 1))) >= today:
            return year
    raise _none_left(view, filed)


def _refuse(view: View, filed: date, year: int) -> None:
    last = max(_terms(view, filed).values())
    if year > last and view.patent and _older(view, view.patent, filed):
        raise _none_left(view, filed)
    if not FIRST <= year <= last:
        raise YearOutOfRange(year=year, first=FIRST, last=last)


def _none_left(view: View, filed: date) -> NoFeeLeft:
    terms = _terms(view, filed)
    longest = max(terms, key=lambda patent: terms[patent])
    last = terms[longest]
    due = add_months(filed, 12 * (last - 1))
    grace = view.tables.on("annual-fee-late", due).value
    params: dict[str, Any] = {
        "kind": view.book.say(f"patent.{longest}"),
        "first": FIRST,
        "last": last,
        "due": view.worktime.next_workday(due),
        "late": view.worktime.next_workday(add_months(due, grace)),
        "ends": last_of(filed, last, "年", view.worktime),
    }
    old = _older(view, longest, filed)
    return OldDesign(before=old["until"], **params) if old else NoFeeLeft(**params)


def _terms(view: View, filed: date) -> dict[str, int]:
    """How many years each kind of patent lasts that it may be."""
    found = {}
    for patent in PATENTS if view.patent is None else (view.patent,):
        old = _older(view, patent, filed)
        found[patent] = old["years"] if old else term_years(view.tables, patent, filed)
    return found


def _older(view: View, patent: str, filed: date) -> Mapping[str, Any] | None:
    return view.book.kinds[f"patent-term-{patent}"].older_term(filed)


def _which(view: View, filed: date, year: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """A note where only some kinds of patent have that year; the doubt about an old design."""
    say, terms = view.book.say, _terms(view, filed)
    over = [
        say(
            "note.annual_over",
            kind=say(f"patent.{patent}"),
            ends=last_of(filed, years, "年", view.worktime),
        )
        for patent, years in terms.items()
        if years < year
    ]
    have = "、".join(say(f"patent.{patent}") for patent, years in terms.items() if year <= years)
    notes = (say("note.annual_kinds", year=year, have=have, over="、".join(over)),) if over else ()
    olds = [old for patent, years in terms.items() if (old := _older(view, patent, filed))]
    beyond = year if view.patent is None else year + 1  # its last year raises the question too
    return notes, tuple(old["doubt"] for old in olds if beyond > old["years"])


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
