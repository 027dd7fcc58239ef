"""Free times: the weekly rules, the working calendar, leave, what is taken."""

from datetime import date, datetime, time, timedelta

import pytest

from booking.availability import (
    Diary,
    Window,
    cells_of,
    free_days,
    free_on,
    nearest,
    offered_on,
)
from core.clock import at_local, local
from core.config import Booking, Config
from core.worktime import Worktime

WORKDAYS = tuple(
    (day, *span) for day in range(5) for span in ((time(9), time(12)), (time(13, 30), time(17, 30)))
)
DIARY = Diary(weekly=WORKDAYS)


def window(worktime: Worktime, now: datetime, **changes: int) -> Window:
    return Window.at(now, Booking(**changes), worktime)  # type: ignore[arg-type]


@pytest.fixture
def worktime(config: Config) -> Worktime:
    return config.calendar()


def shown(starts: list[datetime]) -> list[str]:
    return [f"{local(start):%H:%M}" for start in starts]


def test_several_spans_a_day_leave_lunch_free(worktime: Worktime) -> None:
    at = window(worktime, at_local(date(2026, 11, 23), 10))
    assert shown(offered_on(DIARY, date(2026, 11, 24), 60, at)) == [
        *("09:00", "09:30", "10:00", "10:30", "11:00"),
        *("13:30", "14:00", "14:30", "15:00", "15:30", "16:00", "16:30"),
    ]


def test_notice_and_horizon(worktime: Worktime) -> None:
    at = window(worktime, at_local(date(2026, 11, 23), 13, 31), horizon_days=2)
    assert shown(offered_on(DIARY, date(2026, 11, 23), 30, at)) == ["16:00", "16:30", "17:00"]
    assert free_days({1: DIARY}, 30, at) == [date(2026, 11, n) for n in (23, 24, 25)]
    assert offered_on(DIARY, date(2026, 11, 26), 30, at) == []


def test_a_rule_off_the_grid_starts_on_it(worktime: Worktime) -> None:
    diary = Diary(weekly=((1, time(9, 10), time(10, 40)),))
    at = window(worktime, at_local(date(2026, 11, 23), 10))
    assert shown(offered_on(diary, date(2026, 11, 24), 30, at)) == ["09:30", "10:00"]


def test_holidays_and_make_up_days(worktime: Worktime) -> None:
    """National Day 2026: the first of October is off, Saturday the tenth is worked."""
    at = window(worktime, at_local(date(2026, 9, 28), 8), horizon_days=30)
    assert worktime.is_workday(date(2026, 10, 10))
    assert offered_on(DIARY, date(2026, 10, 1), 30, at) == []
    assert offered_on(DIARY, date(2026, 10, 11), 30, at) == []
    friday = offered_on(DIARY, date(2026, 10, 9), 30, at)
    assert offered_on(DIARY, date(2026, 10, 10), 30, at) == [
        start + timedelta(days=1) for start in friday
    ]
    own = Diary(weekly=(*WORKDAYS, (5, time(9), time(9, 30))))
    assert shown(offered_on(own, date(2026, 10, 10), 30, at)) == ["09:00"]
    assert offered_on(own, date(2026, 10, 17), 30, at) == []


def test_an_advisor_who_has_fridays_off_has_the_make_up_saturday_off(worktime: Worktime) -> None:
    at = window(worktime, at_local(date(2026, 9, 28), 8), horizon_days=30)
    diary = Diary(weekly=tuple(rule for rule in WORKDAYS if rule[0] != 4))
    assert offered_on(diary, date(2026, 10, 10), 30, at) == []


def test_leave_and_what_is_taken(worktime: Worktime) -> None:
    day = date(2026, 11, 24)
    at = window(worktime, at_local(date(2026, 11, 23), 10))
    diary = Diary(
        weekly=((1, time(9), time(12)),),
        away=((at_local(day, 11, 15), at_local(day, 18)),),
        occupied=frozenset(cells_of(at_local(day, 10), 30)),
    )
    assert shown(offered_on(diary, day, 30, at)) == ["09:00", "09:30", "10:00", "10:30"]
    assert shown(free_on(diary, day, 30, at)) == ["09:00", "09:30", "10:30"]
    assert shown(free_on(diary, day, 60, at)) == ["09:00"]


def test_the_nearest_free_times_come_in_order(worktime: Worktime) -> None:
    day = date(2026, 11, 24)
    at = window(worktime, at_local(date(2026, 11, 23), 10))
    taken = frozenset(cells_of(at_local(day, 10), 60))
    found = nearest({1: Diary(WORKDAYS, (), taken)}, at_local(day, 10), 30, at)
    assert shown(found) == ["09:00", "09:30", "11:00"]


def test_cells_cover_the_whole_length() -> None:
    start = at_local(date(2026, 11, 24), 10)
    assert cells_of(start, 60) == tuple(start + timedelta(minutes=n) for n in (0, 15, 30, 45))
