"""A person talks in the asker's chat: nothing is lost, and the bot is silent meanwhile."""

import asyncio

from sqlalchemy import select

from bot.recent import recent_questions
from escalation.model import Status, Ticket
from escalation.model_reply import Talk, TicketMessage
from escalation.service.talk import end_silent_talks
from tests.fakes_desk import DeskWorld, Seat

NASTY = "<script>alert(1)</script>**粗**<img src=x onerror=y>{{7*7}}"
QUESTION = "专利年费忘交了怎么办？"


async def at_ticket(desk: DeskWorld, ticket: Ticket, who: str = "staff") -> Seat:
    seat = await desk.signed_in(who)
    await seat.open(f"/tickets/{ticket.id}")
    return seat


async def lines(desk: DeskWorld, ticket: Ticket) -> list[tuple[str, str]]:
    async with desk.world.session() as session:
        found = await session.scalars(
            select(TicketMessage)
            .where(TicketMessage.ticket_id == ticket.id)
            .order_by(TicketMessage.id)
        )
        return [(one.side, one.text) for one in found]


async def test_a_person_talks_and_the_bot_is_silent(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket = await desk.ticket("审查意见怎么答复？")
    seat = await at_ticket(desk, ticket)
    await seat.send(f"/tickets/{ticket.id}/say", say="您好，通知书是哪天发的？")
    assert "已发到提问人的对话里" in seat.words
    begun, said = (await desk.told("zhang"))[-2:]
    assert "示例staff（分中心工作人员）来和您直接沟通" in begun
    assert said == "示例staff（工作人员）：\n您好，通知书是哪天发的？"

    asker = desk.world.person("zhang")
    kept = await asker.say("11 月 2 日")
    assert kept == ["已记入工单，示例staff 能看到，请稍等。要回到机器人，请输入“结束人工”。"]
    assert await asker.say(QUESTION) == []  # acknowledged once; a question too goes to the person
    assert await lines(desk, ticket) == [
        ("staff", "您好，通知书是哪天发的？"), ("asker", "11 月 2 日"), ("asker", QUESTION),
    ]  # fmt: skip
    async with desk.world.session() as session:  # nor does it become a question of an exam
        assert QUESTION not in await recent_questions(session)
    page = await seat.open(f"/tickets/{ticket.id}")
    assert "11 月 2 日" in page and QUESTION in page and "人工对话中" in page

    assert "工单" in " ".join(await asker.say("我的工单"))  # commands still work
    assert "人工对话已结束" in " ".join(await asker.say("结束人工"))
    assert any("年费" in line for line in await asker.say(QUESTION))
    assert "机器人应答" in await seat.open(f"/tickets/{ticket.id}")


async def test_the_bot_goes_on_after_half_an_hour_and_says_so(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket = await desk.ticket("审查意见怎么答复？")
    seat = await at_ticket(desk, ticket)
    await seat.send(f"/tickets/{ticket.id}/talk/begin")
    assert "已接管对话" in seat.words
    await desk.told("zhang")
    asker = desk.world.person("zhang")
    desk.world.clock.move(minutes=29)
    assert "已记入工单" in (await asker.say("在吗"))[0]
    desk.world.clock.move(minutes=1)
    said = await asker.say(QUESTION)
    assert "机器人先继续为您服务" in said[0]
    assert "年费" in said[1]

    await seat.send(f"/tickets/{ticket.id}/talk/begin")
    desk.world.clock.move(minutes=31)
    before = len(await desk.told("zhang"))
    for _ in range(2):  # on two replicas, or twice
        async with desk.world.session() as session:
            await end_silent_talks(session, desk.world.clock())
    assert len(await desk.told("zhang")) == before + 1
    async with desk.world.session() as session:
        assert (await session.scalars(select(Talk))).one().ended_at == desk.world.clock()


async def test_closing_ends_the_talk_and_nothing_is_said_after_it(desk: DeskWorld) -> None:
    ticket = await desk.ticket("年费晚交了一个月")
    page = f"/tickets/{ticket.id}"
    seat, late = await at_ticket(desk, ticket), await at_ticket(desk, ticket, "colleague")
    await seat.send(f"{page}/take", complexity="simple")
    await seat.send(f"{page}/say", say="我来看看")
    await seat.send(f"{page}/answer", answer="还在补缴期内。")
    await seat.send(f"{page}/close")
    assert "人工对话结束，机器人继续" in "\n".join(await desk.told("zhang"))
    said = await late.send(f"{page}/say", say="等一下，还有一句，写了很久")
    assert late.status == 409
    assert "已经结束，不能再给提问人发消息" in said
    assert "等一下，还有一句，写了很久" in late.page
    assert "等一下" not in "\n".join(await desk.told("zhang"))
    said = await late.send(f"{page}/answer", answer="第二份答复")
    assert late.status == 409 and "第二份答复" in late.page


async def test_both_at_once_wait_for_each_other_and_nothing_is_lost(
    both_desks: DeskWorld,
) -> None:
    desk = both_desks
    ticket = await desk.ticket("审查意见怎么答复？")
    seat, second = await at_ticket(desk, ticket), await at_ticket(desk, ticket, "colleague")
    path, asker = f"/tickets/{ticket.id}/say", desk.world.person("zhang")
    await seat.send(f"/tickets/{ticket.id}/talk/begin")
    for number in range(3):
        await asyncio.gather(
            seat.send(path, csrf=seat.token(), say=f"甲 {number}"),
            asker.say(f"问 {number}"),
            second.send(path, csrf=second.token(), say=f"乙 {number}"),
        )
        await seat.open(f"/tickets/{ticket.id}")
        await second.open(f"/tickets/{ticket.id}")
    kept = sorted(text for _, text in await lines(desk, ticket))
    assert kept == sorted(f"{who} {n}" for who in "甲乙问" for n in range(3))


async def test_a_flow_under_way_is_put_aside_and_a_new_one_is_not(desk: DeskWorld) -> None:
    ticket = await desk.ticket("审查意见怎么答复？")
    asker = desk.world.person("zhang")
    await asker.say("转人工")
    seat = await at_ticket(desk, ticket)
    await seat.send(f"/tickets/{ticket.id}/take", complexity="simple")
    await seat.send(f"/tickets/{ticket.id}/say", say="请说说产品")
    await desk.told("zhang")
    said = await asker.say("一种保温杯")
    assert "先放下了" in said[0] and "已记入工单" in said[1]
    await seat.send(f"/tickets/{ticket.id}/ask-back", facts="发文日是哪天？")
    await desk.told("zhang")
    await asker.tap("补充说明")
    assert "已记入工单" in " ".join(await asker.say("11 月 2 日"))
    page = await seat.open(f"/tickets/{ticket.id}")
    assert "补充说明" in page and page.count("11 月 2 日") >= 2  # in the talk and in the past


async def test_what_a_waiting_ticket_waits_for_starts_its_clock(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket = await desk.ticket("审查意见怎么答复？")
    seat = await at_ticket(desk, ticket)
    await seat.send(f"/tickets/{ticket.id}/take", complexity="simple")
    await seat.send(f"/tickets/{ticket.id}/ask-back", facts="发文日是哪天？")
    await seat.send(f"/tickets/{ticket.id}/say", say="直接在这里说也行")
    await desk.told("zhang")
    assert "已记入工单" in " ".join(await desk.world.person("zhang").say("11 月 2 日"))
    async with desk.world.session() as session:
        found = await session.get_one(Ticket, ticket.id)
        assert (found.status, found.waiting_since) == (Status.IN_PROGRESS, None)
    assert (await seat.open(f"/tickets/{ticket.id}")).count("11 月 2 日") == 2


async def test_two_people_close_at_once(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket = await desk.ticket("年费晚交了一个月")
    page = f"/tickets/{ticket.id}"
    first, second = await at_ticket(desk, ticket), await at_ticket(desk, ticket, "colleague")
    await first.send(f"{page}/take", complexity="simple")
    await first.send(f"{page}/say", say="我来看看")
    await first.send(f"{page}/answer", answer="还在补缴期内。")
    await asyncio.gather(
        first.send(f"{page}/close", csrf=first.token()),
        second.send(f"{page}/close", csrf=second.token()),
    )
    assert sorted((first.status, second.status)) == [200, 409]
    told = "\n".join(await desk.told("zhang"))
    assert told.count("已办结") == 1 and told.count("人工对话结束") == 1


async def test_the_chat_beside_the_ticket_is_only_what_was_agreed_to(desk: DeskWorld) -> None:
    asker = desk.world.person("zhang")
    await asker.say("商标注册要多少钱")
    ticket = await desk.ticket("审查意见怎么答复？")
    await asker.say(QUESTION)
    await asker.say("预约")
    await asker.say("保密的公司名称")
    await asker.say("取消")
    await desk.world.person("wang").say("别人的问题怎么办")
    kept = await lines(desk, ticket)
    assert kept[0][0] == "asker" and {side for side, _ in kept[1:]} == {"bot"}
    assert kept[0][1] == QUESTION and "依据" in kept[1][1]
    seat = await at_ticket(desk, ticket)
    for hidden in ("商标注册要多少钱", "保密的公司名称", "别人的问题"):
        assert hidden not in seat.page
    other = await desk.signed_in("staff_south")
    await other.open(f"/tickets/{ticket.id}/talk")
    assert other.status == 404
    expert = await desk.signed_in("expert")
    await expert.open(f"/tickets/{ticket.id}/talk")
    assert expert.status == 403 and QUESTION not in expert.page


async def test_what_is_said_is_shown_and_never_run(desk: DeskWorld) -> None:
    ticket = await desk.ticket(NASTY)
    seat = await at_ticket(desk, ticket)
    await seat.send(f"/tickets/{ticket.id}/say", say=NASTY)
    await desk.world.person("zhang").say(NASTY)
    await seat.send(f"/tickets/{ticket.id}/note", inner=NASTY)
    for path in (f"/tickets/{ticket.id}", f"/tickets/{ticket.id}/talk"):
        await seat.open(path)
        assert "<script>alert" not in seat.page and "<img src=x" not in seat.page
        assert NASTY in seat.words
    assert NASTY in (await desk.told("zhang"))[-2]


async def test_a_walk_in_has_no_chat_and_an_asker_cannot_end_anothers_talk(
    desk: DeskWorld,
) -> None:
    ticket = await desk.ticket("别人的事")
    seat = await at_ticket(desk, ticket)
    await seat.send(f"/tickets/{ticket.id}/talk/begin")
    other = desk.world.person("wang")
    assert "现在没有工作人员在对话里" in (await other.say("结束人工"))[0]
    async with desk.world.session() as session:
        row = await session.get_one(Ticket, ticket.id)
        row.chat = row.channel = None
    said = await seat.send(f"/tickets/{ticket.id}/say", say="喂")
    assert "没有对话可发" in said and "喂" in seat.page


async def test_the_job_runs_in_the_station(desk: DeskWorld) -> None:
    jobs = {job.name for job in desk.world.station.jobs}
    assert jobs >= {"talks-fallen-silent", "expert-pages", "presence-forget"}
