"""Working time: lunch, weekends, public holidays and make-up days (调休)."""

from datetime import date, time

import pytest

from core.clock import at_local
from core.worktime import Worktime, parse_spans

OFFICE = Worktime(parse_spans(["09:00-12:00", "13:30-17:30"]))


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 11, 23), True),  # Monday
        (date(2026, 11, 22), False),  # Sunday
        (date(2026, 10, 1), False),  # National Day, a Thursday
        (date(2026, 10, 10), True),  # a Saturday worked to make up for the National Day week
        (date(2026, 9, 20), True),  # a Sunday worked to make up
    ],
)
def test_workdays_follow_the_state_council(day: date, open_: bool) -> None:
    assert OFFICE.is_workday(day) is open_


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2027, 1, 1), False),
        (date(2027, 1, 4), True),
        (date(2027, 2, 5), False),  # New Year's Eve by the moon
        (date(2027, 2, 8), False),
        (date(2027, 2, 9), True),  # whether in lieu of the Saturday before is not known yet
        (date(2027, 4, 5), False),
        (date(2027, 6, 9), False),
        (date(2027, 9, 15), False),
        (date(2027, 10, 1), False),
        (date(2027, 11, 1), True),
    ],
)
def test_holidays_by_law_need_no_notice(day: date, open_: bool) -> None:
    assert OFFICE.is_workday(day) is open_


def test_a_year_the_library_lacks_is_reported_and_can_be_filled() -> None:
    assert OFFICE.gaps([2026, 2031]) == [2031]
    filled = Worktime(
        OFFICE.spans,
        holidays=frozenset({date(2031, 1, 1)}),
        workdays=frozenset({date(2031, 1, 4)}),
    )
    assert filled.gaps([2031]) == []
    assert not filled.is_workday(date(2031, 1, 1))
    assert filled.is_workday(date(2031, 1, 4))  # a Saturday


def test_minutes_of_work_skip_lunch_nights_and_weekends() -> None:
    friday = date(2026, 11, 20)
    assert OFFICE.after_minutes(at_local(friday, 11, 45), 30) == at_local(friday, 13, 45)
    assert OFFICE.after_minutes(at_local(friday, 17, 15), 30) == at_local(date(2026, 11, 23), 9, 15)
    assert OFFICE.after_minutes(at_local(date(2026, 11, 21), 3), 30) == at_local(
        date(2026, 11, 23), 9, 30
    )


def test_due_days_count_the_day_of_asking_only_while_it_is_worked() -> None:
    monday = date(2026, 11, 23)
    assert OFFICE.due_in_days(at_local(monday, 10), 1) == at_local(monday, 17, 30)
    assert OFFICE.due_in_days(at_local(monday, 18), 1) == at_local(date(2026, 11, 24), 17, 30)
    assert OFFICE.due_in_days(at_local(date(2026, 11, 20), 10), 2) == at_local(monday, 17, 30)


def test_open_hours_exclude_lunch() -> None:
    day = date(2026, 11, 23)
    assert OFFICE.is_open(at_local(day, 9))
    assert not OFFICE.is_open(at_local(day, 12))
    assert not OFFICE.is_open(at_local(day, 17, 30))


def test_a_span_must_end_after_it_starts() -> None:
    assert parse_spans(["09:00-12:00"]) == ((time(9), time(12)),)
    with pytest.raises(ValueError, match="ends before"):
        parse_spans(["12:00-09:00"])
