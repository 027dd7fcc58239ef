"""When somebody wants to come, in their own words: 下周三下午, 节后第一天, 最早什么时候, 月底前.

The grammar has two halves: days (``day_words``) and the time of day. What is understood is a list
of days and a span of the day; whether anything is free then is not decided here.
"""

import re
from dataclasses import dataclass
from datetime import date, time

from booking.day_words import days_in
from core.numerals import plain_digits
from core.when import parse_time
from core.worktime import Worktime

MIDNIGHT = time(0)
_SOONEST = re.compile(
    r"最早|最快|尽快|尽早|越快越好|越早越好|最近(?:的|有|哪|什么)|随时|随便什么时候|什么时候(?:都|有空)"
    r"|哪天有空|有空就行|马上|as soon as possible|asap|earliest|soonest"
)
_PARTS = (
    (re.compile(r"[一1]早|早上|上午|早晨|morning"), (MIDNIGHT, time(12))),
    (re.compile(r"中午|noon"), (time(11, 30), time(14))),
    (re.compile(r"下午|午后|afternoon"), (time(12), time(18))),
    (re.compile(r"傍晚|晚上|下班后|evening"), (time(17, 30), None)),
)
_CLOCK = r"(?:上午|早上|中午|下午|晚上)?\s*\d{1,2}\s*(?::\s*\d{2}|[点时](?:半|\d{1,2}分?)?)"
_BETWEEN = re.compile(rf"({_CLOCK})\s*(?:到|至|-|~)\s*({_CLOCK})")
_FROM = re.compile(rf"({_CLOCK})\s*(?:以后|之后|后|起|开始)")
_UNTIL = re.compile(rf"({_CLOCK})\s*(?:以前|之前|前)")
_WEEKDAY = re.compile(r"((?:周|星期|礼拜)[一二三四五六日天])")  # 周三三点: 3, then 3 o'clock
_AFTERNOON = re.compile("下午|晚上|傍晚")


@dataclass(frozen=True)
class Wanted:
    """What somebody wants. days: in order; none for "as soon as possible".

    start, end: of the day, for consultations that begin from ``start`` on and before ``end``;
    exact: ``start`` is the very time.
    """

    days: tuple[date, ...] = ()
    start: time = MIDNIGHT
    end: time | None = None
    exact: bool = False

    @property
    def soonest(self) -> bool:
        """Whether no day was named, only haste."""
        return not self.days

    def suits(self, clock: time) -> bool:
        """Whether a consultation that begins then is what is wanted, as to the time of day."""
        if self.exact:
            return clock == self.start
        return self.start <= clock and (self.end is None or clock < self.end)


def wanted(text: str, today: date, worktime: Worktime) -> Wanted | None:
    """What the words ask for; None where they name no day and show no haste."""
    days = days_in(text, today, worktime)
    hasty = _SOONEST.search(text.lower()) is not None
    if not days and not hasty:
        return None
    start, end, exact = time_of_day(text)
    return Wanted(days, start, end, exact)


def time_of_day(text: str) -> tuple[time, time | None, bool]:
    """(start, end, exact): the whole day where nothing is said of it."""
    said = plain_digits(_WEEKDAY.sub(r"\1 ", text))
    if found := _BETWEEN.search(said):
        first = parse_time(found[1])
        later = parse_time(_as_late(found[1], found[2]))
        if first is not None and later is not None and first < later:
            return first, later, False
    if found := _FROM.search(said):
        return parse_time(found[1]) or MIDNIGHT, _end_of(found[1]), False
    if found := _UNTIL.search(said):
        return MIDNIGHT, parse_time(found[1]), False
    exact = parse_time(said)
    if exact is not None:
        return exact, None, True
    for part, (start, end) in _PARTS:
        if part.search(said):
            return start, end, False
    return MIDNIGHT, None, False


def _as_late(first: str, second: str) -> str:
    """下午2点到4点: the second is in the afternoon as well."""
    late = _AFTERNOON.search(first) and not re.match(r"上|早|中|下|晚", second)
    return f"下午{second}" if late else second


def _end_of(clock: str) -> time | None:
    """上午10点以后 ends with the morning."""
    return time(12) if re.match(r"上午|早上", clock) else None
