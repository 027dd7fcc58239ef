"""Who sees which ticket, and how much of it."""

import pytest

from core.masking import MASK, masked
from directory.actor import Actor
from escalation.model import Complexity, Status
from escalation.queries import UnknownTicket, access_ticket, queue, queue_counts, timeline
from escalation.service.answer import answer
from escalation.service.ask_back import ask_back
from escalation.service.expert import Reason, decline
from escalation.service.pass_on import pass_on
from escalation.service.recall import recall
from escalation.service.supplement import supplement
from escalation.service.take import take
from tests.unit.escalation.conftest import Room

NAME, PHONE = "王小明", "13800000000"


async def people(room: Room) -> dict[str, Actor]:
    return {
        "asker": await room.contact("asker"),
        "stranger": await room.contact("stranger"),
        "expert": await room.contact("doctor", "expert_filing"),
        "other expert": await room.contact("doctor2", "expert_filing_2"),
        "staff": await room.desk("staff"),
        "staff elsewhere": await room.desk("staff_south"),
        "province": await room.desk("province"),
    }


async def who_sees(room: Room, ticket_id: int) -> set[str]:
    seen = set()
    for name, actor in (await people(room)).items():
        async with room.session() as session:
            try:
                await access_ticket(session, actor, ticket_id)
            except UnknownTicket:
                continue
        seen.add(name)
    return seen


async def test_who_sees_a_ticket(room: Room) -> None:
    ticket, doctor = await room.with_expert()
    assert await who_sees(room, ticket.id) == {"asker", "staff", "province", "expert"}
    await room.do(decline, doctor, ticket, reason=Reason.FACTS, levels=room.levels)
    assert await who_sees(room, ticket.id) == {"asker", "staff", "province"}
    assert await who_sees(room, 999) == set()


async def test_an_account_with_the_number_of_a_contact_is_not_that_contact(room: Room) -> None:
    ticket = await room.open()
    impostor = Actor(kind="desk", id=ticket.contact_id, role="advisor")
    async with room.session() as session:
        with pytest.raises(UnknownTicket):
            await access_ticket(session, impostor, ticket.id)


async def test_queues_hold_what_one_works_on_oldest_due_first(room: Room) -> None:
    ordinary, staff = await room.taken("one")
    simple = await room.open("two")
    await room.do(take, staff, simple, levels=room.levels, complexity=Complexity.SIMPLE)
    south = await room.open("three", center_id=room.ids["south"])
    with_expert, _ = await room.with_expert("four")
    expected = {
        "staff": [simple.id, ordinary.id, with_expert.id],
        "staff elsewhere": [south.id],
        "province": [simple.id, ordinary.id, south.id, with_expert.id],
        "expert": [with_expert.id],
        "other expert": [],
        "asker": [],
    }
    actors = await people(room)
    async with room.session() as session:
        for name, ids in expected.items():
            assert [s.ticket.id for s in await queue(session, actors[name])] == ids, name
        only = await queue(session, actors["staff"], (Status.WITH_EXPERT,))
        assert [(s.center.code, s.expert.name if s.expert else "") for s in only] == [
            ("north", "示例专家甲")
        ]
        counts = await queue_counts(session, actors["staff"])
        assert counts == {Status.ACCEPTED: 2, Status.WITH_EXPERT: 1}


