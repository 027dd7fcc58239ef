"""The life of an appointment in chats: the agency's word, being late, preparing, rating."""

import pytest

from booking.model import Status
from booking.service.attend import check_in
from core.jobs import tick
from directory.actor import Actor
from directory.model import Account
from directory.service import invite
from tests.flow.booking_world import AGREE, appointments, book, open_doors, to_card
from tests.unit.booking.room import TUESDAY_10
from tests.world import Person, World


@pytest.fixture
async def station(world: World) -> World:
    return await open_doors(world, confirm=True)


async def counsel(station: World, name: str = "advisor_b") -> Person:
    """A chat tied to an advisor by the one-time link."""
    async with station.session() as session:
        token = await invite(session, now=station.clock(), advisor_id=station.ids[name])
    person = station.person(f"chat-{name}")
    said = await person.open(f"a_{token}")
    assert "顾问身份绑定" in said[-1]
    assert "已用过" in (await station.person("thief").open(f"a_{token}"))[-1]
    return person


async def run_jobs(station: World) -> None:
    for job in station.station.jobs:
        await tick(station.station.database, job, station.clock())
    await station.drain()


async def come(station: World, appointment_id: int) -> None:
    """The window checks the person in."""
    async with station.session() as session:
        row = await session.get_one(Account, station.ids["staff"])
        staff = Actor("desk", row.id, row.name, row.role, row.center_id)
        await check_in(session, actor=staff, appointment_id=appointment_id, now=station.clock())
    await station.drain()


async def test_the_advisor_agrees_in_their_own_chat(station: World) -> None:
    advisor, person = await counsel(station), station.person()
    await to_card(person, "乙代理")
    (done,) = await person.tap(AGREE)
    assert "待机构确认" in done
    file = person.last[0].payload["file"]["content"]
    assert "STATUS:TENTATIVE" in file
    assert "URL:http://127.0.0.1:8080/a/" in file
    assert "http://127.0.0.1:8080/a/" in done
    assert "有新的预约请您确认" in advisor.told()[-1]
    await advisor.say("待确认")
    await advisor.tap("11月24日")
    assert "已确认预约" in (await advisor.tap("确认接待"))[0]
    assert "机构已确认您的预约" in person.told()[-1]
    assert [row.status for row in await appointments(station)] == [Status.BOOKED]
    assert "不需要答复" in (await advisor.tap("确认接待"))[-1]
    assert "没有等您答复" in (await advisor.say("待确认"))[-1]


async def test_the_advisor_declines_and_a_late_tap_is_refused(station: World) -> None:
    advisor, person = await counsel(station), station.person()
    row = await book(person, "乙代理")
    await advisor.tap("无法接待")
    assert "转给下一家" in (await advisor.tap("时间冲突"))[-1]
    assert "换了顾问，时间不变" in person.told()[-1]
    assert "示例甲代理机构" in person.told()[-1]
    assert "转给了其他机构" in (await advisor.tap("确认接待"))[-1]
    (now,) = await appointments(station)
    assert (now.starts_at, now.code) == (row.starts_at, row.code)


async def test_the_job_passes_on_what_nobody_answers(station: World) -> None:
    person = station.person()
    row = await book(person, "乙代理")
    assert row.respond_by is not None
    station.clock.now = row.respond_by
    await run_jobs(station)
    (after,) = await appointments(station)
    assert after.advisor_id != row.advisor_id
    assert "正在等它确认" in person.told()[-1]


async def test_only_a_tied_chat_answers_for_an_advisor(station: World) -> None:
    assert "没有绑定顾问身份" in (await station.person().say("待确认"))[-1]


async def test_running_late_is_told_to_the_advisor(station: World) -> None:
    advisor, person = await counsel(station), station.person()
    await book(person, "乙代理")
    await person.tap("我要迟到")
    assert "不能告知迟到" in (await person.tap("迟到 20 分钟"))[-1]
    station.clock.now = TUESDAY_10.replace(hour=1)
    assert "大约迟到 20 分钟" in (await person.tap("迟到 20 分钟"))[-1]
    assert "大约迟到 20 分钟" in advisor.told()[-1]
    (row,) = await appointments(station)
    assert row.late_minutes == 20


async def test_five_short_questions_make_a_brief(station: World) -> None:
    advisor, person = await counsel(station), station.person()
    row = await book(person, "乙代理")
    await advisor.tap("确认接待")
    (first,) = await person.tap("会前准备")
    assert "1/5" in first
    assert "请勿填写尚未申请专利的技术内容" in first
    assert "2/5" in (await person.say("一种产品结构"))[-1]
    assert "最多 200 字" in (await person.say("长" * 201))[0]
    assert "3/5" in (await person.tap("跳过这一条"))[-1]
    assert "4/5" in (await person.say("年底前"))[-1]
    (done,) = await person.tap("到此为止")
    assert "已记下 2 条" in done
    assert "营业执照" in done
    assert row.uid in person.last[0].payload["file"]["content"]
    assert "填好了会前问题" in advisor.told()[-1]
    (page,) = await advisor.tap("会前简要")
    for shown in ("一种产品结构", "年底前", "示例北园机械有限公司", "未经核实"):
        assert shown in page
    assert "已结束的会前准备" in (await person.tap("跳过这一条"))[-1]


async def test_who_came_rates_once_and_books_again_in_one_step(station: World) -> None:
    person = station.person()
    row = await book(person, "乙代理")
    station.clock.now = TUESDAY_10
    await come(station, row.id)
    assert "您打几分" in person.told()[-1]
    assert "已记下 4 分" in (await person.tap("4 分"))[-1]
    assert "不能评分" in (await person.tap("5 分"))[-1]
    assert [one.rating for one in await appointments(station)] == [4]
    await person.tap("再约这位顾问")
    await person.tap("11月26日")
    said = await person.tap("14:00")
    assert "请核对" in said[-1]
    await person.tap(AGREE)
    second = (await appointments(station))[-1]
    assert (second.follows_id, second.advisor_id, second.name) == (row.id, row.advisor_id, row.name)
