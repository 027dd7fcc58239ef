"""Asking in the chat: answered with sources, narrowed down, or handed to a person; counted once."""

import asyncio
from datetime import date
from threading import Event

from sqlalchemy import select, update

from bot.dispatch import Outcome
from bot.messages import Incoming
from bot.model import Conversation, Inbox
from bot.sessions import close_silent_sessions
from core.outbox import OutboxRow
from core.security import fingerprint
from directory.service import invite
from escalation.model import Status, Ticket
from knowledge.decide import Decision
from ledger.model import ClosedMonth, ServiceCount
from tests.world import World, utc

QUESTION = "专利年费忘交了，专利还在吗，怎么补救？"


async def counts(world: World) -> list[tuple[str, int | None]]:
    async with world.session() as session:
        rows = await session.scalars(select(ServiceCount).order_by(ServiceCount.id))
        return [(row.code, row.center_id) for row in rows]


async def test_an_answer_comes_with_its_basis_and_date(both_worlds: World) -> None:
    person = both_worlds.person()
    await person.open("c_north")
    told = await person.say(QUESTION)
    assert "依据：" in told[0]
    assert "《专利法" in told[0]
    assert "起适用" in told[0]


async def test_a_session_counts_once_for_the_center_of_the_link(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    for _ in range(3):
        await person.say(QUESTION)
        world.clock.move(minutes=5)
    assert await counts(world) == [("Z02", world.ids["north"])]
    world.clock.move(minutes=31)
    await person.say(QUESTION)
    assert await counts(world) == [("Z02", world.ids["north"])] * 2


async def test_the_center_is_asked_once_and_the_session_counts_then(world: World) -> None:
    person = world.person()
    told = await person.say(QUESTION)
    assert "哪个园区" in told[1]
    assert await counts(world) == []
    await person.tap("南园")
    assert await counts(world) == [("Z02", world.ids["south"])]
    assert len(await person.say(QUESTION)) == 1


async def test_a_session_without_a_center_is_not_lost(world: World) -> None:
    await world.person().say(QUESTION)
    world.clock.move(minutes=31)
    for _ in range(2):
        async with world.session() as session:
            await close_silent_sessions(session, world.clock())
    assert await counts(world) == [("Z02", None)]


async def test_a_repeated_event_changes_and_answers_nothing(both_worlds: World) -> None:
    world, person = both_worlds, both_worlds.person()
    incoming = Incoming("fake", "same", "zhang", "zhang", world.clock(), text=QUESTION)
    outcomes = await asyncio.gather(*(person.event(incoming) for _ in range(5)))
    assert sorted(outcomes) == [Outcome.HANDLED] + [Outcome.REPEAT] * 4
    async with world.session() as session:
        assert len((await session.scalars(select(Inbox))).all()) == 1
        assert len((await session.scalars(select(OutboxRow))).all()) == 2


async def test_messages_of_one_chat_are_handled_one_after_the_other(both_worlds: World) -> None:
    world = both_worlds
    dispatcher = world.station.dispatcher
    events = [
        Incoming("fake", f"p{n}", "zhang", "zhang", world.clock(), text=f"/{n}") for n in range(20)
    ]
    await asyncio.gather(*(dispatcher.handle(event) for event in events))
    async with world.session() as session:
        assert len((await session.scalars(select(Conversation))).all()) == 1
        assert len((await session.scalars(select(OutboxRow))).all()) == 20


async def test_bad_input_gets_a_clear_answer(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    assert "没有收到文字" in (await person.say("   "))[0]
    assert "没有收到文字" in (await person.say("\u202e\u200b\x00\x07"))[0]
    assert "前 2000 个字" in (await person.say("专利" * 5000))[0]
    assert "没有这个命令" in (await person.say("/nonsense"))[0]
    for text in ("<script>alert(1)</script>", "'; DROP TABLE inbox; --", "🙂🙂🙂"):
        told = await person.say(text)
        assert told, text
        assert "出了点问题" not in told[0], text
    photo = Incoming("fake", "photo", "zhang", "zhang", world.clock(), file="photo")
    await person.event(photo)
    assert "看不了图片" in person.told()[-1]


async def test_stale_and_foreign_buttons_are_refused(world: World) -> None:
    mine, other = world.person("mine"), world.person("other")
    await mine.open("c_north")
    await mine.say(QUESTION)
    tapped = Incoming("fake", "x1", "other", "other", world.clock(), button=mine.find("没解决"))
    assert await other.event(tapped) is Outcome.REFUSED
    assert "不属于这个对话" in other.told()[-1]
    for n, value in enumerate(("gone.0", "nonsense", ".", f"{mine.find('没解决')[:-1]}99")):
        event = Incoming("fake", f"y{n}", "mine", "mine", world.clock(), button=value)
        assert await mine.event(event) is Outcome.REFUSED


async def test_a_button_can_be_typed_by_number_or_label(world: World) -> None:
    person = world.person()
    await person.say(QUESTION)
    assert "示例北园分中心" in person.labels()
    assert "记下了" in (await person.say("示例北园分中心"))[0]
    await person.say("换分中心")
    assert "示例南园分中心" in (await person.say("2"))[0]


async def test_a_bug_is_apologised_for_and_nothing_is_lost(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    await person.say("换分中心")
    row = world.channel.rows[-1]
    async with world.session() as session:
        stored = await session.get_one(OutboxRow, row.id)
        broken = [[{"label": "坏", "do": "center.set:not-a-number"}]]
        stored.payload = {**stored.payload, "buttons": broken}
    event = Incoming("fake", "bug", "zhang", "zhang", world.clock(), button=f"{row.menu}.0")
    assert await person.event(event) is Outcome.FAILED
    assert f"编号 {fingerprint('fake:bug')[:8]}" in person.told()[-1]
    async with world.session() as session:
        kept = await session.scalar(select(Inbox).where(Inbox.event_id == "bug"))
        assert kept is not None
        assert kept.outcome == Outcome.FAILED
    assert "哪个园区" in (await person.say("换分中心"))[0]


async def test_an_edited_message_does_not_answer_a_flow(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    await person.say("转人工")
    edited = Incoming("fake", "ed", "zhang", "zhang", world.clock(), text="改过的话", edited=True)
    await person.event(edited)
    assert "修改旧消息" in person.told()[-2]
    async with world.session() as session:
        row = await session.scalar(select(Conversation).where(Conversation.chat == "zhang"))
        assert row is not None
        assert "改过的话" not in str(row.data)


class BrokenEngine:
    """An engine that fails on every question."""

    def ask(self, question: str, day: object, last: object) -> object:
        raise RuntimeError("broken")


async def test_a_broken_engine_hands_off_to_a_person(world: World) -> None:
    world.station.serving.engine = BrokenEngine()  # type: ignore[assignment]
    person = world.person()
    assert "直接转人工" in (await person.say(QUESTION))[0]
    assert "转人工" in person.labels()


async def test_a_session_that_the_job_has_not_seen_counts_when_the_person_comes_back(
    world: World,
) -> None:
    world.clock.now = utc(2026, 11, 30, 15, 40)  # twenty to midnight in China
    person = world.person()
    await person.say(QUESTION)
    world.clock.move(minutes=31)
    await person.say("你好")
    async with world.session() as session:
        await close_silent_sessions(session, world.clock())
        row = (await session.scalars(select(ServiceCount))).one()
        assert (row.code, row.center_id, row.at) == ("Z02", None, utc(2026, 11, 30, 15, 40))
        session.add(ClosedMonth(month="2026-12", closed_at=world.clock(), closed_by="x"))
    await person.say(QUESTION)
    world.clock.now = utc(2027, 1, 4)
    await person.say("你好")
    async with world.session() as session:
        dates = await session.scalars(select(ServiceCount.at).order_by(ServiceCount.id))
        assert list(dates)[1:] == [world.clock()]


async def test_a_quick_event_does_not_overtake_a_question_being_matched(world: World) -> None:
    dispatcher, real, entered = world.station.dispatcher, world.station.engine, Event()

    class Pondering:
        def ask(self, question: str, day: date, last: object) -> Decision:
            entered.wait(5)
            return real.ask(question, day)

    world.station.serving.engine = Pondering()  # type: ignore[assignment]
    slow = Incoming("fake", "first", "zhang", "zhang", world.clock(), text=QUESTION)
    quick = Incoming("fake", "second", "zhang", "zhang", world.clock(), text="/help")
    both = [asyncio.create_task(dispatcher.handle(event)) for event in (slow, quick)]
    await asyncio.wait(both[1:], timeout=0.3)
    entered.set()
    await asyncio.gather(*both)
    async with world.session() as session:
        order = await session.scalars(select(Inbox.event_id).order_by(Inbox.id))
        assert list(order) == ["first", "second"]


async def test_a_group_learns_nothing_of_tickets_and_ties_no_expert(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    for text in ("转人工", "我们的产品在展会上展出过", "不填", "不填", "专利申请", "同意并提交"):
        await person.say(text)
    async with world.session() as session:
        await session.execute(update(Ticket).values(status=Status.WAITING_ASKER))
        link = f"x_{await invite(session, now=world.clock(), expert_id=world.ids['expert_filing'])}"
    assert "补充到工单" in (await person.say("那台机器是去年三月在广州第一次摆出来的"))[0]

    async def in_group(event: str, **what: str) -> str:
        await person.event(
            Incoming("fake", event, "-100", "zhang", world.clock(), group=True, **what)  # type: ignore[arg-type]
        )
        return "".join(world.channel.texts("-100"))

    said = await in_group("g1", text="那台机器是去年三月在广州第一次摆出来的")
    assert said
    assert "NORTH-" not in said
    assert "私聊" in await in_group("g2", start=link)
    await in_group("g3", text=QUESTION)
    menu = world.channel.rows[-1]
    assert "记下了" in await in_group("g4", button=f"{menu.menu}.0")
    assert "已用过" not in (await person.open(link))[0]
