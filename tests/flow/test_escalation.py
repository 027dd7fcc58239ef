"""Escalation through the chat: payload in; sent texts, tickets and counts out."""

import pytest
from sqlalchemy import select

from bot.messages import Incoming
from core.jobs import tick
from directory.model import Contact
from escalation.service.answer import answer
from escalation.service.ask_back import ask_back
from escalation.service.close import close
from escalation.service.pass_on import pass_on
from escalation.service.take import take
from tests.flow.escalating import (
    KNOWN,
    NUMBER,
    QUESTION,
    Staff,
    counts,
    submitted,
    tickets,
    tied_expert,
)
from tests.world import World


async def test_the_whole_way_from_a_question_to_its_counts(world: World, staff: Staff) -> None:
    doctor = await tied_expert(world)
    person = await submitted(world)
    before = len(person.told())
    await staff.do(take, levels=staff.levels)
    await staff.do(ask_back, text="哪一天展出的？")
    await person.tap("补充说明")
    await person.say("十月十二日，在长沙")
    await staff.do(pass_on, levels=staff.levels, note="请看宽限期")
    card = doctor.told()[-1]
    for words in (NUMBER, QUESTION, "十月十二日", "请看宽限期", "11月25日 17:30"):
        assert words in card
    await doctor.tap("接受")
    await doctor.tap("回答")
    shown = await doctor.say("可以主张六个月宽限期。")
    assert "请核对" in shown[0]
    assert await counts(world) == []
    await doctor.say("请尽快提交证明。")
    await doctor.tap("发送给提问人")
    assert await counts(world) == ["Z04"]
    assert "可以主张六个月宽限期。\n请尽快提交证明。" in person.told()[-1]
    await person.tap("5 很满意")
    await staff.do(close, levels=staff.levels)
    expected = (
        "已受理", "还需要您补充", "请输入要补充", "已记入", "已转给省级专家", "专家已接受",
        "有答复了（省级专家）", "打了 5 分", "已办结",
    )  # fmt: skip
    told = person.told()[before:]
    assert [w in text for w, text in zip(expected, told, strict=True)] == [True] * len(expected)
    assert await counts(world) == ["S01", "Z01", "Z04"]
    card = "\n".join(await person.say("我的工单") + await person.tap(NUMBER))
    steps = (
        "提交",
        "受理",
        "请补充情况",
        "补充说明",
        "转省级专家",
        "专家接受",
        "专家解答",
        "评分",
        "办结",
    )
    places = [card.index(f" {step}") for step in steps]
    assert places == sorted(places)
    assert "示例专家甲" not in card


