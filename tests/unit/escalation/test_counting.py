"""Z01 and Z04: what counts, for whom, once."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.clock import local
from escalation.lifecycle import NotYours
from escalation.model import TicketEvent
from escalation.service.answer import answer
from escalation.service.close import close
from escalation.service.expert import answer as expert_answer
from escalation.service.open import Matter
from escalation.service.pass_on import pass_on
from escalation.service.reopen import TooLateToReopen, reopen
from escalation.service.walk_in import InTheFuture, record_walk_in
from escalation.service.withdraw import withdraw
from ledger.model import ServiceCount
from ledger.service import MonthClosed, close_month, reverse
from tests.unit.escalation.conftest import WAITS, Room


async def closed(room: Room, user: str = "asker", **matter: object) -> str:
    """A ticket answered and closed by staff; the ledger's name for it."""
    ticket, staff = await room.taken(user, **matter)
    await room.do(answer, staff, ticket, text="可以。")
    await room.do(close, staff, ticket, levels=room.levels)
    return f"ticket:{ticket.id}"


async def test_a_matter_closed_by_staff_is_one_z01(both_rooms: Room) -> None:
    source = await closed(both_rooms)
    north = both_rooms.ids["north"]
    assert await both_rooms.counted() == [("Z01", source, north, "示例staff")]


async def test_an_experts_answer_is_z04_and_the_closing_z01(room: Room) -> None:
    ticket, doctor = await room.with_expert()
    assert await room.counted() == []
    await room.do(expert_answer, doctor, ticket, text="可以。")
    source, north = f"ticket:{ticket.id}", room.ids["north"]
    assert await room.counted() == [("Z04", source, north, "示例专家甲")]
    await room.do(close, await room.desk("staff"), ticket, levels=room.levels)
    assert await room.counted() == [
        ("Z01", source, north, "示例staff"),
        ("Z04", source, north, "示例专家甲"),
    ]


async def test_withdrawn_counts_nothing(room: Room) -> None:
    ticket = await room.open()
    await room.do(withdraw, await room.contact("asker"), ticket)
    assert await room.counted() == []


async def test_closing_again_after_reopening_counts_nothing_more(room: Room) -> None:
    ticket, staff = await room.taken()
    for _ in range(2):
        await room.do(answer, staff, ticket, text="可以。")
        await room.do(close, staff, ticket, levels=room.levels)
        asker = await room.contact("asker")
        await room.do(reopen, asker, ticket, text="还是不行", levels=room.levels)
    assert len(await room.counted()) == 1


async def test_reopening_ends_thirty_days_after_closing(room: Room) -> None:
    ticket, staff = await room.taken()
    await room.do(answer, staff, ticket, text="可以。")
    await room.do(close, staff, ticket, levels=room.levels)
    room.clock.move(days=30, minutes=1)
    with pytest.raises(TooLateToReopen):
        await room.do(reopen, await room.contact("asker"), ticket, text="又", levels=room.levels)


@pytest.mark.parametrize(
    ("later", "matter", "counts"),
    [
        (timedelta(days=7), {}, 1),
        (timedelta(days=7, minutes=1), {}, 2),
        (timedelta(days=1), {"area": "trademark"}, 2),
        (timedelta(days=1), {"user": "somebody else"}, 2),
    ],
)
async def test_follow_ups_merge(
    room: Room, later: timedelta, matter: dict[str, object], counts: int
) -> None:
    first = await closed(room)
    room.clock.now += later
    second = await closed(room, **matter)  # type: ignore[arg-type]
    assert [source for _, source, _, _ in await room.counted()] == [first, second][:counts]


async def test_the_timeline_names_what_a_follow_up_merged_into(room: Room) -> None:
    await closed(room)
    await closed(room)
    async with room.session() as session:
        line = await session.scalar(select(TicketEvent).where(TicketEvent.kind == "merged"))
        assert line is not None
        assert (line.text, line.visible_to_asker) == ("NORTH-20261123-001", False)


async def test_a_chain_of_follow_ups_cannot_swallow_more_than_the_merging_time(
    room: Room,
) -> None:
    first = await closed(room)
    room.clock.move(days=5)
    await closed(room)
    room.clock.move(days=5)
    third = await closed(room)
    assert [source for _, source, _, _ in await room.counted()] == [first, third]


