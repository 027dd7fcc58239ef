"""Days and times as people type them: 11月25日, 25号, 昨天, 下周三, 上午10点, 下午两点半, 14:30."""

import re
from collections.abc import Iterable
from datetime import date, time, timedelta

from core.numerals import plain_digits

_RELATIVE = (
    *(("大后天", 3), ("后天", 2), ("明天", 1), ("明日", 1), ("今天", 0), ("今日", 0)),
    *(("昨天", -1), ("昨日", -1), ("大前天", -3), ("前天", -2)),
    *(("tomorrow", 1), ("today", 0), ("yesterday", -1)),
)
_WEEKDAY = re.compile(r"(下下|下|这|本|上上|上)?个?(?:周|星期|礼拜)([1-7日天])")
_WEEKS = {"下下": 2, "下": 1, "上": -1, "上上": -2}
_YEARS = {"前年": -2, "去年": -1, "今年": 0, "明年": 1}
_YEAR = r"(?<!\d)(?:19|20|21)\d\d"
_FULL = re.compile(
    rf"({_YEAR}|(?<!\d)\d\d(?=年)|前年|去年|今年|明年)"
    r"\s*[年/.-]?\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})(?!\d)"
)
_COMPACT = re.compile(rf"({_YEAR})(\d\d)(\d\d)(?!\d)")
_MONTH_DAY = re.compile(r"(?<![\d年/.-])(\d{1,2})\s*[月/.-]\s*(\d{1,2})(?!\d|[/.-]\d)")
_MONTHS = {"上": -1, "这": 0, "本": 0, "下": 1}
_OTHER_MONTH = re.compile(r"([上这本下])个?月\s*(\d{1,2})\s*[号日]")
_DAY = re.compile(r"(?<![\d月/.-])(\d{1,2})\s*[号日]")
_TIME = re.compile(
    r"(上午|早上|早|中午|下午|傍晚|晚上|晚)?\s*(?<!\d)(\d{1,2})"
    r"\s*(?::\s*(\d{2})|[点时]\s*(?:(半)|(\d{1,2})\s*分?)?)?\s*(am|pm)?"
)
_MOSTLY_PAST = timedelta(days=180)  # 11月1日 said in late November is past, not next year's
_LAST_CENTURY = 79  # 85年 is 1985, 26年 is 2026
_LEAP = 9  # years back in which a 29 February is found for certain
_AFTERNOON = ("下午", "傍晚", "晚上", "晚", "pm")
_OFFICE_OPENS = 8  # "2点" at a service window is the afternoon


def parse_day(text: str, today: date, *, past: bool = False) -> date | None:
    """The day a person means; None where the text names none, or one that does not exist.

    What a day without its year or month means: one to come, though a month gone for less than
    half a year is this year's; with ``past`` always the latest such day up to ``today``.
    """
    text = plain_digits(text)
    for word, days in _RELATIVE:
        if word in text:
            return today + timedelta(days=days)
    if found := _WEEKDAY.search(text):
        return _weekday(found[1], found[2], today, past)
    if found := _FULL.search(text) or _COMPACT.search(text):
        return _date(_year(found[1], today), int(found[2]), int(found[3]))
    if found := _OTHER_MONTH.search(text):
        return _in_month(today, _MONTHS[found[1]], int(found[2]))
    if found := _MONTH_DAY.search(text):
        return _of_year(int(found[1]), int(found[2]), today, past)
    found = _DAY.search(text)
    return _of_month(int(found[1]), today, past) if found else None


def parse_time(text: str) -> time | None:
    """The time of day a person means; None where the text names none. A bare number is none."""
    for found in _TIME.finditer(plain_digits(text)):
        part, hour, minute, half, minutes, meridiem = found.groups()
        marked = any(mark in found[0] for mark in ":点时") or meridiem
        if not marked:
            continue
        hours = int(hour)
        late = part in _AFTERNOON or meridiem == "pm"
        unsaid = part is None and meridiem is None and hours < _OFFICE_OPENS
        if (late or unsaid) and 0 < hours < 12:
            hours += 12
        try:
            return time(hours, 30 if half else int(minute or minutes or 0))
        except ValueError:
            return None
    return None


def _weekday(week: str | None, named: str, today: date, past: bool) -> date:
    number = 6 if named in "7日天" else int(named) - 1
    if week is None and past:
        return today - timedelta(days=(today.weekday() - number) % 7)
    if week is None:
        return today + timedelta(days=(number - today.weekday()) % 7)
    return today + timedelta(days=number - today.weekday() + 7 * _WEEKS.get(week, 0))


def _year(said: str, today: date) -> int:
    if said in _YEARS:
        return today.year + _YEARS[said]
    century = 0 if len(said) > 2 else 1900 if int(said) > _LAST_CENTURY else 2000
    return century + int(said)


def _of_year(month: int, day: int, today: date, past: bool) -> date | None:
    if past:
        return _latest((_date(today.year - back, month, day) for back in range(_LEAP)), today)
    found = _date(today.year, month, day)
    if found is not None and today - found > _MOSTLY_PAST:
        return _date(today.year + 1, month, day)
    return found


def _of_month(day: int, today: date, past: bool) -> date | None:
    if past:
        return _latest((_in_month(today, -back, day) for back in range(3)), today)
    return _in_month(today, 0 if day >= today.day else 1, day)


def _in_month(today: date, months: int, day: int) -> date | None:
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    return _date(year, month + 1, day)


def _latest(days: Iterable[date | None], today: date) -> date | None:
    return next((day for day in days if day is not None and day <= today), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
