"""An offer to be reminded of a deadline: promised once, kept on a working day, taken back."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.model import Conversation
from bot.reminders import DeadlineReminder, send_due_reminders
from core.clock import at_local
from tests.world import Person, World

CARD = "期限 一通 2026-11-20"  # last day: Monday 2027-03-22


async def rows(world: World) -> list[DeadlineReminder]:
    async with world.session() as session:
        return list((await session.scalars(select(DeadlineReminder))).all())


async def job(world: World, *, times: int = 1) -> None:
    for _ in range(times):
        async with world.session() as session:
            await send_due_reminders(session, world.clock())
    await world.drain()


def at(world: World, month: int, day: int, hour: int = 9, minute: int = 0) -> None:
    world.clock.now = at_local(world.clock().date().replace(2027, month, day), hour, minute)


async def card(world: World) -> Person:
    person = world.person()
    await person.say(CARD)
    return person


async def test_offered_beneath_the_card_and_promised(world: World) -> None:
    person = await card(world)
    assert person.labels()[:4] == [
        "提前 7 天提醒我",
        "提前 3 天提醒我",
        "提前 1 天提醒我",
        "都提醒我",
    ]
    (said,) = await person.tap("提前 7 天")
    assert "3月15日 周一 09:00" in said
    assert "不能代替您自己的日历" in said
    assert "网页上的提醒" not in said
    (row,) = await rows(world)
    assert (row.days_before, row.due_at) == (7, at_local(row.last_day - timedelta(days=7), 9))


async def test_a_rest_day_is_reminded_of_on_the_working_day_before(world: World) -> None:
    person = await card(world)
    (said,) = await person.tap("提前 1 天")  # a Sunday
    assert "3月19日 周五 09:00" in said


async def test_sent_at_nine_and_once(world: World) -> None:
    person = await card(world)
    await person.tap("提前 7 天")
    at(world, 3, 15, 8, 59)
    await job(world)
    assert not [text for text in person.told() if "期限提醒" in text]
    at(world, 3, 15, 9)
    await job(world, times=3)
    (notice,) = [text for text in person.told() if "期限提醒" in text]
    assert "答复第一次审查意见（发明）" in notice
    assert "2027年3月22日 周一，还有 7 天" in notice


async def test_asked_twice_stays_one(world: World) -> None:
    person = await card(world)
    for _ in range(2):
        await person.tap("提前 7 天")
    await person.say(CARD)
    await person.tap("提前 7 天")
    assert len(await rows(world)) == 1


async def test_all_of_them_and_two_that_fall_on_one_day_are_one_message(world: World) -> None:
    person = await card(world)
    (said,) = await person.tap("都提醒我")
    assert said.count("09:00") == 2  # three days and one day before are the same Friday
    assert len(await rows(world)) == 3
    at(world, 3, 15)
    await job(world)
    at(world, 3, 19)
    await job(world)
    first, second = [text for text in person.told() if "期限提醒" in text]
    assert "还有 7 天" in first
    assert "还有 3 天" in second


async def test_listed_and_cancelled(world: World) -> None:
    person = await card(world)
    await person.tap("都提醒我")
    (listed,) = await person.say("我的提醒")
    assert listed.count("最后一天 2027-03-22") == 3
    said = await person.tap("取消 3月15日")
    assert "已取消" in said[0]
    assert said[1].count("最后一天 2027-03-22") == 2
    at(world, 3, 15)
    await job(world)
    assert not [text for text in person.told() if "期限提醒" in text]


async def test_cancelled_and_asked_for_again(world: World) -> None:
    person = await card(world)
    await person.tap("提前 7 天")
    await person.say("我的提醒")
    (_, empty) = await person.tap("取消 3月15日")
    assert "没有等着的提醒" in empty
    await person.tap("提前 7 天")
    at(world, 3, 15)
    await job(world)
    assert len([text for text in person.told() if "期限提醒" in text]) == 1


async def test_a_cancelled_one_cannot_be_cancelled_again(world: World) -> None:
    person = await card(world)
    await person.tap("提前 7 天")
    await person.say("我的提醒")
    button = person.find("取消 3月15日")
    await person._send(button=button)
    (said,) = await person._send(button=button)
    assert "已经发出或取消" in said


async def test_another_chat_cannot_cancel_it(world: World) -> None:
    person = await card(world)
    await person.tap("提前 7 天")
    await person.say("我的提醒")
    button = person.find("取消 3月15日")
    other = world.person("li")
    (said,) = await other._send(button=button)
    assert "过期" in said
    assert "没有等着的提醒" in (await other.say("我的提醒"))[0]
    assert len(await rows(world)) == 1


async def test_what_is_past_is_not_offered_and_kindly_refused(world: World) -> None:
    person = await card(world)
    button = person.find("提前 7 天")
    at(world, 3, 17)
    (said,) = await person._send(button=button)
    assert "来不及再定提醒" in said
    await person.say(CARD)
    assert person.labels()[0] == "提前 3 天提醒我"
    at(world, 3, 19, 9)
    await person.say(CARD)
    assert "提醒" not in "".join(person.labels())
    assert not await rows(world)


async def test_after_a_standstill_it_says_how_late_it_is(world: World) -> None:
    person = await card(world)
    await person.tap("提前 1 天")
    at(world, 3, 24)
    await job(world)
    notice = person.told()[-1]
    assert "已经过去 2 天" in notice
    assert "很抱歉" in notice


async def test_what_is_long_over_is_forgotten(world: World) -> None:
    person = await card(world)
    await person.tap("提前 7 天")
    at(world, 4, 21)
    await job(world)
    assert len(await rows(world)) == 1
    at(world, 4, 22)
    await job(world)
    assert not await rows(world)


async def test_the_offer_can_be_typed(world: World) -> None:
    person = await card(world)
    assert "到时在这个对话里提醒您" in (await person.say("1"))[0]  # a button can be typed


async def test_in_english(world: World) -> None:
    person = world.person()
    await person.say("你好")
    async with world.session() as session:
        (await session.scalars(select(Conversation))).one().lang = "en"
    await person.say("deadline oa1 2026-11-20")
    (said,) = await person.tap("Remind me 7 days before")
    assert "does not replace your own calendar" in said
    assert "2027-03-15 09:00" in said


@pytest.mark.parametrize("link", ["d_reply-first_20261120", "d_reply-first_20261120_mp"])
async def test_by_a_deep_link(world: World, link: str) -> None:
    person = world.person()
    (said,) = await person.open(link)
    assert "答复第一次审查意见（发明）" in said
    assert "提前 7 天提醒我" in person.labels()


@pytest.mark.parametrize("link", ["d_", "d_nonsense_20261120", "d_reply-first_20260230"])
async def test_a_broken_deep_link_is_refused(world: World, link: str) -> None:
    (said,) = await world.person().open(link)
    assert "重新开始" in said
