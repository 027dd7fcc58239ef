"""Returned, merged, split, transferred, extended: each told to the asker with what comes next."""

import asyncio

import pytest
from sqlalchemy import select

from core.clock import local
from core.errors import Refusal
from escalation.lifecycle import NotPossible
from escalation.model import Ticket
from escalation.queries import access_ticket, timeline
from escalation.service.answer import answer
from escalation.service.ask_back import ask_back
from escalation.service.close import close
from escalation.service.expert import ask
from escalation.service.extend import AlreadyExtended, extend
from escalation.service.give_back import give_back
from escalation.service.merge import CannotLead, NotOneMatter, merge, unmerge
from escalation.service.oppose import NoSuchOpponent, oppose
from escalation.service.pass_on import pass_on
from escalation.service.reopen import reopen
from escalation.service.split import split
from escalation.service.supplement import supplement
from escalation.service.transfer import Office, SameCenter, move_center, transfer
from escalation.service.withdraw import withdraw
from tests.unit.escalation.conftest import Room


async def lines(room: Room, actor: object, ticket: Ticket) -> list[tuple[str, str, str]]:
    async with room.session() as session:
        seen = await access_ticket(session, actor, ticket.id)  # type: ignore[arg-type]
        past = await timeline(session, actor, seen)  # type: ignore[arg-type]
        return [(line.kind, line.who, line.text) for line in past]


async def test_returned_with_the_reason_and_back_again(room: Room) -> None:
    ticket, staff = await room.taken()
    await room.do(give_back, staff, ticket, why="这是劳动争议，请找劳动仲裁机构。")
    assert (await room.fresh(ticket)).status == "returned"
    assert "劳动仲裁机构" in (await room.told("asker"))[-1]
    assert await lines(room, staff, ticket) == [
        ("opened", "", "公开展览过的产品还能不能申请专利？"),
        ("take", "示例staff", ""),
        ("return", "示例staff", "这是劳动争议，请找劳动仲裁机构。"),
    ]
    asker = await room.contact("asker")
    await room.do(reopen, asker, ticket, text="我问的是专利，不是工资", levels=room.levels)
    assert (await room.fresh(ticket)).status == "in_progress"


@pytest.mark.parametrize(
    ("office", "words"), [(Office.COURT, "立案窗口"), (Office.COPYRIGHT, "版权主管部门")]
)
async def test_for_an_office_outside(room: Room, office: Office, words: str) -> None:
    ticket, staff = await room.taken()
    await room.do(transfer, staff, ticket, office=office, why="要起诉才能解决。")
    told = (await room.told("asker"))[-1]
    assert words in told and "要起诉才能解决。" in told
    assert (await room.fresh(ticket)).status == "transferred"
    with pytest.raises(NotPossible):
        await room.do(answer, staff, ticket, text="补一句")
    assert await room.counted() == []  # what was not handled is not counted


async def test_another_center_keeps_number_and_timeline(room: Room) -> None:
    ticket, staff = await room.taken()
    with pytest.raises(SameCenter):
        await room.do(
            move_center, staff, ticket, center_id=room.ids["north"], why="x", levels=room.levels
        )
    south = room.ids["south"]
    await room.do(move_center, staff, ticket, center_id=south, why="企业在南园", levels=room.levels)
    moved = await room.fresh(ticket)
    assert (moved.number, moved.status, moved.center_id) == (ticket.number, "new", south)
    assert moved.assignee_id == room.ids["staff_south"]
    told = (await room.told("asker"))[-1]
    assert "示例南园分中心" in told and "企业在南园" in told and "前首次联系您" in told
    theirs = await room.desk("staff_south")
    assert [kind for kind, _, _ in await lines(room, theirs, ticket)] == [
        "opened", "take", "move_center",
    ]  # fmt: skip
    with pytest.raises(Refusal):
        await room.do(answer, staff, ticket, text="不再是我们的")


async def test_one_matter_of_three_channels_is_one_count(room: Room) -> None:
    factory = room.ids["factory"]
    lead, staff = await room.taken("web", enterprise_id=factory)
    second = await room.open("phone", enterprise_id=factory)
    third = await room.open("group")
    for other in (second, third):
        await room.do(merge, staff, other, into=lead.id)
        assert (await room.fresh(other)).status == "merged"
    assert lead.number in (await room.told("phone"))[-1]
    assert second.number in "".join(await room.told("web"))
    await room.do(ask_back, staff, lead, text="哪一天展出的？")
    for chat in ("web", "phone", "group"):
        assert "哪一天展出的？" in (await room.told(chat))[-1]
    asker = await room.contact("phone")
    await room.do(supplement, asker, second, text="十月十二日", levels=room.levels)
    assert (await room.fresh(lead)).status == "in_progress"  # the facts reached the matter
    seen = await lines(room, staff, lead)
    assert ("supplement", "", "十月十二日") in seen
    assert sum(kind == "opened" for kind, _, _ in seen) == 3
    assert not [text for _, _, text in await lines(room, await room.contact("web"), lead)
                if "十月十二日" in text]  # fmt: skip
    await room.do(answer, staff, lead, text="可以主张宽限期。")
    for chat in ("web", "phone", "group"):
        assert "可以主张宽限期。" in (await room.told(chat))[-1]
    assert ("answer", "示例staff", "可以主张宽限期。") in await lines(room, asker, second)
    await room.do(close, staff, lead, levels=room.levels)
    assert [(code, source) for code, source, _, _ in await room.counted()] == [
        ("Z01", f"ticket:{lead.id}")
    ]


