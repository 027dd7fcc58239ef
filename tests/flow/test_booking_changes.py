"""What becomes of a booking: seen, moved, cancelled, reminded of."""

from datetime import timedelta

import pytest

from booking.model import Status
from core.jobs import tick
from tests.flow.booking_world import appointments, book, open_doors, to_name
from tests.unit.booking.room import TUESDAY_10
from tests.world import World


@pytest.fixture
async def station(world: World) -> World:
    return await open_doors(world)


async def test_my_appointments(station: World) -> None:
    person, other = station.person("zhang"), station.person("li")
    assert "没有未到时间的预约" in (await person.say("我的预约"))[-1]
    row = await book(person)
    await person.say("我的预约")
    assert person.labels() == ["11月24日 周二 10:00 示例甲代理机构"]
    (shown,) = await person.tap("11月24日")
    assert row.code in shown
    assert "已预约" in shown
    assert "没有未到时间的预约" in (await other.say("我的预约"))[-1]


async def test_moving(station: World) -> None:
    person = station.person()
    row = await book(person)
    assert "哪一天" in (await person.tap("改期"))[-1]
    await person.tap("11月26日")
    (sure,) = await person.tap("14:00")
    assert "11月24日 周二 10:00 的预约改到 11月26日 周四 14:00" in sure
    (done,) = await person.tap("确认改期")
    assert "已改期" in done
    (moved,) = await appointments(station)
    assert f"{moved.local_start:%m-%d %H:%M}" == "11-26 14:00"
    file = person.last[0].payload["file"]["content"]
    assert row.uid in file
    assert "SEQUENCE:1" in file


async def test_moving_to_a_time_that_has_just_gone(station: World) -> None:
    person, quick = station.person("zhang"), station.person("quick")
    await book(person, "乙代理")
    await person.tap("改期")
    await person.tap("11月24日")
    await person.tap("11:00")
    await book(quick, "乙代理", "11:00")
    gone, again = await person.tap("确认改期")
    assert "刚被别人约走" in gone
    assert "哪一天" in again
    assert (await appointments(station))[0].starts_at == TUESDAY_10
    for text in ("11月24日", "11:30", "好的"):
        said = await person.say(text)
    assert "已改期" in said[-1]


async def test_giving_up_a_move_keeps_the_appointment(station: World) -> None:
    person = station.person()
    await book(person)
    await person.tap("改期")
    await person.tap("11月26日")
    await person.say("取消")
    (row,) = await appointments(station)
    assert (row.status, row.starts_at) == (Status.BOOKED, TUESDAY_10)


async def test_cancelling_asks_first(station: World) -> None:
    person = station.person()
    row = await book(person)
    assert row.code in (await person.tap("取消这个预约"))[-1]
    await person.tap("不取消")
    assert [r.status for r in await appointments(station)] == [Status.BOOKED]
    await person.tap("取消这个预约")
    (done,) = await person.tap("确认取消")
    assert "已取消" in done
    assert "METHOD:CANCEL" in person.last[0].payload["file"]["content"]
    assert [r.status for r in await appointments(station)] == [Status.CANCELLED]
    assert "不能再改" in (await person.tap("确认取消"))[0]
    assert "不能再改" in (await person.tap("改期"))[0]


async def test_cancelling_in_the_middle_of_another_booking_keeps_it(station: World) -> None:
    person = station.person()
    await book(person)
    await to_name(person, time="11:00")
    await person.tap("取消这个预约")
    await person.tap("确认取消")
    assert "企业全称" in (await person.say("示例人"))[-1]


async def test_reminders_arrive_in_the_same_chat(station: World) -> None:
    person = station.person()
    row = await book(person)
    station.clock.now = TUESDAY_10 - timedelta(hours=2)
    for _ in range(2):
        for job in station.station.jobs:
            await tick(station.station.database, job, station.clock())
    await station.drain()
    reminders = [text for text in person.told() if text.startswith("提醒")]
    assert len(reminders) == 1
    assert row.code in reminders[0]
    assert "专利申请" not in reminders[0]
    await person.tap("取消这个预约")
