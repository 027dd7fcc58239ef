"""The fee calculator (费用计算器): what an application and its annual fees cost.

Pure. Amounts are integers of fen. Source of the schedule and of what is reduced: 缴费服务指南
（2026-07-31）附件2 and 第二章5; 专利收费减缴办法（财税〔2016〕78号）第四条.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from core.errors import Refusal
from knowledge.calculate.annuities import (
    PATENTS,
    STEPS,
    annuity,
    reduced,
    surcharge,
    term_years,
)
from knowledge.calculate.kinds import Catalogue, catalogue
from knowledge.calculate.tables import Row, Tables, shipped, yuan

REDUCTIONS = (0, 70, 85)
MOST = 9999
_EXTRAS = (  # fees that fall due only on request; True: can be reduced
    ("reexamination-fee-{kind}", True),
    ("change-fee", False),
    ("restoration-fee", False),
    ("extension-fee", False),
    ("extension-fee-again", False),
    ("invalidation-fee-{kind}", False),
    ("copy-fee", False),
)
_EXTRAS_OF = {
    "invention": (("term-compensation-fee", False), ("term-compensation-annuity", False)),
    "utility": (("evaluation-fee", False),),
    "design": (("evaluation-fee", False),),
}
FIGURES = frozenset(  # what the code names in the tables
    (
        *(f"filing-fee-{kind}" for kind in PATENTS),
        *("publication-fee", "claims-free", "claim-fee", "pages-free", "pages-long", "page-fee"),
        *("page-fee-long", "priority-fee", "examination-fee", "reduction-annuity-years"),
        *("annuity-surcharge", "reduction-open-licence"),
        *(name.format(kind=kind) for kind in PATENTS for name, _ in (*_EXTRAS, *_EXTRAS_OF[kind])),
        *(f"patent-term-{kind}" for kind in PATENTS),
    )
)


class BadCount(Refusal):
    """A number is out of range. ``what``, ``value``, ``least``, ``most``."""

    key = "calculate.bad_count"


class BadYears(Refusal):
    """The range of annual fees is impossible. ``years``; ``first``, ``last``: what there is."""

    key = "calculate.bad_years"


class BadReduction(Refusal):
    """A reduction that the schedule does not have. ``value``."""

    key = "calculate.bad_reduction"


@dataclass(frozen=True, slots=True)
class Case:
    """What is applied for. None: not said, the usual case is assumed and noted.

    kind: invention, utility or design. reduction: percent taken off. years: the first and last
    annual fee to include. grant_year: the patent year in which the patent is granted; without it
    annual fees are reduced only where they are whatever that year is.
    """

    kind: str
    claims: int | None = None
    pages: int | None = None
    priority: int = 0
    reduction: int = 0
    years: tuple[int, int] | None = None
    grant_year: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One fee. full and due (after reduction) in fen; ``figure`` names it in the tables."""

    stage: str
    name: str
    full: int
    due: int
    figure: str


@dataclass(frozen=True, slots=True)
class Annuity:
    """One year's fee in fen, and the five surcharges month by month on top of it."""

    year: int
    full: int
    due: int
    late: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Bill:
    """Every fee line with totals in fen, the annuity schedule from the grant to the end of the
    term, and what was assumed.

    extras: fees that fall due only on request, never in the totals. reduced_years: the first and
    last year whose annual fee is reduced, None where nothing is.
    """

    case: Case
    lines: tuple[Line, ...]
    total_full: int
    total_due: int
    schedule: tuple[Annuity, ...]
    extras: tuple[Line, ...]
    notes: tuple[str, ...]
    reduced_years: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _View:
    case: Case
    tables: Tables
    book: Catalogue
    when: date | None

    def row(self, name: str) -> Row:
        return self.tables.on(name, self.when)

    def line(self, stage: str, name: str, row: Row, *, count: int = 1, less: bool = False) -> Line:
        full = row.fen * count
        percent = self.case.reduction if less else 0
        shown = self.book.say(f"stage.{stage}")
        return Line(shown, name, full, reduced(full, percent), row.name)


def fees(case: Case, *, when: date | None = None, tables: Tables | None = None) -> Bill:
    """What ``case`` costs under the schedule in force ``when`` (None: the newest).

    Raises BadCount, BadYears and BadReduction.
    """
    view = _View(case, tables or shipped(), catalogue(), when)
    _refuse(view)
    window = _reduced_years(view)
    owed = range(_first_year(view), _last_year(view) + 1)
    schedule = tuple(_annuity(view, year, window) for year in owed)
    applied, yearly = tuple(_application(view)), tuple(_annuity_lines(view, schedule))
    lines = (*applied, *yearly)
    return Bill(
        case,
        lines,
        sum(line.full for line in lines),
        sum(line.due for line in lines),
        schedule,
        tuple(_extras(view)),
        (*_notes(view, window), *_years(view, applied, yearly), *_always(view)),
        (window[0], window[-1]) if case.reduction else None,
    )


def _first_year(view: _View) -> int:
    """Annual fees begin with the year of grant (细则第一百一十四条、第一百一十五条)."""
    return view.case.grant_year or 1


def _last_year(view: _View) -> int:
    return term_years(view.tables, view.case.kind, view.when)


