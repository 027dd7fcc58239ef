"""Tickets beyond the plain way: in the chat, at the desk, and in confidence."""

from datetime import date

import pytest
from sqlalchemy import select

from bot.legal_opinion import wants_legal_opinion
from bot.recent import recent_questions
from core.outbox import OutboxRow
from core.seal import Sealer, WrongKey
from directory.actor import account_actor
from directory.model import Account
from escalation.model import Ticket, TicketEvent
from escalation.service.answer import answer
from escalation.service.panel import convene
from escalation.service.pass_on import pass_on
from escalation.service.seal import NotConfidential, open_sealed, seal
from escalation.service.take import take
from knowledge.model import EntryVersion, Exam, Gap
from tests.fakes import Unsure
from tests.fakes_desk import DeskWorld
from tests.flow.escalating import NUMBER, QUESTION, Staff, submitted, tickets, tied_expert
from tests.world import World

SECRET = "配方是甲乙丙三种溶剂"


async def test_an_expert_asks_for_facts_and_proposes_another_in_the_chat(
    world: World, staff: Staff
) -> None:
    doctor, second = await tied_expert(world), await tied_expert(world, "d2", "expert_filing_2")
    person = await submitted(world)
    await staff.do(take, levels=staff.levels)
    await staff.do(pass_on, levels=staff.levels)
    await doctor.tap("请补充情况")
    assert "已转给" in (await doctor.say("图纸公开过吗？"))[0]
    assert "图纸公开过吗？" in person.told()[-1]
    await person.tap("补充说明")
    await person.say("没有公开过图纸")
    assert "没有公开过图纸" in doctor.told()[-1]
    await doctor.tap("推荐其他专家")
    assert doctor.labels() == ["示例专家乙", "示例专家丙"]
    await doctor.tap("示例专家乙")
    assert NUMBER in second.told()[-1] and "没有公开过图纸" in second.told()[-1]
    assert "另请一位省级专家" in person.told()[-1]
    assert "没有找到这张工单" in (await doctor.tap("请补充情况"))[0]


async def test_a_panel_in_the_chat(world: World, staff: Staff) -> None:
    doctor, second = await tied_expert(world), await tied_expert(world, "d2", "expert_filing_2")
    await submitted(world)
    await staff.do(take, levels=staff.levels)
    ids = world.ids
    await staff.do(
        convene,
        reporter=ids["expert_filing"],
        members=[ids["expert_filing_2"]],
        levels=staff.levels,
    )
    assert "会诊" in (await second.say("待答") and second.labels()[0])
    await second.tap("给出意见")
    await second.tap("可行")
    await second.say("六个月内可以主张宽限期")
    assert "示例专家乙（可行）：六个月内" in doctor.told()[-1]
    assert "没有找到等您给意见的会诊" in (await second.tap("给出意见"))[0]


