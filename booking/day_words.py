"""Days as people name them when they want to come; holidays and 调休 by the working calendar.

"Before" (前) a day includes it, "after" (后) begins the day after, "from … on" (起) on the day.
"""

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from core.numerals import plain_digits
from core.when import parse_day
from core.worktime import Worktime, festival

FAR = 62  # nobody books further ahead than that
ONE = timedelta(days=1)
_FESTIVALS = {
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "过年": "Spring Festival",
    "清明": "Tomb-sweeping Day",
    "劳动节": "Labour Day",
    "五一": "Labour Day",
    "端午": "Dragon Boat Festival",
    "中秋": "Mid-autumn Festival",
    "国庆": "National Day",
    "十一": "National Day",
}
_NAMES = "|".join(_FESTIVALS)
_HOLIDAY = re.compile(
    rf"(?P<name>{_NAMES}|放假|长假|假期|小长假|过节|节|假)(?:节|假期|长假|放假)?"
    r"(?!\s*[月号日点])\s*(?P<side>前|以前|之前|后|以后|之后|回来|完)"
    r"(?:的?(?P<which>第[一二三1-3]|最后一|头一|首)(?P<unit>[天日周]|个工作日|个上班日))?"
)
_ORDINAL = {"第一": 1, "头一": 1, "首": 1, "第二": 2, "第三": 3, "第1": 1, "第2": 2, "第3": 3}
_WITHIN = re.compile(
    r"(\d+|几|半)\s*(个工作日|天|日|周|个星期|个礼拜|个月|月)\s*(?:之内|以内|内|里)"
)
_IN_DAYS = re.compile(
    r"(?:过|再过)\s*(\d+|几)\s*(天|周|个星期|个工作日)|(\d+)\s*(天|周|个星期|个工作日)(?:以后|之后|后)"
)
_THESE = re.compile(r"(?:这|近|最近)(?:的)?(\d+|几)天")
_WORKDAY = re.compile(r"(?:下|第)?(?:一|1)?个?(?:工作日|上班日)")
_WEEK = re.compile(r"(下下|下|这|本)个?(?:周|星期|礼拜)(?![1-7日天])(初|中|末|底|内|以内)?")
_WEEKEND = re.compile(r"(?<![下这本])周末")
_MONTH = re.compile(r"(下|这|本)个?月(?!\s*\d)(初|中旬|中|上旬|下旬|底|末)?")
_PART = re.compile(r"月(初|中旬|中|上旬|下旬|底|末)")
_YEAR_END = re.compile(r"年(?:底|末)")
_MONTH_PARTS = {
    "初": (1, 5),
    "上旬": (1, 10),
    "中": (11, 20),
    "中旬": (11, 20),
    "下旬": (21, 31),
    "底": (25, 31),
    "末": (25, 31),
}
_RANGE = re.compile(r"(.{1,10}?)\s*(?:到|至|~|—)\s*(.{1,10})")
_EITHER = re.compile(r"(.{1,10}?)\s*(?:或者?|、|和)\s*(.{1,10})")
_DAY_WORD = re.compile(r"[周天号日月期拜]|\d[./-]\d")
_BEFORE = re.compile(r"(?:以前|之前|前)")
_AFTER = re.compile(r"(?:以后|之后|后(?!天))")
_ONWARD = re.compile(r"起|开始|往后")

Days = tuple[date, ...]
Rule = Callable[[str, date, Worktime], "Days | None"]


def days_in(text: str, today: date, worktime: Worktime) -> Days:
    """The days that the words name, in order; none where they name none.

    A day that is past is given as it is: who reads it says so.
    """
    said = re.sub(r"\s", "", text)
    for rule in RULES:
        found = rule(said, today, worktime)
        if found is not None:
            return found[:FAR]
    return ()


def _holiday(text: str, today: date, worktime: Worktime) -> Days | None:
    """节后第一天, 国庆前, 春节后: by the next rest days that are no plain weekend."""
    found = _HOLIDAY.search(text)
    if found is None:
        return None
    name = _FESTIVALS.get(found["name"])
    block = _block(today, name, worktime)
    if block is None:
        return ()
    if "前" in found["side"]:
        last = _workdays(block[0], -1, worktime)
        if found["which"]:
            nth = 1 if "最后" in found["which"] else _ORDINAL[found["which"]]
            return (last[-nth],) if last[-nth] >= today else ()
        return _span(today, last[-1])
    after = _workdays(block[1], 1, worktime)
    if found["which"] is None or "周" in (found["unit"] or ""):
        return after
    return (after[_ORDINAL.get(found["which"], 1) - 1],)


def _block(today: date, name: str | None, worktime: Worktime) -> tuple[date, date] | None:
    """The first and the last rest day of the holiday under way or next; ``name``: of that one."""
    for day in _span(today, today + timedelta(days=366)):
        rest = not worktime.is_workday(day)
        if not rest or (name and festival(day) != name) or (not name and not _special(day)):
            continue
        first = last = day
        while not worktime.is_workday(first - ONE):
            first -= ONE
        while not worktime.is_workday(last + ONE):
            last += ONE
        return first, last
    return None


def _special(day: date) -> bool:
    """A rest day that is no plain weekend's."""
    return festival(day) is not None or day.weekday() < 5


def _workdays(edge: date, step: int, worktime: Worktime) -> Days:
    """The five working days before or after ``edge``, in order."""
    found: list[date] = []
    day = edge
    while len(found) < 5:
        day += step * ONE
        if worktime.is_workday(day):
            found.append(day)
    return tuple(sorted(found))