def _refuse(view: _View) -> None:
    case, say = view.case, view.book.say
    if case.kind not in PATENTS:
        raise ValueError(f"{case.kind!r} is not a kind of patent")
    if case.reduction not in REDUCTIONS:
        raise BadReduction(value=case.reduction)
    last = _last_year(view)
    asked = (
        ("claims", case.claims, 1, MOST),
        ("pages", case.pages, 1, MOST),
        ("priority", case.priority, 0, MOST),
        ("grant", case.grant_year, 1, last),
    )
    for what, value, least, most in asked:
        if value is not None and not least <= value <= most:
            raise BadCount(what=say(f"fee.{what}_asked"), value=value, least=least, most=most)
    if case.years is not None:
        first, final = case.years
        if not _first_year(view) <= first <= final <= last:
            raise BadYears(years=f"{first}-{final}", first=_first_year(view), last=last)


def _application(view: _View) -> Iterator[Line]:
    case, say = view.case, view.book.say
    row = view.row(f"filing-fee-{case.kind}")
    yield view.line("filing", say("fee.filing"), row, less=True)
    if case.kind == "invention":
        yield view.line("filing", say("fee.publication"), view.row("publication-fee"))
    if case.kind != "design":
        free, long = view.row("pages-free").value, view.row("pages-long").value
        claims, pages = case.claims or 0, case.pages or 0
        yield from _over(view, "claims", "claim-fee", view.row("claims-free").value, claims)
        yield from _over(view, "pages", "page-fee", free, min(pages, long))
        yield from _over(view, "pages", "page-fee-long", long, pages)
    if case.priority:
        name = say("fee.priority", count=case.priority)
        yield view.line("filing", name, view.row("priority-fee"), count=case.priority)
    if case.kind == "invention":
        row = view.row("examination-fee")
        yield view.line("examination", say("fee.examination"), row, less=True)


def _over(view: _View, what: str, figure: str, free: int, last: int) -> Iterator[Line]:
    """What lies above the free number, each at the same price."""
    if last > free:
        params = {"first": free + 1, "last": last, "count": last - free}
        name = view.book.say(f"fee.{what}", **params)
        yield view.line("filing", name, view.row(figure), count=last - free)


def _reduced_years(view: _View) -> range:
    """The patent years whose annual fee is reduced: ten from the year of grant.

    Without a year of grant the earliest one is taken: a fee of the first ten years is reduced
    whenever the grant was (there is none before it), a later one only after a late grant.
    """
    first = _first_year(view)
    end = first + view.row("reduction-annuity-years").value
    return range(first, min(end, _last_year(view) + 1))


def _annuity(view: _View, year: int, window: range) -> Annuity:
    full = annuity(view.tables, view.case.kind, year, view.when).fen
    due = reduced(full, view.case.reduction) if year in window else full
    late = tuple(surcharge(view.tables, full, step, view.when) for step in range(1, STEPS))
    return Annuity(year, full, due, late)


def _annuity_lines(view: _View, schedule: tuple[Annuity, ...]) -> Iterator[Line]:
    if view.case.years is None:
        return
    first, last = view.case.years
    for item in (item for item in schedule if first <= item.year <= last):
        name = view.book.say("fee.annuity", year=item.year)
        figure = annuity(view.tables, view.case.kind, item.year, view.when).name
        yield Line(view.book.say("stage.annuity"), name, item.full, item.due, figure)


def _extras(view: _View) -> Iterator[Line]:
    for figure, less in (*_EXTRAS, *_EXTRAS_OF[view.case.kind]):
        row = view.row(figure.format(kind=view.case.kind))
        percent = view.case.reduction if less else 0
        yield Line("", row.title, row.fen, reduced(row.fen, percent), row.name)


def _notes(view: _View, window: range) -> Iterator[str]:
    case = view.case
    source = view.row(f"filing-fee-{case.kind}").sources[0].cite()
    yield view.book.say("bill.source", source=source)
    yield from _assumed(view)
    length = view.row("reduction-annuity-years").value
    if case.reduction:
        yield view.book.say("bill.reduction", percent=case.reduction, years=length)
        words = {"year": window[0], "last": window[-1], "years": length}
        if case.grant_year is not None:
            yield view.book.say("bill.granted", **words)
        elif window[-1] < _last_year(view):
            yield view.book.say("bill.grant_assumed", **words)
    else:
        yield view.book.say("bill.no_reduction")


def _years(view: _View, applied: tuple[Line, ...], yearly: tuple[Line, ...]) -> Iterator[str]:
    """What the totals hold, so that nobody pays again, or for years before the grant."""
    case, say = view.case, view.book.say
    if case.years is None:
        yield say("bill.no_years")
        return
    words = {"first": case.years[0], "last": case.years[1]}
    annual, rest = (yuan(sum(line.due for line in lines)) for lines in (yearly, applied))
    yield say("bill.years_only", annual=annual, applied=rest, **words)
    if case.grant_year is None:
        yield say("bill.before_grant", **words)


def _always(view: _View) -> Iterator[str]:
    if old := view.book.kinds[f"patent-term-{view.case.kind}"].before_term:
        words = {"first": old["years"] + 1, "last": _last_year(view)}
        yield view.book.say("bill.old_term", until=old["until"], years=old["years"], **words)
    yield view.book.say("bill.registration")
    yield view.book.say("bill.surcharge", rate=view.row("annuity-surcharge").shown)
    yield view.book.say("bill.open_licence", rate=view.row("reduction-open-licence").shown)


def _assumed(view: _View) -> Iterator[str]:
    case, say = view.case, view.book.say
    if case.kind == "design":
        yield say("bill.design_counts")
    else:
        if case.claims is None:
            yield say("bill.claims_default", free=view.row("claims-free").value)
        if case.pages is None:
            yield say("bill.pages_default", free=view.row("pages-free").value)
    if not case.priority:
        yield say("bill.priority_default")
    if case.kind != "invention":
        yield say("bill.no_examination")