async def test_an_expert_learns_the_matter_and_not_the_asker(room: Room) -> None:
    ticket, _ = await room.with_expert(
        question=f"我是示例北园机械有限公司的{NAME}，电话{PHONE}，专利202110123456.7的年费怎么办？",
        person_name=NAME,
        phone=PHONE,
        enterprise_id=room.ids["factory"],
        bot_question=f"{NAME}问过年费",
    )
    asker = await room.contact("asker")
    await room.do(
        supplement, asker, ticket, text=f"补充：打我电话 138 0000 0001，{NAME}", levels=room.levels
    )
    await room.do(recall, await room.desk("staff"), ticket)
    expert_id = room.ids["expert_filing"]
    await room.do(
        pass_on,
        await room.desk("staff"),
        ticket,
        levels=room.levels,
        expert_id=expert_id,
        note=f"{NAME}很急",
    )
    told = "\n".join(await room.told("doctor"))
    assert "很急" in told
    assert "202110123456.7" in told
    assert "年费怎么办" in told
    for secret in (NAME, PHONE, "138 0000 0001", "示例北园机械有限公司"):
        assert secret not in told
    doctor = await room.contact("doctor", "expert_filing")
    async with room.session() as session:
        lines = await timeline(session, doctor, await access_ticket(session, doctor, ticket.id))
    assert [line.kind for line in lines] == [
        "opened",
        "take",
        "pass_on",
        "supplement",
        "recall",
        "pass_on",
    ]
    assert NAME not in "".join(line.text + line.who + line.note for line in lines)
    staff = await room.desk("staff")
    async with room.session() as session:
        lines = await timeline(session, staff, await access_ticket(session, staff, ticket.id))
    assert NAME in lines[0].text


async def test_notes_and_experts_names_stay_with_the_staff(room: Room) -> None:
    ticket, doctor = await room.with_expert()
    await room.do(
        decline, doctor, ticket, reason=Reason.OTHER, text="与对方是同学", levels=room.levels
    )
    asker, staff = await room.contact("asker"), await room.desk("staff")
    async with room.session() as session:
        seen = await timeline(session, asker, ticket)
        assert "同学" not in repr(seen)
        assert "示例专家" not in repr(seen)
        assert "示例staff" in repr(seen)
        assert "同学" in repr(await timeline(session, staff, ticket))


async def test_staff_answers_and_questions_reach_the_asker_in_order(room: Room) -> None:
    ticket, staff = await room.taken()
    asker = await room.contact("asker")
    await room.do(ask_back, staff, ticket, text="展览是哪一天？")
    room.clock.move(days=2)
    await room.do(supplement, asker, ticket, text="上个月三号", levels=room.levels)
    assert (await room.fresh(ticket)).status == "in_progress"
    await room.do(answer, staff, ticket, text="符合宽限期。")
    told = await room.told("asker")
    words = ("已提交", "已受理", "展览是哪一天", "已记入", "符合宽限期")
    assert len(told) == len(words)
    assert all(word in text for word, text in zip(words, told, strict=True))
    assert "11月26日 17:30" in told[3]  # two working days of waiting moved the promise


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("打13800000000找我", f"打{MASK}找我"),
        ("+86 138-0000-0000", MASK),
        ("身份证 11010119900101123X", f"身份证 {MASK}"),
        ("身份证130102 19900101 1234", f"身份证{MASK}"),
        ("代码91430000DEMA000001", f"代码{MASK}"),
        ("代码91430000dema000001", f"代码{MASK}"),
        ("电话１３８００００００００，谢谢？", f"电话{MASK}，谢谢？"),
        *((f"打 138{way}0000{way}0000。", f"打 {MASK}。") for way in (*".-·－—– ", "——", " - ")),
        *((f"{pre}13800000000", MASK) for pre in ("86", "0086-", "+86 ", "0")),
        ("13800000000QQ 微信zhang13800000000", f"{MASK}QQ 微信zhang{MASK}"),
        ("13800000000.5月前，13800000000/13900000000", f"{MASK}.5月前，{MASK}/{MASK}"),
        ("0551-62345678、(0551)6234 5678、+86 551 62345678", f"{MASK}、{MASK}、{MASK}"),
        ("（０５５１）62345678-801", MASK),
        ("申请号202110123456.7", "申请号202110123456.7"),
        ("ZL202110123456.7 和 ZL 2021 1 0123456.7", "ZL202110123456.7 和 ZL 2021 1 0123456.7"),
        ("老申请号 98101234.5、02112345.6", "老申请号 98101234.5、02112345.6"),
        ("2021138000000001，2026-11-23，138 件", "2021138000000001，2026-11-23，138 件"),
    ],
)
def test_masking_leaves_application_numbers_readable(text: str, shown: str) -> None:
    assert masked(text, []) == shown