async def test_after_a_reversal_the_follow_up_counts(room: Room) -> None:
    await closed(room)
    async with room.session() as session:
        count_id = await session.scalar(select(ServiceCount.id))
        assert count_id is not None
        await reverse(session, count_id=count_id, handler="x", reason="错", now=room.clock())
    second = await closed(room)
    assert second in [source for _, source, _, _ in await room.counted()]


@pytest.mark.postgres
async def test_two_follow_ups_closed_at_the_same_moment_count_once(postgres_room: Room) -> None:
    room, tickets = postgres_room, []
    for _ in range(2):
        ticket, staff = await room.taken()
        await room.do(answer, staff, ticket, text="可以。")
        tickets.append(ticket)
    async with room.session() as session:
        await close(
            session, actor=staff, ticket_id=tickets[0].id, levels=room.levels, now=room.clock()
        )
        other = asyncio.create_task(room.do(close, staff, tickets[1], levels=room.levels))
        await asyncio.wait({other}, timeout=WAITS)
    await other
    assert len(await room.counted()) == 1


async def test_a_counted_ticket_closed_again_merges_into_nothing(room: Room) -> None:
    ticket, staff = await room.taken()
    await room.do(answer, staff, ticket, text="可以。")
    await room.do(close, staff, ticket, levels=room.levels)
    room.clock.move(days=10)
    second = await closed(room)
    asker = await room.contact("asker")
    await room.do(reopen, asker, ticket, text="还是不行", levels=room.levels)
    await room.do(answer, staff, ticket, text="可以。")
    await room.do(close, staff, ticket, levels=room.levels)
    assert (await room.fresh(ticket)).merged_into_id is None
    assert [s for _, s, _, _ in await room.counted()] == [f"ticket:{ticket.id}", second]


async def walk_in(
    room: Room, *, by: str = "staff", event: str = "form1", phone: str | None = None, **when: float
):  # type: ignore[no-untyped-def]
    actor = await room.desk(by)
    async with room.session() as session:
        return await record_walk_in(
            session,
            actor=actor,
            matter=Matter(
                question="来窗口问年费怎么交",
                area="filing",
                center_id=room.ids["south"],
                person_name="李先生",
                phone=phone,
            ),
            answer="当场演示了网上缴费。",
            at=room.clock() - timedelta(**when),
            event=event,
            levels=room.levels,
            now=room.clock(),
        )


async def test_a_walk_in_of_yesterday_counts_once_on_its_own_day(both_rooms: Room) -> None:
    ticket = await walk_in(both_rooms, days=3)
    again = await walk_in(both_rooms, days=3)
    assert again.id == ticket.id
    assert (ticket.number, ticket.status) == ("NORTH-20261120-001", "closed")
    async with both_rooms.session() as session:
        rows = (await session.scalars(select(ServiceCount))).all()
        assert [f"{local(r.at):%m-%d}" for r in rows] == ["11-20"]
        assert (rows[0].code, rows[0].center_id) == ("Z01", both_rooms.ids["north"])
        lines = await session.scalars(select(TicketEvent).order_by(TicketEvent.id))
        assert [line.kind for line in lines] == ["opened", "answer", "close"]


async def test_a_walk_in_merges_by_telephone(room: Room) -> None:
    await walk_in(room, event="form1", phone="13800000000", days=1)
    await walk_in(room, event="form2", phone="13800000000")
    await walk_in(room, event="form3", phone=None)
    assert len(await room.counted()) == 2


async def test_a_walk_in_that_cannot_be_is_refused(room: Room) -> None:
    with pytest.raises(InTheFuture):
        await walk_in(room, hours=-1)
    async with room.session() as session:
        await close_month(session, month="2026-10", by="x", now=room.clock())
    with pytest.raises(MonthClosed):
        await walk_in(room, days=30)
    with pytest.raises(NotYours):  # the province has no window
        await walk_in(room, by="province")
    assert await room.counted() == []


async def test_a_walk_ins_expert_answer_counts_when_staff_hand_it_over(room: Room) -> None:
    ticket, staff = await walk_in(room), await room.desk("staff")
    doctor = await room.contact("doctor", "expert_filing")
    await room.do(reopen, staff, ticket, text="请专家再看", levels=room.levels)
    await room.do(pass_on, staff, ticket, levels=room.levels)
    await room.do(expert_answer, doctor, ticket, text="可以。")
    assert [code for code, *_ in await room.counted()] == ["Z01"]
    await room.do(close, staff, ticket, levels=room.levels)
    assert [code for code, *_ in await room.counted()] == ["Z01", "Z04"]
