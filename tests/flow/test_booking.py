"""Booking in a chat, from the first word to the code and the calendar file."""

import pytest
from sqlalchemy import select

from booking.model import Appointment, Status
from bot.model import Conversation
from core.jobs import tick
from directory.model import Conflict, Contact
from tests.flow.booking_world import AGREE, appointments, book, open_doors, to_card, to_name
from tests.unit.booking.room import TUESDAY_10
from tests.world import World


@pytest.fixture
async def station(world: World) -> World:
    return await open_doors(world)


async def booked(world: World) -> list[Appointment]:
    return [row for row in await appointments(world) if row.status == Status.BOOKED]


async def test_a_booking_from_the_first_word_to_the_code(station: World) -> None:
    person = station.person()
    assert "园区" in (await person.say("我要预约"))[-1]
    assert person.labels() == ["示例北园分中心", "示例南园分中心"]
    assert "哪方面" in (await person.tap("北园"))[-1]
    assert person.labels() == ["专利申请", "侵权与维权", "商标"]
    assert "哪家机构" in (await person.tap("专利申请"))[-1]
    assert person.labels()[1:3] == ["示例甲代理机构（信用 A）", "示例乙代理机构（信用 B）"]
    assert "哪一天" in (await person.tap("乙代理"))[-1]
    assert "30 分钟" in (await person.tap("11月24日 周二"))[-1]
    kept, name = await person.tap("10:00")
    assert "保留 10 分钟" in kept
    assert "姓大名" in name
    assert "企业全称" in (await person.say("示例人"))[-1]
    assert "电话" in (await person.say("示例北园机械有限公司"))[-1]
    (card,) = await person.say("138 0000 0000")
    for shown in ("11月24日 周二 10:00–10:30", "示例乙代理机构", "13800000000", "保留到 10:10"):
        assert shown in card
    (done,) = await person.tap(AGREE)
    (row,) = await appointments(station)
    assert "预约成功" in done
    assert row.code in done
    assert (row.status, row.starts_at, row.minutes) == ("booked", TUESDAY_10, 30)
    assert (row.name, row.phone, row.area) == ("示例人", "13800000000", "filing")
    assert row.enterprise_id == station.ids["factory"]
    assert (row.channel, row.chat, row.lang) == ("fake", "zhang", "zh")
    file = person.last[0].payload["file"]
    assert (file["name"], file["mime"]) == (f"{row.code}.ics", "text/calendar")
    assert row.uid in file["content"]


async def test_everything_can_be_typed(station: World) -> None:
    person = station.person()
    for text in (
        "/book",
        "1",
        "专利",
        "任意",
        "明天上午10点",
        "对",
        "示例人",
        "没有",
        "13800000000",
        "好的",
    ):
        said = await person.say(text)
    assert "预约成功" in said[-1]
    (row,) = await booked(station)
    assert (row.starts_at, row.enterprise_name) == (TUESDAY_10, "")


