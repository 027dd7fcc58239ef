"""Counting periods: the start day is not counted; months end on the corresponding day.

Sources: 专利法实施细则第五条, 商标法实施条例第十二条, 民法典第二百零一条 to 第二百零三条,
民事诉讼法第八十五条. Which periods move past rest days is for the caller to say.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from core.worktime import Worktime

HALF_MONTH = 15


def add(start: date, value: int, unit: str, worktime: Worktime) -> date:
    """The day on which a period ends that began on ``start`` (not counted).

    unit: 日, 工作日, 半月, 月 or 年. A negative value counts backwards. Raises ValueError for
    another unit, and for a day beyond the calendar.
    """
    if unit == "日":
        return _checked(start, value)
    if unit == "工作日":
        return add_workdays(start, value, worktime)
    if unit == "月":
        return add_months(start, value)
    if unit == "年":
        return add_months(start, 12 * value)
    if unit == "半月":
        sign = 1 if value >= 0 else -1
        whole, half = divmod(abs(value), 2)
        return add_months(start, sign * whole) + timedelta(days=sign * half * HALF_MONTH)
    raise ValueError(f"{unit!r} is not a unit of time")


def last_of(start: date, value: int, unit: str, worktime: Worktime) -> date:
    """The last day of a right that lasts so long and whose first day is ``start`` (counted).

    The day before the corresponding day, else (29 February) that month's last day.
    """
    anniversary = add(start, value, unit, worktime)
    return anniversary if anniversary.day < start.day else anniversary - timedelta(days=1)


def add_months(start: date, months: int) -> date:
    """The corresponding day of a later (or earlier) month, else that month's last day."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise ValueError("beyond the calendar")
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def add_workdays(start: date, days: int, worktime: Worktime) -> date:
    """The n-th working day after (negative: before) ``start``."""
    step = timedelta(days=1 if days >= 0 else -1)
    found = start
    for _ in range(abs(days)):
        found += step
        while not worktime.is_workday(found):
            found += step
    return found


def weekday_after(day: date, worktime: Worktime) -> date:
    """``day`` itself if it is worked and no Saturday or Sunday, else the next such day.

    专利审查指南（2025年修改）第五部分第七章2.3: a period whose first working day after a holiday is
    a weekly rest day (worked to make up) ends on the Monday.
    """
    while day.weekday() > 4 or not worktime.is_workday(day):
        day += timedelta(days=1)
    return day


def _checked(start: date, days: int) -> date:
    try:
        return start + timedelta(days=days)
    except OverflowError:
        raise ValueError("beyond the calendar") from None
