"""Figures by name in the body of an entry: ``{{filing-fee-invention}}`` is read as 900元.

What stands between the braces:

- ``name``: the figure in force when the text begins to hold; ``name@2027-01-01``: on that day
- ``5 claim-fee``: so many times; ``annuity-surcharge of annuity-utility-1-3``: that percentage of
  it; ``examination-fee less reduction-single``: what is left after that percentage
- ``filing-fee-invention + publication-fee``, ``pages-free + 1``: a sum of such terms
- ``filing-fee-utility = filing-fee-design``: one number said of both; an error once they differ
- at the end ``|words`` 六个月, ``|number`` 900, ``|days`` 15天, ``|wan`` 6万元
- ``=3个月``: just these words, where a number only looks like the figure of a cited article

A text within whose days a figure changes is read once for each value, so that a new fee is one
edit of a table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from knowledge.calculate.tables import MONEY_UNITS, UNITS, Row, Tables, count_of
from knowledge.problem import Problem, problem

WAN = 10_000

_SLOT = re.compile(r"\{\{(?P<inside>[^{}]*)\}\}")
_NAME = r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?:@\d{4}-\d{2}-\d{2})?"
_ONE = re.compile(_NAME)
_TERM = re.compile(
    rf"(?:(?P<times>\d+)\s+)?(?:(?P<share>{_NAME})\s+of\s+)?(?P<name>{_NAME})"
    rf"(?:\s+less\s+(?P<less>{_NAME}))?"
)
_UNITS = "|".join(sorted({count_of(unit) for unit in UNITS} | {"天", "个半月"}, key=len)[::-1])
_QUANTITY = re.compile(  # not 第10年, not 2027年1月15日, not the end of a longer number
    rf"(?<![\d.第\-一二三四五六七八九十百])(?:\d+|[一二两三四五六七八九十]+)(?:{_UNITS})(?<!月\d日)(?<!月\d\d日)"
)
_DIGITS = "零一二三四五六七八九"
_STEPS = ((1000, "千"), (100, "百"), (10, "十"))


@dataclass(frozen=True, slots=True)
class Named:
    """A figure that a text refers to: where, and for which day (None: the text's own)."""

    name: str
    line: int
    day: date | None


@dataclass(frozen=True, slots=True)
class _Amount:
    value: Fraction
    unit: str


class BadFigure(Exception):
    """What stands between the braces cannot be read or has no value; the code of the problem."""

    def __init__(self, code: str, **detail: object) -> None:
        super().__init__(code)
        self.code, self.detail = code, detail


def named(body: str, first_line: int = 1) -> Iterator[Named]:
    """Every figure named in a body, in the order of the text."""
    for line, text in enumerate(body.split("\n"), first_line):
        for slot in _SLOT.finditer(text):
            terms = "" if slot["inside"].startswith("=") else slot["inside"].partition("|")[0]
            for found in _ONE.finditer(terms):
                name, _, day = found[0].partition("@")
                if name not in ("of", "less"):
                    yield Named(name, line, _day(day) if day else None)


def render(
    body: str, tables: Tables, day: date | None, file: str, first_line: int = 1
) -> tuple[str, list[Problem]]:
    """The body with every figure as it stands on a day (None: the newest), and what is wrong."""
    problems: list[Problem] = []
    lines = []
    for line, text in enumerate(body.split("\n"), first_line):

        def fill(slot: re.Match[str], line: int = line) -> str:
            try:
                return shown(slot["inside"], tables, day)
            except BadFigure as bad:
                problems.append(problem(file, line, bad.code, **bad.detail))
                return slot["inside"]

        if re.search(r"\{\{|\}\}", _SLOT.sub("", text)):
            problems.append(problem(file, line, "figure-notation", text=text.strip()[:40]))
        lines.append(_SLOT.sub(fill, text))
    return "\n".join(lines), problems


def turns(body: str, tables: Tables, first: date, last: date | None) -> list[date]:
    """The days after `first`, up to `last`, on which the body begins to read differently."""
    found = set()
    for use in named(body):
        if use.day is None:
            for older, newer in pairwise(tables.rows.get(use.name, ())):
                day = newer.valid_from
                if day and first < day and (last is None or day <= last) and differs(older, newer):
                    found.add(day)
    return sorted(found)


def bare(body: str, rows: Iterable[Row], first_line: int = 1) -> Iterator[tuple[int, str, str]]:
    """Numbers in a body that read like one of the rows: line, words, name of the row."""
    known = {said: row.name for row in rows for said in _spellings(row)}
    for line, text in enumerate(body.split("\n"), first_line):
        for found in _QUANTITY.finditer(_SLOT.sub("", text)):
            if found[0] in known:
                yield line, found[0], known[found[0]]


def _spellings(row: Row) -> Iterator[str]:
    amount = _Amount(Fraction(row.value), row.unit)
    for form in (_plain, _words, _days):
        try:
            yield form(amount)
        except BadFigure:
            continue


def differs(one: Row, other: Row) -> bool:
    """Whether two versions of a figure would be read differently."""
    return (one.value, one.unit) != (other.value, other.unit)


def shown(inside: str, tables: Tables, day: date | None) -> str:
    """What a reader sees in place of the braces. Raises BadFigure."""
    if inside.startswith("="):
        return inside[1:].strip()
    terms, _, form = (part.strip() for part in inside.partition("|"))
    sides = [_sum(side, tables, day) for side in terms.split("=")]
    if any(side != sides[0] for side in sides):
        values = "、".join(_plain(side) for side in sides)
        raise BadFigure("figure-unequal", text=terms, values=values)
    if form not in _FORMS:
        raise BadFigure("figure-format", text=form, known="、".join(filter(None, _FORMS)))
    return _FORMS[form](sides[0])


def _sum(text: str, tables: Tables, day: date | None) -> _Amount:
    parts = [_term(term.strip(), tables, day) for term in text.split("+")]
    units = {part.unit.partition("/")[0] for part in parts if part.unit}
    if len(units) != 1:
        raise BadFigure("figure-units", text=text.strip(), units="、".join(sorted(units)) or "无")
    return _Amount(sum((part.value for part in parts), Fraction(0)), units.pop())


def _term(text: str, tables: Tables, day: date | None) -> _Amount:
    if text.isdecimal():
        return _Amount(Fraction(int(text)), "")
    found = _TERM.fullmatch(text)
    if not found:
        raise BadFigure("figure-notation", text=text)
    row = _row(found["name"], tables, day)
    value = Fraction(row.value * int(found["times"] or 1))
    for key in ("share", "less"):
        if found[key]:
            part = _row(found[key], tables, day)
            if part.unit != "%":
                raise BadFigure("figure-units", text=text, units=part.unit)
            value *= Fraction(part.value if key == "share" else 100 - part.value, 100)
    return _Amount(value, row.unit)


def _row(text: str, tables: Tables, day: date | None) -> Row:
    name, _, said = text.partition("@")
    if said:
        day = _day(said)
        if day is None:
            raise BadFigure("bad-date", key=name, value=said)
    if name not in tables.names:
        raise BadFigure("unknown-table", name=name)
    row = tables.on(name, day)
    if day and not row.holds_on(day):
        since, until = row.valid_from or "—", row.valid_until or "—"
        raise BadFigure("figure-not-valid", name=name, day=day, since=since, until=until)
    return row


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _number(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".") if value.denominator > 1 else f"{value}"


def _plain(amount: _Amount) -> str:
    if amount.unit == "半月":
        half = "半" if amount.value % 2 else ""
        return f"{amount.value // 2}个{half}月"
    return f"{_number(amount.value)}{count_of(amount.unit)}"


def _words(amount: _Amount) -> str:
    half = amount.unit == "半月"
    value = int(amount.value // 2 if half else amount.value)
    if amount.value.denominator > 1 or not 0 < value < WAN:
        raise BadFigure("figure-format", text="words", known="number")
    unit = count_of("月" if half else amount.unit)
    if half and amount.value % 2:
        unit = unit.replace("月", "半月")
    return ("两" if value == 2 else in_words(value)) + unit


def in_words(value: int) -> str:
    """A number from 1 to 9999 in Chinese numerals: 十五, 一百零五."""
    said, gap = "", False
    for step, name in _STEPS:
        digit, value = divmod(value, step)
        if digit:
            said += ("零" if gap else "") + _DIGITS[digit] + name
        gap = bool(said) and not digit
    if value:
        said += ("零" if gap else "") + _DIGITS[value]
    return said.removeprefix("一") if said.startswith("一十") else said


def _days(amount: _Amount) -> str:
    if amount.unit != "日":
        raise BadFigure("figure-units", text="days", units=amount.unit)
    return f"{_number(amount.value)}天"


def _wan(amount: _Amount) -> str:
    if amount.unit not in MONEY_UNITS or amount.unit == "万元":
        raise BadFigure("figure-units", text="wan", units=amount.unit)
    return f"{_number(amount.value / WAN)}万元"


_FORMS: dict[str, Callable[[_Amount], str]] = {
    "": _plain,
    "words": _words,
    "number": lambda amount: _number(amount.value),
    "days": _days,
    "wan": _wan,
}