async def test_day_and_time_typed_one_after_the_other(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    for text in ("预约", "商标", "乙代理", "24", "下午两点半"):
        said = await person.say(text)
    assert "姓大名" in said[-1]
    (row,) = await appointments(station)
    assert f"{row.local_start:%m-%d %H:%M}" == "11-24 14:30"


async def test_a_longer_consultation(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    for text in ("预约", "商标", "乙代理", "24号"):
        await person.say(text)
    assert "11:30" in person.labels()
    assert "60 分钟" in (await person.tap("改约 60 分钟"))[-1]
    assert "11:30" not in person.labels()
    await person.tap("11:00")
    assert [row.minutes for row in await appointments(station)] == [60]


async def test_the_job_frees_what_nobody_confirmed(station: World) -> None:
    await to_card(station.person("zhang"), "乙代理")
    station.clock.move(minutes=10)
    for job in station.station.jobs:
        await tick(station.station.database, job, station.clock())
    assert [row.status for row in await appointments(station)] == [Status.LAPSED]
    await book(station.person("li"), "乙代理")


async def test_an_older_button_changes_that_answer(station: World) -> None:
    person = station.person()
    await to_name(person)
    said = await person.tap("11:00")
    assert "姓大名" in said[-1]
    rows = await appointments(station)
    assert [row.status for row in rows] == [Status.LAPSED, Status.HELD]
    assert f"{rows[-1].local_start:%H:%M}" == "11:00"


async def test_back_cancel_and_restart(station: World) -> None:
    person = station.person()
    await to_name(person)
    assert "可约的时间" in (await person.say("返回"))[-1]
    assert "哪一天" in (await person.say("返回"))[-1]
    assert "哪方面" in (await person.say("重新开始"))[-1]
    assert "已取消" in (await person.say("取消"))[-1]
    assert await booked(station) == []


async def test_cancelling_gives_the_held_time_back(station: World) -> None:
    person = station.person()
    await to_name(person)
    assert [row.status for row in await appointments(station)] == [Status.HELD]
    await person.say("取消")
    assert [row.status for row in await appointments(station)] == [Status.LAPSED]


async def test_a_question_in_between_keeps_the_flow(station: World) -> None:
    person = station.person()
    await to_name(person)
    said = await person.say("发明专利的年费怎么交？")
    assert "姓大名" in said[-1]
    assert len(said) > 1
    assert "企业全称" in (await person.say("示例人"))[-1]


async def test_the_details_of_last_time_in_one_tap(station: World) -> None:
    person = station.person()
    await book(person)
    await person.say("预约")
    for label in ("专利申请", "任意", "11月24日", "11:00"):
        await person.tap(label)
    assert person.labels()[0] == "用上次的信息（示例人，示例北园机械有限公司）"
    await person.tap("用上次的信息")
    await person.tap(AGREE)
    first, second = await booked(station)
    assert (first.phone, first.enterprise_id) == (second.phone, second.enterprise_id)


async def test_details_can_be_changed_before_agreeing(station: World) -> None:
    person = station.person()
    await to_card(person)
    await person.tap("修改信息")
    for text in ("另一人", "没有", "13900000000"):
        said = await person.say(text)
    assert "企业：（个人）" in said[-1]
    await person.tap(AGREE)
    (row,) = await booked(station)
    assert (row.name, row.phone, row.enterprise_id) == ("另一人", "13900000000", None)


async def in_conflict(station: World, agency: str) -> None:
    async with station.session() as session:
        session.add(
            Conflict(
                enterprise_id=station.ids["factory"], agency_id=station.ids[agency], reason="示例"
            )
        )


async def test_any_agency_in_conflict_is_replaced_at_the_same_time(station: World) -> None:
    await in_conflict(station, "agency_a")
    person = station.person()
    replaced, card = await to_card(person)
    assert "换了一家" in replaced
    assert "示例乙代理机构" in card
    await person.tap(AGREE)
    (row,) = await booked(station)
    assert (row.agency_id, row.starts_at) == (station.ids["agency_b"], TUESDAY_10)


async def test_a_chosen_agency_in_conflict_has_to_be_chosen_anew(station: World) -> None:
    await in_conflict(station, "agency_a")
    person = station.person()
    sorry, again = await to_card(person, "甲代理")
    assert "不便承接" in sorry
    assert "哪家机构" in again
    assert not any("甲代理" in label for label in person.labels())
    for label in ("乙代理", "11月24日", "10:00", AGREE):
        said = await person.tap(label)
    assert "预约成功" in said[-1]


async def test_in_english(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    async with station.session() as session:
        (row,) = await session.scalars(select(Conversation))
        row.lang = "en"
    for text in ("book", "Patent filing", "any", "11-24", "10:00", "Li", "private", "13800000000"):
        said = await person.say(text)
    assert "Please check" in said[-1]
    assert "Booked" in (await person.tap("Agree"))[-1]
    (done,) = await booked(station)
    assert done.lang == "en"


async def test_the_person_is_remembered(station: World) -> None:
    await book(station.person())
    async with station.session() as session:
        (contact,) = await session.scalars(select(Contact))
    assert (contact.name, contact.phone) == ("示例人", "13800000000")
    assert contact.enterprise_id == station.ids["factory"]


async def test_two_people_do_not_see_each_others_holds(station: World) -> None:
    first, second = station.person("zhang"), station.person("li")
    await to_name(first, "乙代理")
    await second.open("c_north")
    for text in ("预约", "专利申请", "乙代理", "11月24日"):
        await second.say(text)
    assert "10:00" not in second.labels()
    await first.say("返回")
    assert "10:00" in first.labels()
