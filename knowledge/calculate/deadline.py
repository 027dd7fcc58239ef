"""The deadline calculator (期限计算器): a kind of notice or event and its day in, the term out.

Pure: no clock, no database. The rules of counting and of delivery are data with their sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from core.errors import Refusal
from core.worktime import Worktime
from knowledge.calculate import annual
from knowledge.calculate.delivery import Arrival, received
from knowledge.calculate.kinds import Catalogue, Kind, RemedyRule, catalogue, fill
from knowledge.calculate.periods import add, last_of, weekday_after
from knowledge.calculate.tables import Row, Tables, shipped
from knowledge.calculate.term import Counted, Deadline, Remedy, Step, distinct, moving
from knowledge.entry import Source

LATEST = date(2200, 12, 31)


class DayOutOfRange(Refusal):
    """The day lies too far back or ahead to be meant. ``earliest``, ``latest``: the range."""

    key = "calculate.day_out_of_range"


class NoRule(Refusal):
    """No rule is known for that day. ``why`` says what to go by instead."""

    key = "calculate.no_rule"


@dataclass(frozen=True, slots=True)
class _Case:
    kind: Kind
    given: date
    worktime: Worktime
    tables: Tables
    book: Catalogue


def due(
    kind: str,
    day: date,
    *,
    worktime: Worktime,
    delivery: str | None = None,
    year: int | None = None,
    patent: str | None = None,
    today: date | None = None,
    tables: Tables | None = None,
) -> Deadline:
    """The term of ``kind`` (id, name or alias) that runs from ``day``.

    delivery: how a notice came: electronic, post, announcement or received; None means that
    ``day`` is the day of receipt. year: which annual fee (the first falls in year 1); without it,
    the next one after ``today``. patent: invention, utility or design, for surcharges in money.
    Raises UnknownKind, DayOutOfRange, NoRule, annual.YearNeeded, annual.YearOutOfRange and
    annual.NoFeeLeft.
    """
    book, tables = catalogue(), tables or shipped()
    found = book.find(kind)
    if not found.earliest <= day <= LATEST:
        raise DayOutOfRange(day=day, earliest=found.earliest, latest=LATEST)
    case = _Case(found, day, worktime, tables, book)
    _refuse_without_rule(case)
    arrival = received(found.delivery, day, delivery, worktime=worktime, tables=tables, book=book)
    yearly = annual.View(tables, book, worktime, patent, year)
    counted = _counted(case, arrival.day, yearly, today)
    if found.sense == "earliest":
        counted = _earliest(case, counted)
    return _deadline(case, arrival, counted)


def _deadline(case: _Case, arrival: Arrival, counted: Counted) -> Deadline:
    kind, book = case.kind, case.book
    rule = book.rules[kind.rule]
    doubts = (kind.doubt, arrival.doubt, *counted.doubts, *_doubts(case, arrival.day, counted))
    return Deadline(
        kind=kind.id,
        name=kind.name,
        given=case.given,
        start=arrival.day,
        due=counted.due,
        last_day=counted.last_day,
        moved=counted.last_day != counted.due if counted.moved is None else counted.moved,
        rule="；".join((*arrival.working, *counted.working)) + "。" + rule.text,
        articles=distinct((*(s for row in counted.rows for s in row.sources), *kind.sources)),
        rule_articles=distinct((*arrival.sources, *rule.sources)),
        after=fill(kind.after, case.tables, case.given),
        sense=kind.sense,
        opens=counted.opens,
        extend=_remedy(case, book.extend, kind.extend, counted),
        restore=_remedy(case, book.restore, kind.restore, counted),
        steps=counted.steps,
        notes=(*arrival.notes, *counted.notes, *_notes(case, counted)),
        doubt="；".join(item for item in doubts if item) or None,
    )


def _refuse_without_rule(case: _Case) -> None:
    if case.kind.strict is None:
        return
    for name in case.kind.terms:
        if not any(row.holds_on(case.given) for row in case.tables.rows[name]):
            raise NoRule(name=case.kind.name, day=case.given, why=case.kind.strict)


def _counted(case: _Case, start: date, yearly: annual.View, today: date | None) -> Counted:
    if case.kind.shape == "late":
        return annual.late(yearly, start)
    if case.kind.shape == "annual":
        return annual.fee(yearly, start, today=today)
    rows = tuple(case.tables.on(name, start) for name in case.kind.terms)
    if old := case.kind.older_term(start):
        rows = (replace(rows[0], value=old["years"]),)
    return _shaped(case, start, rows)


def _shaped(case: _Case, start: date, rows: tuple[Row, ...]) -> Counted:
    if case.kind.shape == "plain":
        return _plain(case, start, rows)
    return _SHAPES[case.kind.shape](case, start, rows[0])


def _earliest(case: _Case, counted: Counted) -> Counted:
    """What can be done only after the term: from the day after its (moved) end."""
    ended, opens = counted.last_day, counted.last_day + timedelta(days=1)
    working = (*counted.working, case.book.say("working.earliest", ended=ended, opens=opens))
    doubts = counted.doubts
    safe = case.worktime.next_workday(ended) + timedelta(days=1)
    if safe != opens:
        doubts = (*doubts, case.book.say("doubt.earliest", ended=ended, safe=safe))
    moved = ended != counted.due
    return replace(
        counted, last_day=opens, opens=opens, moved=moved, working=working, doubts=doubts
    )


def _window(case: _Case, ends: date, row: Row) -> Counted:
    """What can be done in the time before a right or a contract ends."""
    opens = add(ends, -row.value, row.unit, case.worktime)
    working = case.book.say("working.window", opens=opens, due=ends)
    return Counted(ends, ends, (row,), (working,), opens=opens)


def _backward(case: _Case, start: date, row: Row) -> Counted:
    """What has to be done before a day that lies so long before another; strictly before it."""
    ends = add(start, -row.value, row.unit, case.worktime)
    last = ends - timedelta(days=1)
    working = case.book.say("working.backwards", start=start, shown=row.shown, due=ends, last=last)
    return Counted(ends, last, (row,), (working,), moved=False)


def _year_end(case: _Case, start: date, row: Row) -> Counted:
    ends = date(start.year + row.value, 12, 31)
    working = case.book.say("working.year_end", start=start, count=row.value, due=ends)
    return Counted(ends, ends, (row,), (working,))


def _plain(case: _Case, start: date, rows: tuple[Row, ...]) -> Counted:
    working: list[str] = []
    begin, ends, last = start, start, start
    for row in rows:
        ends = add(begin, row.value, row.unit, case.worktime)
        place = "working.chained" if working else "working.counted"
        said = case.book.say(place, start=begin, shown=row.shown, due=ends)
        if row.unit in ("月", "年") and ends.day < begin.day:
            said += case.book.say("working.clipped", day=begin.day)
        working.append(said)
        last = ends
        if case.book.rules[case.kind.rule].moves:
            last = case.worktime.next_workday(ends)
            working.append(moving(case.book, case.worktime, ends, last))
        begin = last
    return Counted(ends, last, rows, tuple(working))


def _day_before(case: _Case, start: date, row: Row) -> Counted:
    """A right that lasts from a day up to the day before its anniversary."""
    doubts: list[str] = []
    ends = last_of(start, row.value, row.unit, case.worktime)
    clipped = ends == add(start, row.value, row.unit, case.worktime)
    if clipped and case.kind.rule == "patent-term":
        doubts.append(case.book.say("doubt.leap"))
    working = case.book.say("working.ends", start=start, shown=row.shown, due=ends)
    steps: tuple[Step, ...] = ()
    if case.kind.rule == "patent-term":
        steps = (Step(case.book.say("step.ends"), ends + timedelta(days=1), None),)
    return Counted(ends, ends, (row,), (working,), steps=steps, doubts=tuple(doubts))


_SHAPES = {
    "window": _window,
    "backward": _backward,
    "year-end": _year_end,
    "day-before": _day_before,
}


def _remedy(
    case: _Case, known: Mapping[str, RemedyRule], name: str | None, counted: Counted
) -> Remedy | None:
    if name is None:
        return None
    found = known[name]
    until: date | None = None
    months = 0
    sources = list(found.sources)
    if found.terms:
        until = counted.last_day if found.from_last_day else counted.due
        until = case.given if found.from_start else until
        for term in found.terms:
            row = case.tables.on(term, until)
            until = add(until, row.value, row.unit, case.worktime)
            months += row.value if row.unit == "月" else 0
            sources += row.sources
        if case.book.rules[found.rule or case.kind.rule].moves:
            until = case.worktime.next_workday(until)
    fee = _charged(case, found.fee, months) if found.fee else None
    return Remedy(fill(found.how, case.tables, case.given), until, distinct(sources), fee)


def _charged(case: _Case, figure: str, months: int) -> int:
    """What a remedy costs in fen: by the month up to the day that is shown, else once."""
    row = case.tables.on(figure, case.given)
    return row.fen * months if row.unit == "元/月" else row.fen


def _notes(case: _Case, counted: Counted) -> list[str]:
    kind, book = case.kind, case.book
    notes = [fill(note, case.tables, case.given) for note in kind.notes]
    if kind.sense in ("office", "earliest"):
        notes.append(book.say(f"note.{kind.sense}"))
    first = counted.rows[0]
    since = case.tables.rows[first.name][0].valid_from
    known = first in case.tables.rows[first.name]
    if known and since and (counted.law_day or case.given) < since <= counted.due:
        notes.append(book.say("note.before", since=since))
    notes += _renumbered(case, counted)
    uses_calendar = book.rules[kind.rule].moves or any(r.unit == "工作日" for r in counted.rows)
    gaps = case.worktime.gaps(sorted({counted.due.year, counted.last_day.year}))
    if uses_calendar and gaps:
        notes.append(book.say("note.gap", years="、".join(map(str, gaps))))
    return notes


def _renumbered(case: _Case, counted: Counted) -> list[str]:
    """A coming version of the law: the length stays, or (a term to be kept) it changes."""
    row = counted.rows[0]
    newer = case.tables.on(row.name)
    if newer == row or not _comes_after(newer, counted.law_day or case.given):
        return []
    article = "、".join(source.cite() for source in newer.sources)
    same = (newer.value, newer.unit) == (row.value, row.unit)
    if not same and case.kind.sense == "expiry":
        return []  # the doubt says what it means for this right
    place = "note.renumbered" if same else "note.coming"
    said = case.book.say(place, since=newer.valid_from, article=article, shown=newer.shown)
    return [said]


def _comes_after(row: Row, day: date) -> bool:
    return row.valid_from is not None and row.valid_from > day


def _doubts(case: _Case, start: date, counted: Counted) -> list[str]:
    rule, book = case.book.rules[case.kind.rule], case.book
    old = case.kind.older_term(start)
    found = [old["doubt"]] if old else []
    since = case.tables.rows[counted.rows[0].name][0].valid_from
    if since and counted.due < since:
        found.append(book.say("doubt.before", since=since))
    if rule.doubt and rule.doubt_from and counted.last_day >= rule.doubt_from:
        found.append(rule.doubt)
    if rule.monday and counted.last_day.weekday() > 4:
        monday = weekday_after(counted.last_day, case.worktime)
        found.append(book.say("doubt.monday", last=counted.last_day, monday=monday))
    return found + _transition(case, start, counted)


def _transition(case: _Case, start: date, counted: Counted) -> list[str]:
    """A term that runs when a version of another length comes into force."""
    row = counted.rows[-1]
    newer = case.tables.on(row.name)
    since = newer.valid_from
    if len(counted.rows) > 1 or since is None or not start < since <= counted.last_day:
        return []
    if (newer.value, newer.unit) == (row.value, row.unit):
        return []
    other = _shaped(case, start, (newer,)).last_day
    safe = min(counted.last_day, max(other, since - timedelta(days=1)))
    place = "doubt.transition_expiry" if case.kind.sense == "expiry" else "doubt.transition"
    params = {"since": since, "shown": newer.shown, "old_shown": row.shown, "other": other}
    return [case.book.say(place, last=counted.last_day, safe=safe, **params)]


def sources_of(deadline: Deadline) -> tuple[Source, ...]:
    """Everything a shown deadline rests on: the term, the counting, what can be done."""
    more = [s for r in (deadline.extend, deadline.restore) if r for s in r.articles]
    return distinct((*deadline.articles, *deadline.rule_articles, *more))
