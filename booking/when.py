"""Days and times as people type them: 11月25日, 25号, 明天, 下周三, 上午10点, 下午两点半, 14:30."""

import re
import unicodedata
from datetime import date, time, timedelta

_NUMERAL = re.compile(r"[零〇一二两三四五六七八九十]+")
_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_RELATIVE = (("大后天", 3), ("后天", 2), ("明天", 1), ("明日", 1), ("今天", 0), ("今日", 0))
_ENGLISH = (("tomorrow", 1), ("today", 0))
_WEEKDAY = re.compile(r"(下下|下|这|本)?个?(?:周|星期|礼拜)([1-7日天])")
_FULL = re.compile(r"(20\d\d)\s*[年/.-]\s*(\d{1,2})\s*[月/.-]\s*(\d{1,2})")
_MONTH_DAY = re.compile(r"(?<!\d)(\d{1,2})\s*[月/.-]\s*(\d{1,2})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})\s*[号日]")
_TIME = re.compile(
    r"(上午|早上|早|中午|下午|傍晚|晚上|晚)?\s*(?<!\d)(\d{1,2})"
    r"\s*(?::\s*(\d{2})|[点时]\s*(?:(半)|(\d{1,2})\s*分?)?)?\s*(am|pm)?"
)
_MOSTLY_PAST = timedelta(days=180)  # 11月1日 said in late November is past, not next year's
_AFTERNOON = ("下午", "傍晚", "晚上", "晚", "pm")
_OFFICE_OPENS = 8  # "2点" at a service window is the afternoon


def parse_day(text: str, today: date) -> date | None:
    """The day a person means, perhaps a past one; None where the text names none."""
    text = _plain(text)
    for word, days in (*_RELATIVE, *_ENGLISH):
        if word in text:
            return today + timedelta(days=days)
    if found := _WEEKDAY.search(text):
        return _weekday(found[1], found[2], today)
    if found := _FULL.search(text):
        return _date(*map(int, found.groups()))
    if found := _MONTH_DAY.search(text):
        return _this_year(int(found[1]), int(found[2]), today)
    if found := _DAY.search(text):
        return _this_month(int(found[1]), today)
    return None


def parse_time(text: str) -> time | None:
    """The time of day a person means; None where the text names none. A bare number is none."""
    for found in _TIME.finditer(_plain(text)):
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


def _plain(text: str) -> str:
    """Half-width, lower case, Chinese numerals as digits."""
    return _NUMERAL.sub(_number, unicodedata.normalize("NFKC", text).lower())


def _number(found: re.Match[str]) -> str:
    before, ten, after = found[0].partition("十")
    if not ten:
        return "".join(str(_DIGITS[char]) for char in before)
    if len(before) > 1 or len(after) > 1:
        return found[0]
    return str((_DIGITS[before] if before else 1) * 10 + (_DIGITS[after] if after else 0))


def _weekday(week: str | None, named: str, today: date) -> date:
    number = 6 if named in "7日天" else int(named) - 1
    if week is None:
        return today + timedelta(days=(number - today.weekday()) % 7)
    weeks = {"下下": 2, "下": 1}.get(week, 0)
    return today + timedelta(days=number - today.weekday() + 7 * weeks)


def _this_year(month: int, day: int, today: date) -> date | None:
    found = _date(today.year, month, day)
    if found is not None and today - found > _MOSTLY_PAST:
        return _date(today.year + 1, month, day)
    return found


def _this_month(day: int, today: date) -> date | None:
    if day >= today.day:
        return _date(today.year, today.month, day)
    return _date(today.year + today.month // 12, today.month % 12 + 1, day)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