async def test_warning_and_consent_come_before_any_free_text(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    await person.say("展会上展出过的产品还能申请专利吗")
    notice, question = await person.say("转人工")
    assert "尚未申请专利的技术内容" in notice
    assert "您同意了才提交" in notice
    assert "您在这个对话里问的话、机器人的回答" in notice and "工作人员也能看到" in notice
    assert "展会上展出过的产品还能申请专利吗" in notice
    assert "请用文字写明" in question
    await person.tap("就用刚才的问题")
    await person.say("张经理")
    await person.say("138 0000 0000")
    preview = (await person.tap("说不清"))[0]
    for words in (
        "展会上展出过的产品",
        "张经理",
        "13800000000",
        "示例北园分中心",
        "11月24日 17:30",
    ):
        assert words in preview
    assert await tickets(world) == []
    done = await person.say("同意")
    assert NUMBER in done[0]
    [ticket] = await tickets(world)
    assert (ticket.question, ticket.bot_question) == ("展会上展出过的产品还能申请专利吗", None)
    assert (ticket.person_name, ticket.phone, ticket.area) == ("张经理", "13800000000", "other")


@pytest.mark.parametrize(
    "words", ["转人工", "人工", "人工客服", "找人", "请转人工客服吧", "我要找人工"]
)
async def test_ways_to_ask_for_a_person(world: World, words: str) -> None:
    assert "转人工之前" in (await world.person().say(words))[0]


async def test_the_ticket_knows_what_it_came_from(world: World) -> None:
    for chat, first, taps, source in (
        ("one", "今天天气怎么样啊朋友们", ["转人工"], "handoff"),
        ("two", KNOWN, ["没解决", "转人工"], "bad_rating"),
    ):
        person = world.person(chat)
        await person.open("c_north")
        await person.say(first)
        for label in taps:
            await person.tap(label)
        await person.say(QUESTION)
        for label in ("不填", "不填", "商标", "同意并提交"):
            await person.tap(label)
        assert (await tickets(world))[-1].source == source


async def test_known_name_and_phone_are_offered_and_changes_come_back_to_the_preview(
    world: World,
) -> None:
    person = await submitted(world)
    async with world.session() as session:
        contact = (await session.scalars(select(Contact).where(Contact.user == "zhang"))).one()
        contact.name, contact.phone = "张经理", "13800000000"
    await person.say("专利年费什么时候交")
    await person.say("转人工")
    await person.say("另一个问题：年费减缴怎么办理")
    await person.tap("张经理")
    await person.tap("13800000000")
    preview = (await person.tap("专利申请"))[0]
    assert "专利年费什么时候交" in preview  # what the bot was asked last goes along
    await person.tap("修改")
    preview = (await person.tap("不附刚才"))[0]
    assert "专利年费什么时候交" not in preview
    await person.tap("修改")
    await person.tap("改问题")
    preview = (await person.say("改成：年费逾期怎么补缴"))[0]
    assert "年费逾期怎么补缴" in preview
    assert "张经理" in preview
    await person.tap("同意并提交")
    second = (await tickets(world))[1]
    assert (second.question, second.bot_question) == ("改成：年费逾期怎么补缴", None)
    assert (second.number, second.person_name) == ("NORTH-20261123-002", "张经理")


async def test_only_what_was_shown_is_submitted(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    await person.say("转人工")
    await person.say(QUESTION)
    for label in ("不填", "不填", "专利申请"):
        await person.tap(label)
    old = person.find("同意并提交")
    await person.tap("修改")
    await person.tap("改问题")
    await person.say("完全不同的另一个问题")
    told = await person._send(button=old)
    assert "内容改过了" in told[0]
    assert "完全不同的另一个问题" in told[1]
    assert await tickets(world) == []
    newest = person.find("同意并提交")
    await person._send(button=newest)
    again = await person._send(button=newest)
    assert "已经提交过了" in again[0]
    assert NUMBER in again[0]
    assert len(await tickets(world)) == 1
    stale = await person._send(button=old)
    assert "已经结束" in stale[0]


async def test_an_unknown_center_is_asked_once_and_by_name_too(world: World) -> None:
    person = world.person()
    await person.say("转人工")
    await person.say(QUESTION)
    await person.tap("不填")
    await person.tap("不填")
    assert "哪个园区" in (await person.tap("专利申请"))[0]
    assert "示例南园分中心" in (await person.say("南园"))[0]
    await person.tap("同意并提交")
    assert (await tickets(world))[0].number == "SOUTH-20261123-001"
    await person.say("转人工")
    await person.say(QUESTION)
    await person.tap("不填")
    await person.tap("不填")
    assert "请核对" in (await person.tap("专利申请"))[0]


async def test_a_new_question_in_the_middle_is_answered_and_the_flow_kept(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    await person.say("转人工")
    await person.say(QUESTION)
    told = await person.say(KNOWN)
    assert "依据" in told[0]
    assert "怎么称呼您" in told[-1]
    assert "留个电话" in (await person.say("张三"))[0]
    assert "怎么称呼您" in (await person.say("返回"))[0]
    await person.say("张三")
    assert "不像电话" in (await person.say("138abc"))[0]
    await person.say("13800000000")
    assert "取消" in (await person.say("取消"))[0]
    assert await tickets(world) == []


async def test_bad_input_on_the_way_in(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    await person.say("转人工")
    assert "太短" in (await person.say("啊"))[0]
    await person.event(Incoming("fake", "photo1", "zhang", "zhang", world.clock(), file="photo"))
    assert "请用文字说明" in person.told()[-1]
    nasty = "<script>alert(1)</script>'; DROP TABLE tickets;-- **粗** \u202e\u0000"
    told = await person.say(nasty + "专" * 10_000)
    assert "2000" in told[0]
    for label in ("不填", "不填"):
        await person.tap(label)
    preview = (await person.tap("说不清"))[0]
    assert "<script>alert(1)</script>'; DROP TABLE tickets;-- **粗**" in preview
    await person.tap("同意并提交")
    [ticket] = await tickets(world)
    assert len(ticket.question) == 2000
    assert "\u202e" not in ticket.question
    assert "<script>alert(1)</script>" in (await person.tap("查看进度"))[0]


async def test_another_persons_ticket_stays_closed_to_strangers(world: World) -> None:
    person = await submitted(world)
    stranger = world.person("stranger")
    foreign = person.find("查看进度")
    assert "不属于这个对话" in (await stranger._send(button=foreign))[0]
    assert "您还没有工单" in (await stranger.say("我的工单"))[0]
    assert NUMBER not in (await stranger.say("转人工"))[0]
    assert NUMBER in (await person.say("转人工"))[0]  # the same matter need not be asked twice


async def test_withdrawn_meanwhile(world: World, staff: Staff) -> None:
    doctor, person = await tied_expert(world), await submitted(world)
    await staff.do(take, levels=staff.levels)
    await staff.do(pass_on, levels=staff.levels)
    await doctor.tap("回答")
    await doctor.say("这是我的解答。")
    await person.say("我的工单")
    await person.tap(NUMBER)
    sure = await person.tap("撤回")
    assert "确定撤回" in sure[0]
    await person.tap("确定撤回")
    assert "已由提问人撤回" in doctor.told()[-1]
    assert "已由提问人撤回，不再处理" in (await doctor.tap("发送给提问人"))[0]
    assert "已由提问人撤回，不再处理" in (await person.tap("补充说明"))[0]
    assert await counts(world) == []
    # The flow ended with the refusal: the next line is a question again.
    assert "依据" in (await doctor.say(KNOWN))[0]


async def test_facts_typed_without_the_button_are_not_lost(world: World, staff: Staff) -> None:
    person = await submitted(world)
    facts = "十月十二日，在长沙那边"
    assert "补充到工单" not in "".join(await person.say(facts) and person.labels())
    await staff.do(take, levels=staff.levels)
    await staff.do(ask_back, text="哪一天展出的？")
    assert NUMBER in (await person.say(facts))[0]
    old = person.find("补充到工单")
    await person.say("不对，是十月十三日")
    assert "已经记入或已失效" in (await person._send(button=old))[0]
    assert "已记入" in (await person.tap("补充到工单"))[0]
    await person.tap("查看进度")
    assert "不对，是十月十三日" in person.told()[-1]
    assert facts not in person.told()[-1]


async def test_rating_twice_and_bad_ratings(world: World, staff: Staff) -> None:
    person = await submitted(world)
    await staff.do(take, levels=staff.levels)
    await staff.do(answer, text="按规定办。")
    assert "可以让我们继续处理" in (await person.say("1"))[0]  # the number of the button
    await person.tap("说说原因")
    assert "已记入" in (await person.say("没有说到重点"))[0]
    assert "已经评价过了" in (await person.tap("5 很满意"))[0]
    await person.tap("没解决，继续处理")
    told = await person.say("宽限期到底怎么算？")
    assert "已重新打开" in told[0]
    [ticket] = await tickets(world)
    assert (ticket.status, ticket.rating) == ("in_progress", None)
    assert "还没有答复" in (await person.tap("5 很满意"))[0]
    await staff.do(answer, text="自展出之日起六个月。")
    await person.tap("4 满意")
    [ticket] = await tickets(world)
    assert (ticket.status, ticket.rating) == ("rated", 4)


async def test_a_reply_to_a_closed_ticket(world: World, staff: Staff) -> None:
    person = await submitted(world)
    await person.tap("补充说明")
    await staff.do(take, levels=staff.levels)
    await staff.do(answer, text="按规定办。")
    await staff.do(close, levels=staff.levels)
    assert "已经办结" in (await person.say("再补充一点"))[0]
    assert "依据" in (await person.say(KNOWN))[0]
    await person.tap("3 一般")  # still welcome
    assert (await tickets(world))[0].rating == 3


async def test_the_job_is_wired(world: World, staff: Staff) -> None:
    person = await submitted(world)
    world.clock.move(days=3)
    for job in world.station.jobs:
        await tick(world.station.database, job, world.clock())
    await world.drain()
    assert "没有赶上承诺" in "".join(person.told()[-2:])


async def test_the_likely_topic_can_be_typed_by_its_name(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    for text in ("转人工", QUESTION, "不填", "不填"):
        await person.say(text)
    assert person.labels()[0] == "专利申请（推荐）"
    assert "请核对" in (await person.say("专利申请"))[0]
