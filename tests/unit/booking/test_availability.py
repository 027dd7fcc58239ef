"""Free times: the weekly rules, the working calendar, leave, what is taken."""

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest

from booking.availability import (
    Diary,
    Window,
    free_days,
    free_on,
    hours_of,
    nearest,
    offered_on,
)
from core.clock import at_local, local
from core.config import Booking, Config
from core.worktime import Worktime

Weekly = tuple[tuple[int, time, time], ...]
WORKDAYS: Weekly = tuple(
    (day, *span) for day in range(5) for span in ((time(9), time(12)), (time(13, 30), time(17, 30)))
)


def diary(at: Window, weekly: Weekly = WORKDAYS, **changes: Any) -> Diary:
    return Diary(hours=hours_of(weekly, {}, at), **changes)


def window(worktime: Worktime, now: datetime, **changes: int) -> Window:
    return Window.at(now, Booking(**changes), worktime)  # type: ignore[arg-type]


@pytest.fixture
def worktime(config: Config) -> Worktime:
    return config.calendar()


def shown(starts: list[datetime]) -> list[str]:
    return [f"{local(start):%H:%M}" for start in starts]


def test_several_spans_a_day_leave_lunch_free(worktime: Worktime) -> None:
    at = window(worktime, at_local(date(2026, 11, 23), 10))
    assert shown(offered_on(diary(at), date(2026, 11, 24), 60, at)) == [
        *("09:00", "09:30", "10:00", "10:30", "11:00"),
        *("13:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30"),
    ]


def test_notice_and_horizon(worktime: Worktime) -> None:
    at = window(worktime, at_local(date(2026, 11, 23), 13, 31), horizon_days=2)
    assert shown(offered_on(diary(at), date(2026, 11, 23), 30, at)) == ["16:00", "16:30", "17:00"]
    assert free_days({1: diary(at)}, 30, at) == [date(2026, 11, n) for n in (23, 24, 25)]
    assert offered_on(diary(at), date(2026, 11, 26), 30, at) == []


def test_a_rule_off_the_grid_starts_on_it(worktime: Worktime) -> None:
    at = window(worktime, at_local(date(2026, 11, 23), 10))
    odd = diary(at, ((1, time(9, 10), time(10, 40)),))
    assert shown(offered_on(odd, date(2026, 11, 24), 30, at)) == ["09:30", "10:00"]


def test_holidays_and_make_up_days(worktime: Worktime) -> None:
    """National Day 2026: the first of October is off, Saturday the tenth is worked."""
    at = window(worktime, at_local(date(2026, 9, 28), 8), horizon_days=30)
    assert worktime.is_workday(date(2026, 10, 10))
    assert offered_on(diary(at), date(2026, 10, 1), 30, at) == []
    assert offered_on(diary(at), date(2026, 10, 11), 30, at) == []
    friday = offered_on(diary(at), date(2026, 10, 9), 30, at)
    assert offered_on(diary(at), date(2026, 10, 10), 30, at) == [
        start + timedelta(days=1) for start in friday
    ]
    own = diary(at, (*WORKDAYS, (5, time(9), time(9, 30))))
    assert shown(offered_on(own, date(2026, 10, 10), 30, at)) == ["09:00"]
    assert offered_on(own, date(2026, 10, 17), 30, at) == []


def test_an_advisor_who_has_fridays_off_has_the_make_up_saturday_off(worktime: Worktime) -> None:
    at = window(worktime, at_local(date(2026, 9, 28), 8), horizon_days=30)
    four_days = diary(at, tuple(rule for rule in WORKDAYS if rule[0] != 4))
    assert offered_on(four_days, date(2026, 10, 10), 30, at) == []


def test_leave_and_what_is_taken(worktime: Worktime) -> None:
    day = date(2026, 11, 24)
    at = window(worktime, at_local(date(2026, 11, 23), 10))
    busy = diary(
        at,
        ((1, time(9), time(12)),),
        away=at.span(at_local(day, 11, 20), at_local(day, 18)),
        taken=(at.span(at_local(day, 10), at_local(day, 10, 30)),),
    )
    assert shown(offered_on(busy, day, 30, at)) == ["09:00", "09:30", "10:00", "10:30"]
    assert shown(free_on(busy, day, 30, at)) == ["09:00", "09:30", "10:30"]
    assert shown(free_on(busy, day, 60, at)) == ["09:00"]


def test_the_nearest_free_times_come_in_order(worktime: Worktime) -> None:
    day = date(2026, 11, 24)
    at = window(worktime, at_local(date(2026, 11, 23), 10))
    taken = at.span(at_local(day, 10), at_local(day, 11))
    found = nearest({1: diary(at, taken=(taken,))}, at_local(day, 10), 30, at)
    assert shown(found) == ["09:00", "09:30", "11:00"]
