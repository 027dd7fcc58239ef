"""Days and times as people type them, on Monday 2026-11-23."""

from datetime import date, time

import pytest

from core.when import parse_day, parse_time

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("text", "month", "day"),
    [
        ("11月25日", 11, 25),
        ("11月25号", 11, 25),
        ("十一月二十五号", 11, 25),
        ("11-25", 11, 25),
        ("２５号", 11, 25),
        ("就25日吧", 11, 25),
        ("20号", 12, 20),
        ("今天", 11, 23),
        ("明天下午", 11, 24),
        ("后天", 11, 25),
        ("大后天", 11, 26),
        ("周三", 11, 25),
        ("星期天", 11, 29),
        ("礼拜一", 11, 23),
        ("下周三下午", 12, 2),
        ("下个星期五", 12, 4),
        ("11月1日", 11, 1),
        ("2026年12月1日", 12, 1),
        ("2026/12/1", 12, 1),
        ("昨天", 11, 22),
        ("大前天下午", 11, 20),
        ("上周三", 11, 18),
        ("上个月20号", 10, 20),
        ("26年12月1日", 12, 1),
        ("20261201", 12, 1),
        ("今年12月1日", 12, 1),
        ("tomorrow", 11, 24),
    ],
)
def test_days(text: str, month: int, day: int) -> None:
    assert parse_day(text, TODAY) == date(2026, month, day)


def test_a_month_long_gone_is_next_years() -> None:
    assert parse_day("1月5日", TODAY) == date(2027, 1, 5)
    assert parse_day("5号", date(2026, 12, 23)) == date(2027, 1, 5)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("11月20日", date(2026, 11, 20)),
        ("11月23日", date(2026, 11, 23)),
        ("11月25日", date(2025, 11, 25)),
        ("1月5日", date(2026, 1, 5)),
        ("25号", date(2026, 10, 25)),
        ("31号", date(2026, 10, 31)),
        ("周三", date(2026, 11, 18)),
        ("周一", date(2026, 11, 23)),
        ("2月29日", date(2024, 2, 29)),
        ("去年12月1日", date(2025, 12, 1)),
        ("1998-05-01", date(1998, 5, 1)),
        ("2027年1月5日", date(2027, 1, 5)),
        ("下周三", date(2026, 12, 2)),
    ],
)
def test_days_that_are_past(text: str, day: date) -> None:
    assert parse_day(text, TODAY, past=True) == day


@pytest.mark.parametrize(
    "text",
    [
        *("11月31日", "三十二号", "随便哪天", "", "138", "年费怎么交"),
        *("2026-02-30", "13月5日", "1898年5月1日", "1898-05-01", "5-11-2026", "202110123456.7"),
    ],
)
def test_no_days(text: str) -> None:
    assert parse_day(text, TODAY) is None
    assert parse_day(text, TODAY, past=True) is None


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("10:00", 10, 0),
        ("10：30", 10, 30),
        ("10点", 10, 0),
        ("上午十点", 10, 0),
        ("10点半", 10, 30),
        ("10点30分", 10, 30),
        ("下午2点", 14, 0),
        ("下午两点半", 14, 30),
        ("两点", 14, 0),
        ("14时", 14, 0),
        ("中午12点", 12, 0),
        ("明天上午9点", 9, 0),
        ("2pm", 14, 0),
    ],
)
def test_times(text: str, hour: int, minute: int) -> None:
    assert parse_time(text) == time(hour, minute)


@pytest.mark.parametrize("text", ["10", "25:00", "10点75分", "明天", "", "上午"])
def test_no_times(text: str) -> None:
    assert parse_time(text) is None
