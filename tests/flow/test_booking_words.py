"""Booking in words, from the first line on; by first free time, by advisor, sealed."""

import pytest

from booking import queries
from booking.model import Status
from booking.service.brief import NoBrief
from booking.service.brief import answer as answer_brief
from bot.phrases import books_in_words, wish
from directory.actor import Actor
from directory.model import Account
from tests.flow.booking_world import AGREE, appointments, book, open_doors
from tests.unit.booking.room import TUESDAY_10
from tests.world import Person, World


@pytest.fixture
async def station(world: World) -> World:
    return await open_doors(world)


async def finish(person: Person) -> None:
    for text in ("示例人", "没有", "13800000000"):
        await person.say(text)
    await person.tap(AGREE)


async def test_one_line_says_topic_and_time(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    (said,) = await person.say("我想约下周三下午谈商标")
    assert "您说的是 12月2日 周三 12:00–18:00" in said
    assert person.labels()[:2] == ["12月2日 周三 13:30", "12月2日 周三 14:00"]
    assert await appointments(station) == []
    assert "姓大名" in (await person.tap("14:00"))[-1]
    await finish(person)
    (row,) = await appointments(station)
    assert f"{row.local_start:%m-%d %H:%M}" == "12-02 14:00"
    assert (row.area, row.status) == ("trademark", Status.BOOKED)


async def test_a_very_time_is_echoed_before_it_is_held(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    (said,) = await person.say("想约明天上午十点谈专利侵权")
    assert "您说的是 11月24日 周二 10:00" in said
    assert await appointments(station) == []
    await person.say("好的")
    (row,) = await appointments(station)
    assert (row.starts_at, row.area, row.status) == (TUESDAY_10, "enforcement", Status.HELD)


async def test_what_is_missing_is_asked_and_the_words_are_kept(station: World) -> None:
    person = station.person()
    assert "园区" in (await person.say("帮我约下周一上午"))[-1]
    assert "哪方面" in (await person.tap("北园"))[-1]
    (said,) = await person.tap("商标")
    assert "11月30日 周一" in said
    assert person.labels()[0] == "11月30日 周一 09:00"


async def test_when_nothing_is_free_then_the_nearest_are_shown(station: World) -> None:
    person, other = station.person(), station.person("li")
    await book(other, "乙代理")
    await person.open("c_north")
    for text in ("预约", "商标", "乙代理", "明天10点"):
        (said,) = await person.say(text)
    assert "没有空闲" in said
    assert "11月24日 周二 09:30" in person.labels()
    assert "11月24日 周二 10:00" not in person.labels()


async def test_the_first_free_time(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    for text in ("预约", "商标", "任意"):
        await person.say(text)
    await person.tap("最早的空闲时间")
    first = person.labels()[0]
    assert first == "11月23日 周一 13:30"
    await person.tap(first)
    assert len(await appointments(station)) == 1
    fresh = station.person("wang")
    await fresh.open("c_north")
    await fresh.say("最早什么时候能约商标顾问")
    assert "11月23日 周一" in fresh.labels()[0]


async def test_by_advisor_and_by_agency_in_words(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    await person.say("我想约示例顾问二明天上午谈商标")
    await person.tap("09:00")
    (row,) = await appointments(station)
    assert row.advisor_id == station.ids["advisor_a2"]
    await person.say("取消")
    await person.say("我想约示例乙代理机构下周二谈专利")
    await person.tap("周二 09:00")
    assert (await appointments(station))[-1].agency_id == station.ids["agency_b"]


async def test_another_agency_for_the_same_words(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    await person.say("我想约下周三下午谈商标")
    await person.tap("选机构")
    (said,) = await person.tap("乙代理")
    assert "12月2日 周三" in said
    await person.tap("14:00")
    assert (await appointments(station))[-1].agency_id == station.ids["agency_b"]


async def test_other_words_within_the_flow(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    await person.say("我想约下周三下午谈商标")
    (said,) = await person.say("还是下周四上午吧")
    assert "12月3日 周四" in said
    (said,) = await person.say("月底前")
    assert "11月23日 周一 – 11月30日 周一" in said
    assert "不上班" in (await person.say("周六"))[0]


async def test_a_sealed_booking_shows_nothing_but_its_code(station: World) -> None:
    person = station.person()
    await person.open("c_north")
    for text in ("预约", "商标"):
        await person.say(text)
    said = await person.tap("保密预约")
    assert "不保存咨询内容" in said[-1]
    for label in ("示例顾问三", "11月24日", "10:00"):
        await person.tap(label)
    await finish(person)
    assert "保密预约" in person.told()[-1]
    assert "会前准备" not in person.labels()
    (row,) = await appointments(station)
    assert (row.sealed, row.advisor_id) == (True, station.ids["advisor_b"])
    async with station.session() as session:
        account = await session.get_one(Account, station.ids["staff"])
        staff = Actor("desk", account.id, "示例", account.role, account.center_id)
        own = Actor("desk", 900, "示例", "advisor", account.center_id, advisor_id=row.advisor_id)
        day = row.local_start.date()
        (seen,) = await queries.day_of_center(session, staff, station.ids["north"], day)
        (full,) = await queries.advisor_day(session, own, row.advisor_id, day)
        shown = seen.appointment
        assert (shown.name, shown.phone, shown.enterprise_name) == ("保密", "", "")
        assert (shown.code, full.appointment.name) == (row.code, "示例人")
        with pytest.raises(NoBrief):
            await answer_brief(
                session,
                actor=own,
                appointment_id=row.id,
                number=1,
                text="示例",
                now=station.clock(),
            )
    assert (await appointments(station))[0].name == "示例人"


@pytest.mark.parametrize(
    "text",
    [
        "我想约下周三下午谈商标",
        "下周三下午想约个顾问",
        "明天上午十点可以预约吗",
        "最早什么时候能约",
    ],
)
def test_wishes_to_book(text: str) -> None:
    assert books_in_words(text)
    assert wish(text) == "book"


@pytest.mark.parametrize(
    "text",
    [
        *("怎么预约", "取消明天的预约", "我约的明天几点", "合同约定下个月交付怎么办"),
        *("节后第一天上班吗", "预约要多少钱", "违约金最早什么时候付", "下周三专利年费到期"),
    ],
)
def test_no_wishes_to_book(text: str) -> None:
    assert not books_in_words(text)
