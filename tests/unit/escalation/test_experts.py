"""Experts: facts asked of an unknown asker, conflicts known and declared, panels."""

import asyncio

import pytest
from sqlalchemy import func, select

from core.clock import local
from core.errors import Refusal
from directory.model import Conflict, Expert
from escalation.lifecycle import NotPossible
from escalation.model import Opinion
from escalation.routing import ExpertUnsuitable
from escalation.service.expert import Reason, accept, answer, ask, decline
from escalation.service.oppose import oppose
from escalation.service.panel import NoSeat, PanelTooSmall, Stance, convene, give_opinion
from escalation.service.pass_on import pass_on
from escalation.service.recall import recall
from escalation.service.supplement import supplement
from escalation.service.take import take
from tests.unit.escalation.conftest import Room


async def test_facts_are_asked_through_the_ticket_and_the_clocks_stop(room: Room) -> None:
    ticket, doctor = await room.with_expert(person_name="张三丰", phone="13800000000")
    await room.do(ask, doctor, ticket, text="图纸公开过吗？")
    waiting = await room.fresh(ticket)
    assert (waiting.status, waiting.expert_id) == ("waiting_asker", room.ids["expert_filing"])
    told = (await room.told("asker"))[-1]
    assert "图纸公开过吗？" in told and "示例专家甲" not in told
    with pytest.raises(NotPossible):
        await room.do(answer, doctor, ticket, text="等不及了")
    room.clock.move(days=1)
    asker = await room.contact("asker")
    await room.do(supplement, asker, ticket, text="没有，我是张三丰", levels=room.levels)
    back = await room.fresh(ticket)
    assert (back.status, back.waiting_since) == ("with_expert", None)
    assert (await room.told("doctor"))[-1].endswith("没有，我是＊＊＊")
    for before, after in (
        (waiting.expert_due_at, back.expert_due_at),
        (waiting.due_at, back.due_at),
    ):
        assert before is not None and after is not None
        assert (local(after).date() - local(before).date()).days >= 1
    await room.do(answer, doctor, ticket, text="可以主张宽限期。")
    assert (await room.fresh(ticket)).status == "answered"


async def test_a_declared_conflict_is_remembered(room: Room) -> None:
    factory = room.ids["factory"]
    ticket, doctor = await room.with_expert(enterprise_id=factory)
    await room.do(decline, doctor, ticket, reason=Reason.CONFLICT, levels=room.levels)
    async with room.session() as session:
        count = await session.scalar(select(func.count()).where(Conflict.enterprise_id == factory))
    assert count == 1
    second, staff = await room.taken("second", enterprise_id=factory)
    with pytest.raises(ExpertUnsuitable):
        given = {"levels": room.levels, "expert_id": room.ids["expert_filing"]}
        await room.do(pass_on, staff, second, **given)


async def test_whoever_served_one_side_is_kept_from_the_other(room: Room) -> None:
    ids = room.ids
    theirs, _ = await room.with_expert("theirs", enterprise_id=ids["factory"])
    ours, staff = await room.taken("ours", question="被示例北园机械有限公司起诉侵权，怎么办？")
    given = {"levels": room.levels, "expert_id": ids["expert_filing"]}
    with pytest.raises(ExpertUnsuitable):  # the question names the other side
        await room.do(pass_on, staff, ours, **given)
    silent, _ = await room.taken("silent")
    await room.do(oppose, staff, silent, name="示例北园机械有限公司")
    with pytest.raises(ExpertUnsuitable):  # staff wrote it down
        await room.do(pass_on, staff, silent, **given)
    await room.do(oppose, staff, theirs, name="示例南园电子有限公司")
    later = await room.open("later", enterprise_id=ids["southern"])
    south = await room.desk("staff_south")
    await room.do(take, south, later, levels=room.levels)
    with pytest.raises(ExpertUnsuitable):  # the other way round
        await room.do(pass_on, south, later, **given)


