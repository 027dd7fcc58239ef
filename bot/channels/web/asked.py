"""What a form or a query string asks of the calculators; what is wrong, named by field."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.sanitise import clean
from core.errors import Refusal
from core.numerals import whole_number
from core.texts import plain
from core.when import parse_day
from core.worktime import Worktime
from knowledge.calculate import annual, fees
from knowledge.calculate.annuities import PATENTS
from knowledge.calculate.deadline import DayOutOfRange, NoRule, due
from knowledge.calculate.delivery import MODES
from knowledge.calculate.kinds import Kind, UnknownKind, catalogue
from knowledge.calculate.term import Deadline

AHEAD = ("window", "backward")  # counted from a day that mostly lies ahead
COUNTS = ("claims", "pages", "priority", "grant")
_FIELD: dict[type[Refusal], str] = {
    UnknownKind: "kind",
    DayOutOfRange: "date",
    NoRule: "date",
    annual.YearNeeded: "year",
    annual.YearOutOfRange: "year",
    annual.NoFeeLeft: "year",
    annual.OldDesign: "year",
    fees.BadYears: "years",
    fees.BadReduction: "reduction",
}
_LONGEST = 100


@dataclass
class Asked:
    """The fields as given, and the sentence that belongs at each wrong one."""

    given: Mapping[str, str]
    wrong: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """A field as typed, without anything invisible."""
        return clean(self.given.get(name, ""))[:_LONGEST]

    def refuse(self, name: str, key: str, **params: Any) -> None:
        """Note what is wrong with a field; the first sentence stays."""
        self.wrong.setdefault(name, plain(key, **params))

    def one_of(self, name: str, known: tuple[str, ...]) -> str | None:
        """One of the known values, or None where the field is empty or wrong."""
        said = self.text(name)
        if said and said not in known:
            self.refuse(name, "tools.bad_choice", said=said, known="、".join(known))
        return said if said in known else None

    def number(self, name: str) -> int | None:
        """A whole number, or None where the field is empty or wrong."""
        said = self.text(name)
        found = whole_number(said) if said else None
        if said and found is None:
            self.refuse(name, "tools.bad_number", said=said)
        return found

    @contextmanager
    def checking(self) -> Iterator[None]:
        """A refusal of the calculator becomes the sentence at the field it speaks of."""
        try:
            yield
        except Refusal as refusal:
            name = _FIELD.get(type(refusal)) or _counted(refusal)
            self.refuse(name, refusal.key, **refusal.params)


def kind_of(asked: Asked) -> Kind | None:
    """The kind of term that is named, if any."""
    said = asked.text("kind")
    if not said:
        return None
    with asked.checking():
        return catalogue().find(said)
    return None


def term_of(asked: Asked, kind: Kind, *, worktime: Worktime, today: date) -> Deadline | None:
    """The term; None where a field is missing or wrong, which ``asked.wrong`` then says."""
    said = asked.text("date")
    day = parse_day(said, today, past=kind.shape not in AHEAD) if said else None
    if not said:
        asked.refuse("date", "tools.no_date", give=kind.give)
    elif day is None:
        asked.refuse("date", "tools.bad_date", said=said)
    delivery = asked.one_of("delivery", MODES)
    year, patent = asked.number("year"), asked.one_of("patent", PATENTS)
    if asked.wrong or day is None:
        return None
    with asked.checking():
        return due(
            kind.id,
            day,
            worktime=worktime,
            delivery=delivery,
            year=year,
            patent=patent,
            today=today,
        )
    return None


def bill_of(asked: Asked, *, today: date) -> fees.Bill | None:
    """The bill; None where a field is missing or wrong, which ``asked.wrong`` then says."""
    kind = asked.one_of("kind", PATENTS)
    if kind is None:
        asked.refuse("kind", "tools.no_patent")
    counts = {name: asked.number(name) for name in COUNTS}
    reduction, years = asked.number("reduction") or 0, _years(asked)
    if asked.wrong or kind is None:
        return None
    case = fees.Case(
        kind=kind,
        claims=counts["claims"],
        pages=counts["pages"],
        priority=counts["priority"] or 0,
        reduction=reduction,
        years=years,
        grant_year=counts["grant"],
    )
    with asked.checking():
        return fees.fees(case, when=today)
    return None


def _years(asked: Asked) -> tuple[int, int] | None:
    """``years=A-B``, or two fields ``from`` and ``to`` of which one may be empty."""
    said = asked.text("years")
    if said:
        first, _, last = said.partition("-")
        if not (first.isdecimal() and last.isdecimal()):
            asked.refuse("years", "tools.bad_years", said=said)
            return None
        return int(first), int(last)
    begin, end = asked.number("from"), asked.number("to")
    if begin is None and end is None:
        return None
    return (begin if begin is not None else 1), (end if end is not None else begin or 1)


def _counted(refusal: Refusal) -> str:
    """Which number a refusal speaks of: it names it in Chinese."""
    what = refusal.params.get("what")
    return next((n for n in COUNTS if what == catalogue().say(f"fee.{n}_asked")), "kind")
