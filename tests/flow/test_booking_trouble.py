"""Booking when something is wrong: a clear answer, and the flow goes on."""

import pytest
from sqlalchemy import delete

from booking.model import Appointment, Availability, Status
from bot.dispatch import Outcome
from bot.messages import Incoming
from tests.fakes import MONDAY
from tests.flow.booking_world import AGREE, appointments, book, open_doors, to_card, to_name
from tests.world import World


@pytest.fixture
async def station(world: World) -> World:
    return await open_doors(world)


async def booked(world: World) -> list[Appointment]:
    return [row for row in await appointments(world) if row.status == Status.BOOKED]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("11月1日", "已经过去"),
        ("12月20日", "还太远"),
        ("周六", "不上班"),
        ("11月31日", "没看懂"),
        ("看缘分吧", "没看懂"),
    ],
)
async def test_a_day_that_cannot_be_had(station: World, text: str, answer: str) -> None:
    person = station.person()
    await person.open("c_north")
    for step in ("预约", "商标", "任意"):
        await person.say(step)
    said = await person.say(text)
    assert answer in said[0]
    assert "哪一天" in said[-1]
    assert "可约的时间" in (await person.say("11月24日"))[-1]


@pytest.mark.parametrize("text", ["12点", "凌晨3:15", "23:59", "10:10"])
async def test_a_time_that_is_not_offered(station: World, text: str) -> None:
    person = station.person()
    await person.open("c_north")
    for step in ("预约", "商标", "任意", "11月24日"):
        await person.say(step)
    said = await person.say(text)
    assert "最近的空闲时间：11-24" in said[0]
    assert "可约的时间" in said[-1]
    assert await appointments(station) == []


async def test_a_slot_that_has_just_gone(station: World) -> None:
    slow, quick = station.person("slow"), station.person("quick")
    await slow.open("c_north")
    for step in ("预约", "专利申请", "乙代理", "11月24日"):
        await slow.say(step)
    await book(quick, "乙代理")
    gone, again = await slow.tap("10:00")
    assert "刚被别人约走" in gone
    assert "11-24 09:30" in gone
    assert "可约的时间" in again
    assert "10:00" not in slow.labels()
    assert "姓大名" in (await slow.tap("10:30"))[-1]


@pytest.mark.parametrize("phone", ["138abc45678", "12345", "无", "１３８"])
async def test_a_phone_that_is_none(station: World, phone: str) -> None:
    person = station.person()
    await to_name(person)
    await person.say("示例人")
    await person.say("示例北园机械有限公司")
    wrong, again = await person.say(phone)
    assert "不像电话号码" in wrong
    assert "电话" in again
    assert "请核对" in (await person.say("13800000000"))[-1]


async def test_a_name_that_is_none(station: World) -> None:
    person = station.person()
    await to_name(person)
    assert "不像姓名" in (await person.say("字" * 41))[0]
    assert "企业全称" in (await person.say("示例人"))[-1]


async def test_an_unknown_enterprise_is_kept_as_typed_and_can_be_corrected(station: World) -> None:
    person = station.person()
    await to_name(person)
    await person.say("示例人")
    unknown, phone = await person.say("示例")
    assert "没有找到“示例”" in unknown
    assert "电话" in phone
    assert "示例北园机械有限公司" in person.labels()
    assert "示例北园机械有限公司" in (await person.tap("北园机械"))[0]
    assert "企业：示例北园机械有限公司" in (await person.say("13800000000"))[-1]


async def test_an_unknown_enterprise_does_not_stop_the_booking(station: World) -> None:
    person = station.person()
    await to_card(person, enterprise="天外飞仙有限公司")
    await person.tap(AGREE)
    (row,) = await booked(station)
    assert (row.enterprise_name, row.enterprise_id) == ("天外飞仙有限公司", None)
    assert row.center_id == station.ids["north"]


async def test_a_hold_that_ran_out_is_held_again_while_it_is_free(station: World) -> None:
    person = station.person()
    await to_card(person)
    station.clock.move(minutes=11)
    again, card = await person.tap(AGREE)
    assert "重新占好" in again
    assert "保留到 10:21" in card
    assert await booked(station) == []
    assert "预约成功" in (await person.tap(AGREE))[-1]


async def test_a_hold_that_ran_out_and_is_gone_costs_the_time_only(station: World) -> None:
    slow, quick = station.person("slow"), station.person("quick")
    await to_card(slow, "乙代理")
    station.clock.move(minutes=11)
    await book(quick, "乙代理")
    gone, again = await slow.tap(AGREE)
    assert "刚被别人约走" in gone
    assert "可约的时间" in again
    _, card = await slow.tap("11:00")
    assert "13800000000" in card
    assert "预约成功" in (await slow.tap(AGREE))[-1]
    assert [row.chat for row in await booked(station)] == ["quick", "slow"]


async def test_agreeing_twice_books_once(station: World) -> None:
    person = station.person()
    await to_card(person)
    await person.tap(AGREE)
    (again,) = await person.tap(AGREE)
    assert "我的预约" in again
    assert len(await booked(station)) == 1


async def test_the_same_event_twice_books_once(station: World) -> None:
    person = station.person()
    await to_card(person)
    tap = Incoming(
        channel="fake",
        event_id="agree",
        chat="zhang",
        user="zhang",
        sent_at=MONDAY,
        button=person.find(AGREE),
    )
    assert [await person.event(tap) for _ in range(2)] == [Outcome.HANDLED, Outcome.REPEAT]
    assert len(await booked(station)) == 1


async def test_a_button_of_another_chat_books_nothing(station: World) -> None:
    person, stranger = station.person("zhang"), station.person("stranger")
    await to_card(person)
    button = person.find(AGREE)
    (said,) = await stranger._send(button=button)
    assert "不属于这个对话" in said
    assert await booked(station) == []


async def test_an_older_card_does_not_confirm_another_hold(station: World) -> None:
    person = station.person()
    await to_card(person)
    old = person.find(AGREE)
    await person.tap("换个时间")
    await person.tap("11月24日")
    await person.tap("11:00")
    stale, card = await person._send(button=old)
    assert "已结束" in stale
    assert "请核对" in card
    assert await booked(station) == []


async def test_too_many_open_appointments(station: World) -> None:
    for n, time in enumerate(("09:00", "09:30", "10:00", "10:30", "11:00")):
        person = station.person(f"u{n}")
        await book(person, time=time)
    await to_card(person := station.person("sixth"), time="11:30")
    assert "已有 5 个" in (await person.tap(AGREE))[0]
    assert len(await booked(station)) == 5


async def test_a_center_without_advisors(station: World) -> None:
    person = station.person()
    await person.open("c_south")
    (said,) = await person.say("预约")
    assert "没有可约的顾问" in said
    assert person.labels() == ["转人工"]


async def test_no_day_free(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    async with station.session() as session:
        mine = Availability.advisor_id == station.ids["advisor_b"]
        await session.execute(delete(Availability).where(mine))
    for text in ("预约", "商标", "乙代理"):
        (said,) = await person.say(text)
    assert "没有空闲时间" in said
    assert "哪一天" in (await person.tap("任意机构"))[-1]
