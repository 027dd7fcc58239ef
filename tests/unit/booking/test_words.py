"""When somebody wants to come, in their own words.

Today is Monday 2026-11-23 unless the phrase says otherwise; 调休 and holidays as of 2026.
"""

from datetime import date, time, timedelta

import pytest

from booking.words import MIDNIGHT, Wanted, wanted
from core.worktime import Worktime, parse_spans

WORKTIME = Worktime(spans=parse_spans(["09:00-12:00", "13:30-17:30"]))
MONDAY = date(2026, 11, 23)
MORNING, AFTERNOON = (MIDNIGHT, time(12)), (time(12), time(18))
ALL_DAY = (MIDNIGHT, None)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def span(first: str, last: str) -> tuple[date, ...]:
    start, end = day(first), day(last)
    return tuple(start + timedelta(days=n) for n in range((end - start).days + 1))


@pytest.mark.parametrize(
    ("text", "on", "part"),
    [
        ("下周三下午", "12-02", AFTERNOON),
        ("我想约下周三下午谈商标", "12-02", AFTERNOON),
        ("下个星期五上午", "12-04", MORNING),
        ("明天", "11-24", ALL_DAY),
        ("明天下午", "11-24", AFTERNOON),
        ("明儿上午行吗，明天", "11-24", MORNING),
        ("后天一早", "11-25", MORNING),
        ("大后天中午", "11-26", (time(11, 30), time(14))),
        ("周四晚上", "11-26", (time(17, 30), None)),
        ("11月25日", "11-25", ALL_DAY),
        ("25号下午", "11-25", AFTERNOON),
        ("就二十五号吧", "11-25", ALL_DAY),
        ("12月1号上午", "12-01", MORNING),
        ("三天后", "11-26", ALL_DAY),
        ("过两天", "11-25", ALL_DAY),
        ("再过两天下午", "11-25", AFTERNOON),
        ("一周后", "11-30", ALL_DAY),
        ("两周以后", "12-07", ALL_DAY),
        ("两个工作日后", "11-25", ALL_DAY),
        ("下一个工作日", "11-24", ALL_DAY),
        ("下个工作日上午", "11-24", MORNING),
        ("tomorrow morning", "11-24", MORNING),
        ("昨天", "11-22", ALL_DAY),
        ("下周三三点以后", "12-02", (time(15), None)),
        ("明天下午3点之后", "11-24", (time(15), None)),
        ("明天上午10点以后", "11-24", (time(10), time(12))),
        ("后天11点以前", "11-25", (MIDNIGHT, time(11))),
        ("周五下午两点到四点", "11-27", (time(14), time(16))),
        ("周五10点到11点半", "11-27", (time(10), time(11, 30))),
    ],
)
def test_one_day(text: str, on: str, part: tuple[time, time | None]) -> None:
    assert wanted(text, MONDAY, WORKTIME) == Wanted((day(on),), *part)


@pytest.mark.parametrize(
    ("text", "on", "at"),
    [
        ("明天上午十点", "11-24", time(10)),
        ("明天上午10点半", "11-24", time(10, 30)),
        ("下周三下午两点", "12-02", time(14)),
        ("后天14:30", "11-25", time(14, 30)),
        ("周五三点", "11-27", time(15)),
        ("11月25日 9:00", "11-25", time(9)),
        ("tomorrow 2pm", "11-24", time(14)),
    ],
)
def test_a_very_time(text: str, on: str, at: time) -> None:
    assert wanted(text, MONDAY, WORKTIME) == Wanted((day(on),), at, exact=True)


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("月底前", "11-23", "11-30"),
        ("月底之前", "11-23", "11-30"),
        ("月底", "11-25", "11-30"),
        ("月初", "12-01", "12-05"),
        ("下月初", "12-01", "12-05"),
        ("下个月中旬", "12-11", "12-20"),
        ("下个月", "12-01", "12-31"),
        ("这个月内", "11-23", "11-30"),
        ("本月下旬", "11-23", "11-30"),
        ("年底前", "11-23", "12-31"),
        ("下周", "11-30", "12-06"),
        ("下周初", "11-30", "12-01"),
        ("下周末", "12-05", "12-06"),
        ("下下周", "12-07", "12-13"),
        ("这周", "11-23", "11-29"),
        ("本周内", "11-23", "11-29"),
        ("周末", "11-28", "11-29"),
        ("周五前", "11-23", "11-27"),
        ("下周三之前", "11-23", "12-02"),
        ("25号以后", "11-26", "12-09"),
        ("下周一起", "11-30", "12-13"),
        ("周三到周五", "11-25", "11-27"),
        ("下周一到周三", "11-30", "12-02"),
        ("25号到27号", "11-25", "11-27"),
        ("12月1日至12月3日", "12-01", "12-03"),
        ("三天内", "11-23", "11-26"),
        ("一周之内", "11-23", "11-30"),
        ("半个月内", "11-23", "12-08"),
        ("这几天", "11-23", "11-27"),
        ("过几天", "11-26", "11-30"),
    ],
)
def test_several_days(text: str, first: str, last: str) -> None:
    found = wanted(text, MONDAY, WORKTIME)
    assert found is not None
    assert found.days == span(first, last)
    assert not found.exact