async def test_another_expert_is_proposed_whatever_the_field(room: Room) -> None:
    ticket, doctor = await room.with_expert()
    proposed = room.ids["expert_enforcement"]
    given = {"reason": Reason.FIELD, "levels": room.levels, "proposed": proposed}
    await room.do(decline, doctor, ticket, **given)
    now = await room.fresh(ticket)
    assert (now.status, now.expert_id) == ("with_expert", proposed)


async def test_who_accepts_more_often_is_asked_first(room: Room) -> None:
    ticket, doctor = await room.with_expert("a")
    await room.do(decline, doctor, ticket, reason=Reason.BUSY, levels=room.levels)
    second = await room.contact("doctor2", "expert_filing_2")
    await room.do(accept, second, ticket)
    await room.do(answer, second, ticket, text="答")
    fresh, staff = await room.taken("b")
    await room.do(pass_on, staff, fresh, levels=room.levels)
    assert (await room.fresh(fresh)).expert_id == room.ids["expert_filing_2"]


async def panel(room: Room):  # type: ignore[no-untyped-def]
    people = {
        "doctor": await room.contact("doctor", "expert_filing"),
        "doctor2": await room.contact("doctor2", "expert_filing_2"),
        "doctor3": await room.contact("doctor3", "expert_enforcement"),
    }
    ticket, staff = await room.taken(question="张三丰的产品展出过还能申请吗", person_name="张三丰")
    await room.do(
        convene,
        staff,
        ticket,
        reporter=room.ids["expert_filing"],
        members=[room.ids["expert_filing_2"], room.ids["expert_enforcement"]],
        levels=room.levels,
    )
    return ticket, staff, people


async def test_a_panel_gives_opinions_and_one_of_them_answers(both_rooms: Room) -> None:
    room = both_rooms
    ticket, _, people = await panel(room)
    due = (await room.fresh(ticket)).expert_due_at
    assert due is not None and f"{local(due):%m-%d %H:%M}" == "12-04 17:30"  # ten working days
    for chat in people:
        assert "张三丰" not in "".join(await room.told(chat))
    with pytest.raises(NoSeat):  # the reporter sums up, and has no seat
        await room.do(give_opinion, people["doctor"], ticket, stance=Stance.YES, text="行")
    await room.do(give_opinion, people["doctor2"], ticket, stance=Stance.YES, text="有宽限期")
    assert "收齐" in (await room.told("doctor"))[-1]  # when all are given, says the invitation
    assert "有宽限期" not in "".join(await room.told("doctor"))
    results = await asyncio.gather(
        *(
            room.do(give_opinion, people["doctor3"], ticket, stance=Stance.NO, text="超过六个月")
            for _ in range(2)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(r, Refusal) for r in results) == 1
    report = (await room.told("doctor"))[-1]
    for words in ("意见不一致", "示例专家乙（可行）：有宽限期", "示例专家丙（不可行）：超过六个月"):
        assert words in report
    assert "超过六个月" not in "".join(await room.told("asker"))
    await room.do(answer, people["doctor"], ticket, text="要看展出的日期。")
    assert "要看展出的日期。" in (await room.told("asker"))[-1]
    assert [code for code, *_ in await room.counted()] == ["Z04"]


async def test_a_panel_of_one_is_none_and_a_recalled_one_is_over(room: Room) -> None:
    ticket, staff, people = await panel(room)
    await room.do(recall, staff, ticket)
    with pytest.raises(NoSeat):
        await room.do(give_opinion, people["doctor2"], ticket, stance=Stance.YES, text="晚了")
    reporter = room.ids["expert_filing"]
    async with room.session() as session:
        (await session.get_one(Expert, room.ids["expert_filing_2"])).active = False
    for members in ([], [reporter], [room.ids["expert_filing_2"]], [10**6]):
        with pytest.raises(PanelTooSmall):
            await room.do(
                convene, staff, ticket, reporter=reporter, members=members, levels=room.levels
            )
    async with room.session() as session:
        assert await session.scalar(select(func.count()).select_from(Opinion)) == 2
