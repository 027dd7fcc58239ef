"""The day whose rules a question asks about, where it is another than today."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from core.numerals import plain_digits
from knowledge.normalise import simplified, visible

_YEARS = {"今年": 0, "明年": 1, "后年": 2, "next year": 1}
_CHINESE_YEAR = re.compile(r"[二2][零〇○0][零〇一二三四五六七八九0-9]{2}(?=年)")
_YEAR = r"20\d\d(?=\s*[年/.-])|今年|明年|后年"
_SIDE = r"(?:\s*(?P<side>以后|之后|往后|以前|之前|后|前|起|开始))?的?"
_DAY = re.compile(
    rf"(?P<year>{_YEAR})\s*[年/.-]?\s*(?P<month>\d{{1,2}})\s*(?:月份?|[/.-])"
    rf"\s*(?:(?P<day>\d{{1,2}})\s*[日号]?)?{_SIDE}"
)
_YEAR_END = re.compile(rf"(?P<year>20\d\d|今年|明年)?\s*年底{_SIDE}")
_NEW_YEAR = re.compile(rf"元旦{_SIDE}")
_NEXT_MONTH = re.compile(r"下个?月(?!\s*\d)")
_WHOLE_YEAR = re.compile(
    rf"(?:从|到|自)?(?:(?P<year>20\d\d)\s*年|(?P<word>明年|后年)|(?P<en>next year)"
    rf"|in (?P<in>20\d\d)){_SIDE}"
)
_NEW = r"新(?:的|修[订改]的)?(?P<kept>商标|专利)?(?:法律?|规定?)"
_IN_FORCE = r"(?:正式)?(?:施行|实施|生效|实行|执行|出台|开始)"
_NEW_LAW = (
    re.compile(rf"{_NEW}(?:{_IN_FORCE}(?:以后|之后|后|了|起)|以后|之后|后|下|规定的?)的?"),
    re.compile(rf"(?:按照?|根据|依照?){_NEW}的?"),
    re.compile(r"(?P<kept>商标|专利)?(?:修法|改法|法修[订改])(?:以后|之后|后)的?"),
    re.compile(r"(?:under|after) the new (?:(?P<kept>trademark|patent) )?law"),
)
_OF_RULES = r"(?:收费标准|规定|标准|政策|规则|法律|收费)(?:里|是|中|下)?"
_FORMER = (
    re.compile(
        rf"(?:(?P<year>20\d\d)\s*年|(?P<last>去年|前年))(?:那?时候?|当时|版)?的?{_OF_RULES}"
    ),
    re.compile(
        r"(?:按照?|根据)?(?:以前|原来|从前|过去|旧|老)的?(?P<kept>商标|专利)?(?:规定|政策|法)(?:里|是)?"
    ),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What a message says about time.

    day: the day whose rules are asked for; None: the day the coming (or, with `past`, the last
        day of the former) wording of the entry found holds.
    firm: the rules of that time are asked for in so many words.
    rest: the message without its words of time.
    """

    day: date | None
    past: bool
    firm: bool
    rest: str


def moment(question: str, today: date) -> Moment | None:
    """The other time that a message asks about; None where it is about today's rules.

    A day gone by is mostly a fact of the case (filed in 2019), so that only "the rules of 2019"
    asks for former rules.
    """
    text = simplified(visible(question))
    text = _CHINESE_YEAR.sub(lambda found: plain_digits(found[0]), text)
    for read in (_past, _law, _named_day, _year_end, _new_year, _next_month, _year):
        found = read(text, today)
        if found is not None:
            return found
    return None


def _past(text: str, today: date) -> Moment | None:
    years = {"去年": today.year - 1, "前年": today.year - 2}
    for found in filter(None, (pattern.search(text) for pattern in _FORMER)):
        said = found.groupdict()
        year = int(said["year"]) if said.get("year") else years.get(said.get("last") or "")
        if year is None or year < today.year:
            day = None if year is None else date(year, 12, 31)
            return Moment(day, True, True, _without(text, found, said.get("kept") or ""))
    return None


def _law(text: str, today: date) -> Moment | None:
    for found in filter(None, (pattern.search(text) for pattern in _NEW_LAW)):
        return Moment(None, False, True, _without(text, found, found["kept"] or ""))
    return None


def _named_day(text: str, today: date) -> Moment | None:
    for found in _DAY.finditer(text):
        year = _year_of(found["year"], today)
        try:
            day = date(year, int(found["month"]), int(found["day"] or 1))
        except ValueError:
            continue
        return _coming(text, found, day, today, firm=bool(found["side"]))
    return None


def _year_end(text: str, today: date) -> Moment | None:
    found = _YEAR_END.search(text)
    if found is None:
        return None
    day = date(_year_of(found["year"] or "今年", today), 12, 31)
    after = found["side"] in ("以后", "之后", "往后", "后")
    return _coming(text, found, day, today, firm=bool(found["side"]), shift=after)


def _new_year(text: str, today: date) -> Moment | None:
    found = _NEW_YEAR.search(text)
    return found and _coming(text, found, date(today.year + 1, 1, 1), today, firm=False)


def _next_month(text: str, today: date) -> Moment | None:
    found = _NEXT_MONTH.search(text)
    first = (today.replace(day=1) + timedelta(days=32)).replace(day=1)
    return found and _coming(text, found, first, today, firm=False)


def _year(text: str, today: date) -> Moment | None:
    for found in _WHOLE_YEAR.finditer(text.lower()):
        said = found["year"] or found["in"] or found["word"] or found["en"]
        year = _year_of(said, today)
        if year > today.year or (found["side"] or "") in ("以前", "之前", "前"):
            of_rules = re.match(_OF_RULES, text[found.end() :]) is not None
            firm = of_rules or bool(found["side"])
            return _coming(text, found, date(year, 1, 1), today, firm=firm)
    return None


def _coming(
    text: str, found: re.Match[str], day: date, today: date, *, firm: bool, shift: bool = False
) -> Moment | None:
    """A day to come; "before the first" is the day before it."""
    if shift:
        day += timedelta(days=1)
    elif found.groupdict().get("side") in ("以前", "之前", "前") and (day.month, day.day) != (
        12,
        31,
    ):
        day -= timedelta(days=1)
    return Moment(day, False, firm, _without(text, found, "")) if day > today else None


def _year_of(said: str, today: date) -> int:
    return int(said) if said.isdecimal() else today.year + _YEARS[said]


def _without(text: str, found: re.Match[str], kept: str) -> str:
    return (text[: found.start()] + kept + text[found.end() :]).strip(" ，,。")