def test_days_apart_from_each_other() -> None:
    found = wanted("下周二或者下周四上午", MONDAY, WORKTIME)
    assert found == Wanted((day("12-01"), day("12-03")), *MORNING)
    assert wanted("两个工作日内", day("11-27"), WORKTIME) == Wanted((day("11-30"), day("12-01")))


@pytest.mark.parametrize(
    ("text", "today", "on"),
    [
        ("节后第一天", "09-23", "09-28"),
        ("节后第一天上午", "09-28", "10-08"),
        ("国庆后第一天", "09-23", "10-08"),
        ("国庆节后第二天", "09-23", "10-09"),
        ("十一以后第一个工作日", "09-23", "10-08"),
        ("五一后第一天", "04-20", "05-06"),
        ("放假回来第一天", "10-03", "10-08"),
        ("春节后第一天", "02-10", "02-24"),
        ("节前最后一天", "09-23", "09-24"),
        ("春节前最后一天", "02-10", "02-14"),
        ("中秋前最后一天", "09-20", "09-24"),
        ("下个工作日", "10-09", "10-10"),
        ("下个工作日", "09-30", "10-08"),
    ],
)
def test_holidays_and_make_up_days(text: str, today: str, on: str) -> None:
    found = wanted(text, day(today), WORKTIME)
    assert found is not None
    assert found.days == (day(on),)


def test_after_a_holiday_are_the_working_days_after_it() -> None:
    new_year = wanted("节后第一天", date(2026, 11, 23), WORKTIME)  # a holiday without any notice
    assert new_year is not None and new_year.days == (date(2027, 1, 4),)
    found = wanted("国庆以后", day("09-23"), WORKTIME)
    assert found is not None
    assert found.days == tuple(day(f"10-{n:02d}") for n in (8, 9, 10, 12, 13))
    before = wanted("国庆前", day("09-27"), WORKTIME)
    assert before is not None
    assert before.days == span("09-27", "09-30")


@pytest.mark.parametrize(
    "text",
    ["最早什么时候", "越快越好", "最早的时间", "尽快帮我约", "什么时候都行", "哪天有空", "asap"],
)
def test_as_soon_as_possible(text: str) -> None:
    found = wanted(text, MONDAY, WORKTIME)
    assert found is not None
    assert found.soonest
    assert found.suits(time(9))


def test_the_soonest_afternoon() -> None:
    found = wanted("最早哪天下午", MONDAY, WORKTIME)
    assert found is not None
    assert (found.suits(time(11)), found.suits(time(14))) == (False, True)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "谈商标",
            "年费怎么交",
            "13800000000",
            "下午",
            "示例机械有限公司",
            "春节后第一天",
        ),
        *("11月31日", "ZL202110123456.7", "好的", ""),
    ],
)
def test_no_time_named_or_none_that_the_calendar_knows(text: str) -> None:
    assert wanted(text, MONDAY, WORKTIME) is None