async def test_both_sides_of_a_dispute_stay_apart(room: Room) -> None:
    ours, staff = await room.taken("ours", enterprise_id=room.ids["factory"])
    opened = await room.open("theirs")
    async with room.session() as session:  # an enterprise of another park that asked here
        theirs = await session.get_one(Ticket, opened.id)
        theirs.enterprise_id = room.ids["southern"]
    for one, other in ((ours, theirs), (theirs, ours)):
        with pytest.raises(NotOneMatter):
            await room.do(merge, staff, one, into=other.id)
        assert (await room.fresh(one)).status != "merged"
    await room.do(oppose, staff, ours, name="示例南园电子有限公司")
    nameless = await room.open("nameless")
    await room.do(oppose, staff, nameless, name="91430000DEMO000001")
    with pytest.raises(NotOneMatter):  # its other side is the factory itself
        await room.do(merge, staff, nameless, into=ours.id)
    with pytest.raises(NoSuchOpponent):
        await room.do(oppose, staff, ours, name="示例北园机械有限公司")
    asker = await room.contact("ours")
    assert "oppose" not in [kind for kind, _, _ in await lines(room, asker, ours)]


async def test_only_an_open_ticket_of_the_center_leads(room: Room) -> None:
    one, staff = await room.taken("one")
    done, _ = await room.taken("done")
    await room.do(answer, staff, done, text="答")
    south = await room.open("south", center_id=room.ids["south"])
    province = await room.desk("province")
    for lead in (one, done, south):
        with pytest.raises(CannotLead):
            await room.do(merge, province, one, into=lead.id)


async def test_two_merging_into_each_other_at_once(both_rooms: Room) -> None:
    room = both_rooms
    one, staff = await room.taken("one")
    two, _ = await room.taken("two")

    async def attempt(ticket: Ticket, into: Ticket) -> bool:
        try:
            await room.do(merge, staff, ticket, into=into.id)
        except Refusal:
            return False
        return True

    assert sorted(await asyncio.gather(attempt(one, two), attempt(two, one))) == [False, True]
    states = sorted([(await room.fresh(one)).status, (await room.fresh(two)).status])
    assert states == ["accepted", "merged"]


async def test_a_wrong_merging_is_undone_and_a_chain_stays_flat(room: Room) -> None:
    first, staff = await room.taken("first")
    second, _ = await room.taken("second")
    third = await room.open("third")
    await room.do(merge, staff, third, into=second.id)
    await room.do(merge, staff, second, into=first.id)
    assert (await room.fresh(third)).merged_into_id == first.id
    await room.do(unmerge, staff, third, why="是另一件事", levels=room.levels)
    alone = await room.fresh(third)
    assert (alone.status, alone.merged_into_id) == ("in_progress", None)
    assert "恢复单独办理" in (await room.told("third"))[-1]
    before = len(await room.told("third"))
    await room.do(answer, staff, first, text="答一")
    assert len(await room.told("third")) == before


async def test_an_expert_reads_the_merged_facts_without_anybodys_name(room: Room) -> None:
    await room.contact("doctor", "expert_filing")
    lead, staff = await room.taken("a", person_name="张三丰", phone="13800000001")
    other = await room.open(
        "b", question="我是李四光，昨天还开过发布会", person_name="李四光", phone="13900000002"
    )
    await room.do(merge, staff, other, into=lead.id)
    expert_id = room.ids["expert_filing"]
    await room.do(pass_on, staff, lead, levels=room.levels, expert_id=expert_id)
    card = (await room.told("doctor"))[-1]
    assert "昨天还开过发布会" in card
    assert "李四光" not in card


async def test_the_second_question_gets_its_own_number(room: Room) -> None:
    ticket, staff = await room.taken(person_name="张三", phone="13800000000")
    given = {"question": "另外商标被抢注怎么办", "area": "trademark", "event": "form-1"}
    for _ in range(2):  # the form sent twice
        second = await room.do(split, staff, ticket, levels=room.levels, **given)
    async with room.session() as session:
        both = list(await session.scalars(select(Ticket).order_by(Ticket.id)))
    assert [t.number for t in both] == [ticket.number, second.number]
    assert (second.contact_id, second.phone, second.area) == (
        ticket.contact_id, "13800000000", "trademark",
    )  # fmt: skip
    assert second.number in (await room.told("asker"))[-1]
    assert ("split", "示例staff", second.number) in await lines(room, staff, ticket)


async def test_one_extension_with_its_reason(room: Room) -> None:
    ticket, staff = await room.taken()
    assert f"{local(ticket.due_at):%m-%d %H:%M}" == "11-24 17:30"
    await room.do(extend, staff, ticket, why="要查国外文献", levels=room.levels)
    told = (await room.told("asker"))[-1]
    assert "要查国外文献" in told and "12月1日 17:30 前" in told
    with pytest.raises(AlreadyExtended):
        await room.do(extend, staff, ticket, why="还要更久", levels=room.levels)
    assert f"{local((await room.fresh(ticket)).due_at):%m-%d}" == "12-01"


async def test_withdrawn_while_the_expert_waits_for_facts_is_told_to_the_expert(room: Room) -> None:
    ticket, doctor = await room.with_expert()
    await room.do(ask, doctor, ticket, text="图纸公开过吗？")
    await room.do(withdraw, await room.contact("asker"), ticket)
    assert "已由提问人撤回" in (await room.told("doctor"))[-1]
