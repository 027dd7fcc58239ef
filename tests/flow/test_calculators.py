"""Terms worked out in a chat, with a calendar file: tapped, typed, in one line."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from sqlalchemy import select

from bot.handlers.deadline import COMMON
from bot.model import Conversation
from bot.phrases import wish
from knowledge.calculate.kinds import catalogue
from knowledge.load import load
from ledger.model import ServiceCount
from tests.flow.calculating import flow, in_english, run
from tests.world import Person, World

ROOT = Path(__file__).resolve().parents[2]
TOPIC, DAY, MODE = "哪一种期限", "请输入收到", "怎么送来"


def event(person: Person) -> Calendar:
    """The event in the calendar file of the last reply."""
    file = person.last[-1].payload["file"]
    assert file["mime"] == "text/calendar"
    calendar = Calendar.from_ical(file["content"])
    assert calendar["METHOD"] == "PUBLISH"
    (found,) = calendar.walk("VEVENT")
    return found


# Terms


async def test_a_term_tapped_from_topic_to_card(world: World) -> None:
    person = world.person()
    assert TOPIC in (await person.say("帮我算一下期限"))[-1]
    assert "专利申请和审查" in person.labels()
    await person.tap("专利申请和审查")
    assert person.labels()[0] == "答复第一次审查意见（发明）"
    assert DAY in (await person.tap("答复第一次审查意见"))[-1]
    assert MODE in (await person.tap("昨天"))[-1]
    assert person.labels() == ["电子送达", "邮寄", "不清楚，按收到日算"]
    (card,) = await person.tap("电子送达")
    assert "最后一天：2027年3月22日 周一" in card
    assert "**2027年3月22日 周一**" in person.last[0].payload["text"]
    for shown in (
        "还有 119 天",
        "申请视为撤回",
        "延长：指定期限可以延长",
        "恢复：有正当理由的",
        "《专利法》第三十七条",
        "《专利法实施细则》第五条",
        "以通知书写明的期限为准，这里的结果不是法律意见",
    ):
        assert shown in card
    assert person.labels()[-3:] == ["再算一个", "转人工", "预约顾问"]
    assert await flow(world) is None
    assert TOPIC in (await person.tap("再算一个"))[-1]


async def test_the_calendar_file(world: World) -> None:
    person = world.person()
    await person.say("期限 一通 2026-11-20")
    found = event(person)
    assert (found.decoded("DTSTART"), found.decoded("DTEND")) == (
        date(2027, 3, 22),
        date(2027, 3, 23),
    )
    assert found["SUMMARY"] == "最后一天：答复第一次审查意见（发明）"
    assert "以通知书写明的期限为准" in found["DESCRIPTION"]
    before = [alarm.decoded("TRIGGER") for alarm in found.walk("VALARM")]
    nine = timedelta(hours=9)
    assert before == [nine - timedelta(days=7), nine - timedelta(days=1)]
    first = found["UID"]
    world.clock.move(minutes=1)
    await person.say("期限 一通 2026-11-20")
    assert event(person)["UID"] != first


@pytest.mark.parametrize(
    ("line", "last_day"),
    [
        ("期限 一通 2026-11-20", "2027年3月22日"),
        ("期限：一通 11月20日 邮寄", "2027年4月5日"),
        ("期限 一通 2026 年 11 月 20 日", "2027年3月22日"),
        ("/deadline oa1 2026-11-20", "2027年3月22日"),
        ("期限 pct30个月 2026-11-20", "2029年5月21日"),
        ("期限 复审 昨天", "2027年2月22日"),
        ("期限 商标续展 明年3月5日", "2027年3月5日"),
        ("期限 商标驳回复审 2026-11-20 电子", "2026年12月21日"),
        ("期限 发明保护期 2020-03-05", "2040年3月4日"),
    ],
)
async def test_one_line(world: World, line: str, last_day: str) -> None:
    person = world.person()
    assert f"：{last_day}" in (await person.say(line))[0]
    assert await flow(world) is None


async def test_one_line_that_lacks_something_goes_on_as_a_flow(world: World) -> None:
    person = world.person()
    note, again = await person.say("期限 一通 2026-02-30")
    assert "“2026-02-30”不是能用的日期" in note
    assert DAY in again
    assert "您要找的可能是" in (await person.say("期限 续展期 2027-03-05"))[-1]
    assert "最后一天：2027年3月5日" in (await person.tap("商标续展"))[0]
    assert TOPIC in (await person.say("期限 2026-11-20"))[-1]
    assert "最后一天：2027年3月22日" in (await person.say("一通"))[0]


async def test_a_notice_counted_from_receipt_can_be_counted_as_posted(world: World) -> None:
    person = world.person()
    await run(person, "期限计算", "一通", "2026-11-20")
    await person.tap("不清楚")
    assert person.labels()[-4] == "改按邮寄（发文日）重算"
    (card,) = await person.tap("改按邮寄")
    assert "最后一天：2027年4月6日" in card
    assert "推定2026-12-05送达" in card
    assert "改按邮寄（发文日）重算" not in person.labels()


@pytest.mark.parametrize(
    ("typed", "start"),
    [
        ("网上收的电子文件", "2026-11-20"),
        ("挂号信", "2026-12-05"),
        ("公告", "2026-12-20"),
        ("不知道", "2026-11-20"),
        ("2", "2026-12-05"),
    ],
)
async def test_how_a_notice_came_can_be_typed(world: World, typed: str, start: str) -> None:
    card = await run(world.person(), "期限计算", "一通", "2026-11-20", typed)
    assert f"起算日：{start}" in card


async def test_an_event_is_not_asked_how_it_came(world: World) -> None:
    card = await run(world.person(), "期限计算", "优先权", "2026年11月20日")
    assert "2027年11月22日" in card
    assert "遇休息日，顺延到 2027-11-22" in card


@pytest.mark.parametrize(
    "day", ["2026-02-30", "11月31日", "随便", "9999-99-99", "-3", "1898-05-01"]
)
async def test_a_day_that_does_not_exist(world: World, day: str) -> None:
    person = world.person()
    await run(person, "期限计算", "一通")
    wrong, again = await person.say(day)
    assert "不是能用的日期" in wrong
    assert "2026-11-20" in wrong
    assert DAY in again
    assert MODE in (await person.say("昨天"))[-1]


async def test_a_day_out_of_range_is_refused_where_it_can_be_changed(world: World) -> None:
    person = world.person()
    await run(person, "期限计算", "一通")
    wrong, again = await person.say("1970-01-01")
    assert "超出可以计算的范围" in wrong
    assert DAY in again


async def test_a_past_last_day_says_so_and_has_no_file(world: World) -> None:
    person = world.person()
    card = await run(person, "期限 一通 2026-03-02")
    assert "已经过去" in card
    assert "马上转人工" in card
    assert person.last[-1].payload["file"] is None


async def test_a_last_day_that_is_near_or_today(world: World) -> None:
    person = world.person()
    assert "只剩 7 天" in await run(person, "期限 商标驳回复审 2026-11-15")
    assert "就是今天" in await run(person, "期限 商标驳回复审 2026-11-08")
    assert "还没到，请核对" in await run(person, "期限 商标驳回复审 2026-12-08")


async def test_kinds_page_by_page_and_by_their_names(world: World) -> None:
    person = world.person()
    await run(person, "期限计算", "商标")
    first = person.labels()
    assert first[0] == "商标驳回复审"
    await person.tap("还有 23 种")
    assert not set(person.labels()[:-2]) & set(first[:-2])
    await person.say("返回")
    assert person.labels() == first
    assert TOPIC in (await person.tap("全部类别"))[-1]
    assert "请输入收到驳回决定之日" in await run(person, "复审")
    assert "请输入" in (await person.tap("商标续展"))[-1]  # an earlier button changes the answer


async def test_a_kind_that_is_not_known(world: World) -> None:
    person = world.person()
    await person.say("期限计算")
    near = (await person.say("审查意见"))[-1]
    assert "没有找到“审查意见”这种期限" in near
    assert "答复第一次审查意见（发明）" in person.labels()
    unknown, _ = await person.say("今天天气")
    assert "没有找到这种期限。请点类别" in unknown
    assert DAY in (await person.tap("答复第一次审查意见"))[-1]


async def test_annual_fees_ask_for_the_year(world: World) -> None:
    person = world.person()
    await run(person, "期限计算", "年费", "2022-03-05")
    await person.tap("发明")
    for wrong, why in (("1", "没有第 1 年度"), ("-3", "没有第 -3 年度"), ("很多", "没看懂年度")):
        said, again = await person.say(wrong)
        assert why in said
        assert "第几年度" in again
    card = await run(person, "第六年度")
    assert "最后一天：2027年3月5日" in card
    assert "加收全额年费25%的滞纳金（300 元）" in card
    await run(person, "期限计算", "年费", "2022-03-05", "不清楚")
    assert "推算为第6年度" in (await person.tap("最近要缴的一次"))[0]


async def test_a_patent_without_a_fee_left_can_still_be_asked_for_a_year(world: World) -> None:
    person = world.person()
    await run(person, "期限计算", "年费", "2010-03-05", "实用新型")
    said, again = await person.tap("最近要缴的一次")
    assert "没有以后要缴的年费了" in said
    assert "最后一次是第 10 年度" in said
    assert "第几年度" in again
    assert "最后一天：2019年3月5日" in await run(person, "10")
    design = await run(person, "期限计算", "年费", "2017-05-01", "外观设计")
    assert "第几年度" in design
    assert "按 10 年推算" in (await person.say("12"))[0]


async def test_what_must_wait_shows_its_first_day(world: World) -> None:
    person = world.person()
    card = await run(person, "期限 确认不侵权 2026-09-03")
    assert "最早可以办理：**2026年10月9日" in person.last[0].payload["text"]
    assert "届满日：2026年10月3日 周六，遇休息日，顺延" not in card
    assert card.count("最早可") == 2  # the headline and the note


async def test_back_cancel_and_restart(world: World) -> None:
    person = world.person()
    await run(person, "期限计算", "一通", "昨天")
    assert DAY in await run(person, "返回")
    assert TOPIC in await run(person, "重新开始")
    assert "已取消" in await run(person, "取消")
    assert await flow(world) is None


async def test_a_button_of_a_calculation_that_is_over(world: World) -> None:
    person = world.person()
    await run(person, "期限计算", "一通", "昨天")
    old = person.find("邮寄")
    await person.say("取消")
    (said,) = await person._send(button=old)
    assert "请输入“期限计算”重新开始" in said


async def test_a_question_in_the_middle_keeps_the_flow(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    await run(person, "期限计算", "一通")
    said = await person.say("专利年费忘交了，专利还在吗，怎么补救？")
    assert DAY in said[-1]
    assert MODE in await run(person, "11月20日")


async def test_a_result_counts_as_an_answer_and_goes_along_to_a_person(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    await person.say("期限 一通 2026-11-20")
    async with world.session() as session:
        (count,) = await session.scalars(select(ServiceCount))
        assert (count.code, count.center_id) == ("Z02", world.ids["north"])
        row = (await session.scalars(select(Conversation))).one()
        assert row.last_question == "期限计算：答复第一次审查意见（发明），2026-11-20 起"
    await person.tap("转人工")
    assert await flow(world) == "escalate"


async def test_terms_in_english(world: World) -> None:
    person = world.person()
    await in_english(world, person)
    card = await run(person, "work out a deadline", "oa1", "yesterday", "post")
    assert "Last day: Wed 2027-04-07" in card
    assert "The term stated in the notice prevails" in card
    assert person.labels()[-3] == "Another one"
    assert event(person)["SUMMARY"].startswith("Last day: ")
    assert "is not a usable day" in (await person.say("deadline oa1 2026-02-30"))[0]


# How they are started


@pytest.mark.parametrize(
    ("text", "started"),
    [
        *(
            (text, "deadline")
            for text in ("期限计算", "算一下期限", "帮我算期限", "请帮我算一下期限")
        ),
        *((text, "fees") for text in ("费用计算器", "算一下费用", "帮我算专利费")),
        *(
            (text, None)
            for text in ("年费多少钱", "期限怎么算", "专利费用怎么计算", "答复期限多久")
        ),
        *(
            (text, None)
            for text in ("期限 一通是多久", "期限 3个月够吗", "期限 2026-11-20到了怎么办")
        ),
    ],
)
def test_wishes(text: str, started: str | None) -> None:
    assert wish(text) == started


def test_no_question_of_the_base_starts_a_calculator() -> None:
    entries = load(ROOT / "knowledge" / "entries").entries.values()
    asked = [text for entry in entries for text in (entry.question, *entry.asks)]
    assert [text for text in asked if wish(text) in ("deadline", "fees")] == []


async def test_the_menu_offers_both(world: World) -> None:
    person = world.person()
    await person.say("菜单")
    assert TOPIC in (await person.tap("期限计算"))[-1]
    await person.say("帮助")
    assert "哪种专利" in (await person.tap("费用计算"))[-1]


def test_common_kinds_exist() -> None:
    assert set(COMMON) <= set(catalogue().kinds)