def _counted(text: str, today: date, worktime: Worktime) -> Days | None:
    """3天后, 两周内, 两个工作日内, 这几天, 下个工作日."""
    said = plain_digits(text)
    if found := _WITHIN.search(said.replace("半个月", "15天")):
        return _within(found[1], found[2], today, worktime)
    if found := _IN_DAYS.search(said):
        count, unit = found[1] or found[3], found[2] or found[4]
        if count == "几":
            return _span(today + 3 * ONE, today + 7 * ONE)
        return _after(int(count), unit, today, worktime)
    if found := _THESE.search(said):
        return _span(today, today + (4 if found[1] == "几" else int(found[1])) * ONE)
    if _WORKDAY.search(text):
        return (worktime.next_workday(today + ONE),)
    return None


def _within(count: str, unit: str, today: date, worktime: Worktime) -> Days:
    number = 4 if count == "几" else int(count)
    if "工作日" in unit:
        return _next_workdays(number, today, worktime)
    days = number * (7 if unit[-1] in "周期拜" else 30 if unit.endswith("月") else 1)
    return _span(today, today + days * ONE)


def _after(count: int, unit: str, today: date, worktime: Worktime) -> Days:
    if "工作日" in unit:
        return _next_workdays(count, today, worktime)[-1:]
    day = today + count * (7 if unit[-1] in "周期" else 1) * ONE
    return (day,)


def _next_workdays(count: int, today: date, worktime: Worktime) -> Days:
    found: list[date] = []
    day = today
    while len(found) < min(count, FAR):
        day = worktime.next_workday(day + ONE)
        found.append(day)
    return tuple(found)


def _either(text: str, today: date, worktime: Worktime) -> Days | None:
    """周三或周四: both must name a day of their own."""
    found = _EITHER.search(text)
    if found is None or not (_DAY_WORD.search(found[1]) and _DAY_WORD.search(found[2])):
        return None
    both = days_in(found[1], today, worktime) + days_in(found[2], today, worktime)
    return tuple(sorted(set(both))) if len(both) > 1 else None


def _between(text: str, today: date, worktime: Worktime) -> Days | None:
    """周三到周五, 10号到15号."""
    found = _RANGE.search(text)
    if found is None:
        return None
    first, last = parse_day(found[1], today), parse_day(found[2], today)
    if first is None or last is None:
        return None
    if last < first and "下" in found[1] and "下" not in found[2]:
        last += 7 * ONE  # 下周1到周3
    return _span(first, last) if first <= last else None


def _edges(text: str, today: date, worktime: Worktime) -> Days | None:
    """周五前, 10号以后, 下周一起."""
    day = parse_day(text, today)
    if day is None:
        return None
    rest = re.sub(r"\d{1,2}(?::\d\d|点半?)(?:以|之)?[前后]", "", plain_digits(text))
    if _BEFORE.search(rest.replace("前天", "")):
        return _span(today, day)
    if _AFTER.search(rest):
        return _span(day + ONE, day + 14 * ONE)
    if _ONWARD.search(rest):
        return _span(day, day + 13 * ONE)
    return (day,)


def _weeks(text: str, today: date, worktime: Worktime) -> Days | None:
    """下周, 这周内, 下周初, 周末."""
    said = plain_digits(text)
    if found := _WEEK.search(said):
        ahead = {"下": 1, "下下": 2}.get(found[1], 0)
        monday = today - timedelta(days=today.weekday()) + 7 * ahead * ONE
        first, last = {"初": (0, 1), "中": (2, 2), "末": (5, 6), "底": (3, 4)}.get(
            found[2] or "", (0, 6)
        )
        return _span(max(monday + first * ONE, today), monday + last * ONE)
    if _WEEKEND.search(said):
        saturday = today + ((5 - today.weekday()) % 7) * ONE
        saturday = today - ONE if today.weekday() == 6 else saturday
        return _span(max(saturday, today), saturday + ONE)
    return None


def _months(text: str, today: date, worktime: Worktime) -> Days | None:
    """月底前, 下月初, 这个月, 年底前."""
    if _YEAR_END.search(text):
        return _span(today, date(today.year, 12, 31))
    found, part = _MONTH.search(text), _PART.search(text)
    if found is None and part is None:
        return None
    named = (found[2] if found else None) or (part[1] if part else None)
    ahead = 1 if found is not None and found[1] == "下" else 0
    first, last = _part_of_month(today, ahead, named)
    if last < today and found is None:
        first, last = _part_of_month(today, 1, named)  # 月初, said on the 20th
    if re.search(r"(?:底|末|旬|初|月中|个月)(?:以|之)?前", text):
        first = today
    return _span(max(first, today), last)


def _part_of_month(today: date, ahead: int, part: str | None) -> tuple[date, date]:
    begin = _first_of(today, ahead)
    end = _first_of(today, ahead + 1) - ONE
    first, last = _MONTH_PARTS.get(part or "", (1, 31))
    return begin + (first - 1) * ONE, min(begin + (last - 1) * ONE, end)


def _first_of(day: date, ahead: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + ahead, 12)
    return date(year, month + 1, 1)


def _span(first: date, last: date) -> Days:
    return tuple(_each(first, last))


def _each(first: date, last: date) -> Iterable[date]:
    while first <= last:
        yield first
        first += ONE


RULES: tuple[Rule, ...] = (
    *(_holiday, _counted, _between, _either),
    *(_weeks, _months, _edges),
)
