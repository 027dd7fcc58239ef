"""The waiting list: a freed time is offered to one person at a time, then to the next."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking.model import Share, Status
from booking.model_life import Waiting
from core.jobs import tick
from tests.flow.booking_world import AGREE, appointments, book, open_doors
from tests.unit.booking.room import TUESDAY_10, weekly
from tests.world import Person, World

HALF_HOUR = timedelta(minutes=30)


@pytest.fixture
async def station(world: World) -> World:
    return await open_doors(world)


async def run_jobs(station: World) -> None:
    for job in station.station.jobs:
        await tick(station.station.database, job, station.clock())
    await station.drain()


async def fill(station: World) -> Person:
    """Agency B's Tuesday has one time only, and somebody has it."""
    from booking.model import SpecialDay

    day = TUESDAY_10.date()
    async with station.session() as session:
        start = TUESDAY_10 + timedelta(hours=8)
        session.add(
            SpecialDay(
                advisor_id=station.ids["advisor_b"],
                day=day,
                start=start.time(),
                end=(start + HALF_HOUR).time(),
            )
        )
    holder = station.person("holder")
    await book(holder, "乙代理")
    return holder


async def wait(station: World, chat: str) -> Person:
    """Somebody who wants that day and finds it full."""
    person = station.person(chat)
    await person.open("c_north")
    for text in ("预约", "商标", "乙代理"):
        await person.say(text)
    assert "没有空闲时间" in (await person.say("明天"))[0]
    assert "已为您登记候补" in (await person.tap("加入候补"))[-1]
    return person


async def test_a_freed_time_goes_to_one_person_at_a_time(station: World) -> None:
    holder = await fill(station)
    first, second = await wait(station, "first"), await wait(station, "second")
    await run_jobs(station)
    assert "有空了" not in first.told()[-1]
    await holder.tap("取消这个预约")
    await holder.tap("确认取消")
    await run_jobs(station)
    await run_jobs(station)
    assert "保留 15 分钟" in first.told()[-1]
    assert "有空了" not in second.told()[-1]
    station.clock.move(minutes=14)
    await run_jobs(station)
    assert "有空了" not in second.told()[-1]
    station.clock.move(minutes=1)
    await run_jobs(station)
    assert "有空了" in second.told()[-1]
    assert "让给下一位" in (await first.tap("要，就约这个"))[-1]
    assert "姓大名" in (await second.tap("要，就约这个"))[-1]
    for text in ("示例人", "没有", "13800000000"):
        await second.say(text)
    assert "预约成功" in (await second.tap(AGREE))[-1]
    await run_jobs(station)
    assert [row.status for row in await appointments(station)] == [
        *(Status.CANCELLED, Status.LAPSED, Status.BOOKED),
    ]
    async with station.session() as session:
        places = await session.scalars(select(Waiting).order_by(Waiting.id))
        assert [place.active for place in places] == [True, False]
        log = (await session.scalars(select(Share).order_by(Share.id))).all()
        assert [(s.lapsed, s.booked_at is not None) for s in log][1:] == [
            (True, False),
            (False, True),
        ]


async def test_saying_no_passes_it_on_at_once(station: World) -> None:
    holder = await fill(station)
    first, second = await wait(station, "first"), await wait(station, "second")
    await holder.tap("取消这个预约")
    await holder.tap("确认取消")
    await run_jobs(station)
    assert "让给下一位" in (await first.tap("不要"))[-1]
    await run_jobs(station)
    assert "有空了" in second.told()[-1]
    assert "有空了" not in first.told()[-1]
    assert "已到期" in (await first.tap("不要"))[-1]


async def test_seeing_and_leaving_the_list(station: World) -> None:
    holder = await fill(station)
    person = await wait(station, "first")
    await person.say("候补")
    assert person.labels() == ["退出候补：商标 11月24日 周二 至 11月24日 周二"]
    await person.tap("退出候补")
    assert "没有候补" in (await person.say("候补"))[-1]
    await holder.tap("取消这个预约")
    await holder.tap("确认取消")
    await run_jobs(station)
    assert "有空了" not in person.told()[-1]


async def test_the_same_place_twice_and_too_many(station: World) -> None:
    await fill(station)
    person = await wait(station, "first")
    await wait(station, "first")
    async with station.session() as session:
        assert len((await session.scalars(select(Waiting))).all()) == 1
        session.add_all(weekly(station.ids["advisor_b"]))
        place = (await session.scalars(select(Waiting))).one()
        values = {c.name: getattr(place, c.name) for c in Waiting.__table__.columns}
        for minutes in (45, 60):
            session.add(Waiting(**{**values, "id": None, "minutes": minutes}))
    for text in ("预约", "专利", "乙代理", "明天"):
        await person.say(text)
    assert "已有 3 个候补" in (await person.tap("加入候补"))[0]


async def test_nobody_is_woken_at_night(station: World) -> None:
    holder = await fill(station)
    person = await wait(station, "first")
    await holder.tap("取消这个预约")
    await holder.tap("确认取消")
    station.clock.now = TUESDAY_10 - timedelta(hours=4)
    await run_jobs(station)
    assert "有空了" not in person.told()[-1]