async def test_a_legal_deadline_is_seen_in_the_words_or_given(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    for text in ("转人工", "审查意见后天到期，怎么答复才好", "不填", "13800000000"):
        await person.say(text)
    assert "法定截止日期：2026-11-25" in (await person.tap("专利申请"))[0]
    await person.tap("有法定期限")
    assert "已经过去了" in (await person.say("11月1日"))[0]
    assert "法定截止日期：2026-12-20" in (await person.say("12月20日"))[0]
    await person.tap("有法定期限")
    assert "法定截止日期" not in (await person.tap("没有期限"))[0]
    await person.tap("有法定期限")
    await person.say("明天")
    told = await person.tap("同意并提交")
    assert "加急" in told[-1] and "11月23日 12:00 前" in told[-1]
    [ticket] = await tickets(world)
    assert (str(ticket.legal_due), ticket.urgent) == ("2026-11-24", True)


@pytest.mark.parametrize(
    ("text", "wants"),
    [
        ("能给我出具一份法律意见书吗", True),
        ("要一份盖章的意见书", True),
        ("请给正式法律意见", True),
        ("审查意见书怎么答复", False),
        ("收到审查意见通知书", False),
        ("意见陈述书怎么写", False),
    ],
)
def test_a_formal_legal_opinion_in_the_words(text: str, wants: bool) -> None:
    assert wants_legal_opinion(text) is wants


async def test_a_formal_legal_opinion_is_declined_and_the_way_on_stays_open(world: World) -> None:
    person = world.person()
    await person.open("c_north")
    said = (await person.say("能给我出具一份正式的法律意见书吗，要盖章"))[0]
    assert "不能出具" in said and "我们可以" in said
    assert "转人工之前" in (await person.tap("转人工"))[0]


async def test_the_rarer_steps_at_the_desk(desk: DeskWorld) -> None:
    ids = desk.world.ids
    lead = await desk.ticket(QUESTION, enterprise_id=ids["factory"])
    other = await desk.ticket("同一件事，电话里又问了一次", "li", enterprise_id=ids["factory"])
    foreign = await desk.ticket("另一家企业的事", "wang", enterprise_id=ids["southern"])
    page, seat = f"/tickets/{lead.id}", await desk.signed_in("staff")
    await seat.open(f"/tickets/{other.id}")
    assert lead.number in seat.page  # offered as the same matter
    await seat.send(f"/tickets/{other.id}/merge", into=foreign.number)
    assert seat.status == 404  # of another center: whether it exists is not told
    await seat.open(f"/tickets/{other.id}")
    await seat.send(f"/tickets/{other.id}/merge", into=lead.number.lower())
    assert (
        "已合并" in seat.words and "同一件事，电话里又问了一次" not in seat.words.split("经过")[0]
    )
    await seat.send(f"{page}/take", complexity="ordinary")
    await seat.send(f"{page}/extend", extend_why="")
    assert "请写明原因" in seat.words
    await seat.send(f"{page}/extend", extend_why="要查文献 <b>x</b>")
    assert "已延期" in seat.words and "<b>x</b>" not in seat.page
    await seat.send(f"{page}/split", part="另外商标怎么办", area="trademark", event="e1")
    assert "已拆出" in seat.words
    await seat.open(page)
    await seat.send(f"{page}/oppose", opponent="没有这家")
    assert "没有登记过这家企业" in seat.words
    await seat.send(f"{page}/oppose", opponent="示例南园电子有限公司")
    await seat.send(f"{page}/contacted", verb="call", contact_note="已说明")
    assert "已登记" in seat.words
    await seat.send(f"{page}/return", return_why="请找劳动仲裁机构")
    assert "已退回" in seat.words
    assert "劳动仲裁" in (await desk.told("zhang"))[-1]


async def test_panel_transfer_and_another_center_at_the_desk(desk: DeskWorld) -> None:
    ids = desk.world.ids
    ticket = await desk.ticket(QUESTION)
    page, seat = f"/tickets/{ticket.id}", await desk.signed_in("staff")
    await seat.open(page)
    await seat.send(f"{page}/move", center=str(ids["south"]), move_why="企业在南园")
    assert "已转到另一个分中心" in seat.words
    south = await desk.signed_in("staff_south")
    await south.open(page)
    assert ticket.number in south.words
    await south.send(f"{page}/take", complexity="ordinary")
    one, two = ids["expert_filing"], ids["expert_filing_2"]
    await south.send(f"{page}/panel", reporter=str(one), **{f"member{one}": str(one)})
    assert "至少要两位专家" in south.words
    await south.send(f"{page}/panel", reporter=str(one), **{f"member{two}": str(two)})
    assert "已发起会诊" in south.words and "还没有意见" in south.words
    await south.send(f"{page}/recall", why="改由法院")
    await south.send(f"{page}/transfer", office="court", transfer_why="要起诉")
    assert "已转出" in south.words


async def test_alerts_hand_over_and_leave_at_the_desk(desk: DeskWorld) -> None:
    ids = desk.world.ids
    ticket = await desk.ticket(QUESTION, legal_due=date(2026, 11, 24))
    seat = await desk.signed_in("staff")
    said = await seat.open("/alerts")
    assert "给提问人打电话" in said and said.count(ticket.number) == 2
    await seat.open("/hand-over")
    mine = str(ids["staff"])
    await seat.send("/hand-over", leaving=str(ids["staff"]), to=str(ids["staff"]), why="休假")
    assert "另一位在岗" in seat.words
    await seat.send("/hand-over/leave", who=mine, first="2026-11-25", last="2026-11-20")
    assert "不能早于" in seat.words
    await seat.send("/hand-over/leave", who=mine, first="2026-11-25", last="2026-11-26")
    assert "请假已登记" in seat.words and "11月26日" in seat.words
    await seat.send(
        "/hand-over/leave", who=str(ids["staff_south"]), first="2026-11-25", last="2026-11-26"
    )
    assert "不能由您" in seat.words


async def test_a_confidential_ticket_is_encrypted_and_each_opening_logged(
    world: World, staff: Staff, desk: DeskWorld
) -> None:
    doctor, person = await tied_expert(world), await submitted(world, question=SECRET)
    await staff.do(take, levels=staff.levels)
    await staff.do(seal)
    before = len(person.told())
    await person.tap("补充说明")
    await person.say("还有丁溶剂")
    await staff.do(pass_on, levels=staff.levels, note="看看甲溶剂")
    assert "溶剂" not in "".join(doctor.told())
    [ticket] = await tickets(world)
    async with world.session() as session:
        events = list(await session.scalars(select(TicketEvent)))
        kept = "".join(
            f"{t.question}{t.bot_question}{t.sealed}" for t in await session.scalars(select(Ticket))
        ) + "".join(f"{e.text}{e.note}{e.sealed}" for e in events)
    assert "溶剂" not in kept and ticket.sealed
    seat = await desk.signed_in("staff")
    for path in (f"/tickets/{ticket.id}", "/tickets", "/alerts"):
        assert "溶剂" not in await seat.open(path)
    await seat.open(f"/tickets/{ticket.id}")
    said = await seat.send(f"/tickets/{ticket.id}/open")
    for words in (SECRET, "还有丁溶剂", "看看甲溶剂"):
        assert words in said
    assert seat.headers["Cache-Control"] == "no-store"
    assert "查看保密内容 工作人员 · 示例staff" in await seat.open(f"/tickets/{ticket.id}")
    expert = await desk.signed_in("expert")
    assert "溶剂" not in await expert.open(f"/tickets/{ticket.id}")
    said = await expert.send(f"/tickets/{ticket.id}/open")
    assert SECRET in said and "看看甲溶剂" not in said  # notes are for staff
    await doctor.tap("接受")
    await doctor.tap("回答")
    await doctor.say("丙溶剂要先保密。")
    await doctor.tap("发送给提问人")
    assert "溶剂" not in "".join(person.told()[before:])
    assert "保密内容" in person.told()[-1]
    stranger = await desk.signed_in("staff_south")
    await stranger.open("/tickets")
    await stranger.send(f"/tickets/{ticket.id}/open")
    assert stranger.status == 404


async def test_words_open_with_their_key_alone(world: World, staff: Staff) -> None:
    sealed = Sealer("one").seal({"text": SECRET})
    assert Sealer("one").open(sealed) == {"text": SECRET}
    for key, text in (("two", sealed), ("one", sealed[:-2] + "xx"), ("one", "nonsense")):
        with pytest.raises(WrongKey):
            Sealer(key).open(text)
    with pytest.raises(ValueError, match="key"):
        Sealer("")
    await submitted(world)
    with pytest.raises(NotConfidential):
        await staff.do(open_sealed)


async def test_what_a_chat_asked_before_and_after_its_ticket_was_sealed_is_forgotten(
    both_worlds: World,
) -> None:
    world = both_worlds
    world.station.serving.engine = Unsure(world.station.engine, "unsure")
    for asked in (f"{SECRET}，电话 13800000000", "三种溶剂的比例能保密吗"):
        await world.person("zhang").say(asked)
    await world.person("li").say("专利证书丢了怎么补办")
    doctor = await tied_expert(world)
    await doctor.say("这件工单里的配方要怎么答复")
    await submitted(world, question=SECRET)
    exams = await kept_exams(world)
    async with world.session() as session:
        account = await session.get_one(Account, world.ids["staff"])
    await Staff(world, account_actor(account)).do(seal)
    await world.person("zhang").say("丁溶剂可以申请专利吗")
    async with world.session() as session:
        assert [*await session.scalars(select(Gap.question))] == ["专利证书丢了怎么补办"]
        assert await recent_questions(session) == ["专利证书丢了怎么补办"]
        assert [*await session.scalars(select(Exam.id))] == [exams["known"]]


async def kept_exams(world: World) -> dict[str, int]:
    """Of a draft: one that quotes nobody, one that quotes a person, one under way."""
    now = world.clock()
    async with world.session() as session:
        version = EntryVersion(
            entry_id="x", number=1, files={}, fingerprint="f", why="w", author="a", created_at=now
        )
        session.add(version)
        await session.flush()
        rows = {
            name: Exam(
                version_id=version.id, base="b", started_at=now, started_by="a",
                finished_at=now if name != "running" else None, result=result,
            )
            for name, result in (
                ("known", {"rows": [{"q": "年费", "real": False}]}),
                ("quoting", {"rows": [{"q": SECRET, "real": True}]}),
                ("running", {}),
            )
        }  # fmt: skip
        session.add_all(rows.values())
        await session.flush()
        return {name: row.id for name, row in rows.items()}


async def test_an_answer_to_a_confidential_ticket_never_leaves_by_push(
    world: World, staff: Staff
) -> None:
    person = await submitted(world)
    await staff.do(take, levels=staff.levels)
    await staff.do(seal)
    await staff.do(answer, text=SECRET)
    async with world.session() as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.chat == "zhang"))
        assert all("溶剂" not in row.payload["text"] for row in rows)
    assert "（保密内容，不在这里显示）" in person.told()[-1]
