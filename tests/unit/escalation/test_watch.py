"""What comes up is said and done in time: acceptance, waiting, warnings, corrected calendars."""

import asyncio
import dataclasses
from datetime import date

import pytest
from sqlalchemy import select

from core.clock import at_local, local
from directory.absences import BadLeave, take_leave
from directory.model import Account, Center, Role
from escalation.alerts import open_alerts
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import NotYours
from escalation.model import Complexity, Ticket, TicketAlert
from escalation.queries import oldest_open
from escalation.service.answer import answer
from escalation.service.ask_back import ask_back
from escalation.service.close import close
from escalation.service.contact import note_contact
from escalation.service.expert import accept
from escalation.service.hand_over import NotASuccessor, hand_over, hand_over_expert
from escalation.service.pass_on import pass_on
from escalation.service.rate import rate
from escalation.service.recompute import recompute
from escalation.service.reopen import reopen
from escalation.service.supplement import supplement
from escalation.service.take import take
from escalation.service.watch import watch_promises
from ledger.model import ServiceCount
from tests.unit.escalation.conftest import Room


async def watch(room: Room) -> None:
    async with room.session() as session:
        await watch_promises(room.levels)(session, room.clock())


async def colleague(room: Room, username: str, **columns: object) -> int:
    async with room.session() as session:
        account = Account(
            username=username, password_hash="!", name=f"示例{username}", role=Role.STAFF,
            **{"center_id": room.ids["north"], **columns},
        )  # fmt: skip
        session.add(account)
        await session.flush()
        room.ids[username] = account.id
        return account.id


async def alerts(room: Room) -> list[tuple[str, int | None, bool]]:
    async with room.session() as session:
        rows = await session.scalars(select(TicketAlert).order_by(TicketAlert.id))
        return [(row.kind, row.account_id, row.done_at is not None) for row in rows]


async def test_staff_by_language_topic_and_load(room: Room) -> None:
    english = await colleague(room, "english", languages=["en", "zh"])
    marks = await colleague(room, "marks", areas=["trademark"])
    staff = room.ids["staff"]
    assert (await room.open("a", area="trademark")).assignee_id == english  # she speaks it too
    async with room.session() as session:
        (await session.get_one(Account, english)).languages = ["en"]
    assert (await room.open("b", area="trademark")).assignee_id == marks
    assert (await room.open("c", area="filing")).assignee_id == staff
    second = await colleague(room, "second")
    assert (await room.open("d", area="filing")).assignee_id == second  # fewer open tickets
    async with room.session() as session:
        day = local(room.clock()).date()
        await take_leave(session, first_day=day, last_day=day, account_id=second)
        with pytest.raises(BadLeave):
            await take_leave(session, first_day=day, last_day=date(2026, 1, 1), account_id=second)
    assert (await room.open("e", area="filing")).assignee_id == staff
    south = await room.open("f", center_id=room.ids["south"])
    assert south.assignee_id == room.ids["staff_south"]


async def test_not_taken_goes_to_the_next_and_then_to_everybody(both_rooms: Room) -> None:
    room = both_rooms
    second = await colleague(room, "second")
    ticket = await room.open()
    assert ticket.assignee_id == room.ids["staff"]
    assert ticket.reply_due_at is not None
    room.clock.now = ticket.reply_due_at
    await watch(room)
    assert (await room.fresh(ticket)).assignee_id == room.ids["staff"]  # to the last moment
    room.clock.move(seconds=1)
    await asyncio.gather(*(watch(room) for _ in range(4)))
    moved = await room.fresh(ticket)
    assert moved.assignee_id == second
    told = await room.told("asker")
    assert len(told) == 2 and "已改派给另一位" in told[-1]
    assert moved.reply_due_at is not None
    room.clock.now = moved.reply_due_at
    room.clock.move(seconds=1)
    for _ in range(2):
        await watch(room)
    assert ("not_taken", None, False) in await alerts(room)
    told = await room.told("asker")
    assert len(told) == 3 and "还没有人受理" in told[-1]
    await room.do(take, await room.desk("staff"), ticket, levels=room.levels)
    assert ("not_taken", None, True) in await alerts(room)


async def test_warned_at_half_and_at_four_fifths_once_each(both_rooms: Room) -> None:
    room = both_rooms
    ticket, _ = await room.taken()  # Monday 10:00, due Tuesday 17:30: 13 working hours
    staff = room.ids["staff"]
    await watch(room)
    assert await alerts(room) == []
    room.clock.now = at_local(date(2026, 11, 24), 9, 30)
    await watch(room)
    await watch(room)
    assert await alerts(room) == [("half", staff, False)]
    room.clock.now = at_local(date(2026, 11, 24), 16)
    await asyncio.gather(*(watch(room) for _ in range(3)))
    assert await alerts(room) == [("half", staff, True), ("late_soon", staff, False)]
    mine, theirs = await room.desk("staff"), await room.desk("staff_south")
    province = await room.desk("province")
    async with room.session() as session:
        warned = await open_alerts(session, mine)
        assert [(w.alert.kind, w.ticket.id) for w in warned] == [("late_soon", ticket.id)]
        assert await open_alerts(session, theirs) == []
        assert len(await open_alerts(session, province)) == 1
    await room.do(answer, mine, ticket, text="可以。")
    assert all(done for _, _, done in await alerts(room))
    asker = await room.contact("asker")
    await room.do(reopen, asker, ticket, text="还有一点", levels=room.levels)
    room.clock.now = at_local(date(2026, 11, 25), 17)
    await watch(room)
    assert (await alerts(room))[-1] == ("late_soon", staff, False)  # a new run of the clock


async def test_waiting_is_no_working_time(room: Room) -> None:
    ticket, staff = await room.taken()
    await room.do(ask_back, staff, ticket, text="哪一天？")
    room.clock.now = at_local(date(2026, 11, 26), 10)
    await watch(room)
    assert await alerts(room) == []
    asker = await room.contact("asker")
    await room.do(supplement, asker, ticket, text="三号", levels=room.levels)
    await watch(room)
    assert await alerts(room) == []
    due = (await room.fresh(ticket)).due_at
    assert f"{local(due):%m-%d %H:%M}" == "11-27 17:30"  # three working days later, to the minute


async def test_an_expert_who_does_not_accept_loses_the_ticket(both_rooms: Room) -> None:
    room = both_rooms
    await room.contact("doctor2", "expert_filing_2")
    ticket, _ = await room.with_expert()
    due = (await room.fresh(ticket)).expert_accept_due_at
    assert due is not None
    room.clock.now = due
    await watch(room)
    assert (await room.fresh(ticket)).expert_id == room.ids["expert_filing"]
    room.clock.move(seconds=1)
    await asyncio.gather(*(watch(room) for _ in range(3)))
    now = await room.fresh(ticket)
    assert (now.status, now.expert_id) == ("with_expert", room.ids["expert_filing_2"])
    assert "另请一位省级专家" in (await room.told("asker"))[-1]
    assert "不用再解答" in (await room.told("doctor"))[-1]
    assert len(await room.told("doctor2")) == 1
    assert now.expert_accept_due_at is not None
    room.clock.now = now.expert_accept_due_at
    room.clock.move(seconds=1)
    await watch(room)
    last = await room.fresh(ticket)
    assert (last.status, last.expert_id) == ("in_progress", None)
    assert "由工作人员继续处理" in (await room.told("asker"))[-1]


async def test_an_expert_who_accepted_keeps_it(room: Room) -> None:
    ticket, doctor = await room.with_expert()
    await room.do(accept, doctor, ticket)
    room.clock.move(days=2)
    await watch(room)
    assert (await room.fresh(ticket)).expert_id == room.ids["expert_filing"]


async def test_reminded_after_a_week_closed_after_two_and_reopened(both_rooms: Room) -> None:
    room = both_rooms
    ticket, staff = await room.taken()
    await room.do(ask_back, staff, ticket, text="哪一天？")
    before = len(await room.told("asker"))
    room.clock.move(days=7)
    for _ in range(2):
        await asyncio.gather(*(watch(room) for _ in range(3)))
    told = (await room.told("asker"))[before:]
    assert len(told) == 1 and "还在等您补充" in told[0] and "12月7日" in told[0]
    room.clock.move(days=7)
    for _ in range(2):
        await watch(room)
    told = (await room.told("asker"))[before:]
    assert len(told) == 2 and "已先关闭" in told[1]
    assert (await room.fresh(ticket)).status == "closed"
    assert await room.counted() == []  # no person closed the matter
    room.clock.move(days=30)
    asker = await room.contact("asker")
    await room.do(reopen, asker, ticket, text="是三号", levels=room.levels)
    await room.do(answer, staff, ticket, text="可以。")
    await room.do(close, staff, ticket, levels=room.levels)
    assert [code for code, *_ in await room.counted()] == ["Z01"]


async def test_a_near_legal_deadline_means_a_call_in_two_hours(room: Room) -> None:
    ticket = await room.open(legal_due=date(2026, 11, 30), phone="13800000000")
    assert ticket.urgent
    told = (await room.told("asker"))[-1]
    assert "2026-11-30" in told and "11月23日 12:00 前" in told
    assert await alerts(room) == [("call", room.ids["staff"], False)]
    staff = await room.desk("staff")
    await room.do(note_contact, staff, ticket, kind="call", text="已说明要先请求延期")
    assert await alerts(room) == [("call", room.ids["staff"], True)]
    assert not (await room.open("later", legal_due=date(2026, 12, 1))).urgent
    nameless = await room.open("nameless", legal_due=date(2026, 11, 23))
    assert nameless.urgent and "您没有留电话" in (await room.told("nameless"))[-1]


async def test_a_corrected_calendar_moves_the_promises_and_says_so(both_rooms: Room) -> None:
    room = both_rooms
    ticket, staff = await room.taken()
    paused, _ = await room.taken("paused")
    await room.do(ask_back, staff, paused, text="哪一天？")
    room.clock.move(hours=1)
    await room.do(supplement, await room.contact("paused"), paused, text="三号", levels=room.levels)
    before = len(await room.told("asker"))
    rest = dataclasses.replace(room.levels.worktime, holidays=frozenset({date(2026, 11, 24)}))
    corrected = ServiceLevels(room.levels.promise, rest)

    async def once(levels: ServiceLevels) -> int:
        async with room.session() as session:
            return await recompute(session, levels=levels, now=room.clock())

    assert await once(room.levels) == 0  # a date that was right is left alone
    assert await once(corrected) == 2
    assert await once(corrected) == 0
    assert f"{local((await room.fresh(ticket)).due_at):%m-%d %H:%M}" == "11-25 17:30"
    assert f"{local((await room.fresh(paused)).due_at):%m-%d %H:%M}" == "11-26 10:00"
    told = (await room.told("asker"))[before:]
    assert len(told) == 1 and "11月25日 17:30 前" in told[0]


async def test_a_centers_own_hours_make_its_promises(room: Room) -> None:
    async with room.session() as session:
        (await session.get_one(Center, room.ids["north"])).spans = ["08:00-12:00", "14:00-16:00"]
    ticket, _ = await room.taken()
    assert f"{local(ticket.due_at):%m-%d %H:%M}" == "11-24 16:00"
    elsewhere = await room.open("x", center_id=room.ids["south"])
    assert f"{local(elsewhere.due_at):%m-%d %H:%M}" == "11-24 17:30"


async def test_a_bad_rating_is_contacted_and_settled(room: Room) -> None:
    ticket, staff = await room.taken()
    await room.do(answer, staff, ticket, text="按规定办。")
    asker = await room.contact("asker")
    await room.do(rate, asker, ticket, rating=1, levels=room.levels)
    assert "11月24日 10:00 前联系您" in (await room.told("asker"))[-1]
    who = room.ids["staff"]
    assert await alerts(room) == [("contact", who, False), ("settle", who, False)]
    assert [(code, handler) for code, _, _, handler in await room.counted()] == [
        ("S01", "示例staff")
    ]
    await room.do(note_contact, staff, ticket, kind="contact", text="想要一份流程图")
    assert await alerts(room) == [("contact", who, True), ("settle", who, False)]
    assert "流程图" not in "".join(await room.told("asker"))
    await room.do(note_contact, staff, ticket, kind="settle", text="流程图已给")
    assert await alerts(room) == [("contact", who, True), ("settle", who, True)]
    assert "已处理完" in (await room.told("asker"))[-1]


async def test_a_matter_is_rated_once_in_the_ledger(room: Room) -> None:
    ticket, staff = await room.taken()
    await room.do(answer, staff, ticket, text="按规定办。")
    asker = await room.contact("asker")
    await room.do(rate, asker, ticket, rating=2, levels=room.levels)
    await room.do(reopen, asker, ticket, text="还有一点", levels=room.levels)
    await room.do(answer, staff, ticket, text="补充如下。")
    await room.do(rate, asker, ticket, rating=5, levels=room.levels)
    async with room.session() as session:
        rows = await session.scalars(select(ServiceCount).where(ServiceCount.code == "S01"))
        assert [row.quantity for row in rows] == [2]


async def test_hand_over_before_leave(room: Room) -> None:
    second = await colleague(room, "second")
    one, staff = await room.taken("one")
    two = await room.open("two", area="filing")
    async with room.session() as session:
        (await session.get_one(Ticket, two.id)).assignee_id = staff.id
    done, _ = await room.taken("done")
    await room.do(answer, staff, done, text="答")
    assert staff.id is not None
    south, colleague_ = await room.desk("staff_south"), await room.desk("second")
    async with room.session() as session:
        given = {"leaving": staff.id, "to": second, "why": "休假", "now": room.clock()}
        with pytest.raises(NotYours):
            await hand_over(session, actor=south, **given)
        with pytest.raises(NotYours):  # a colleague's tickets are not one's own to give
            await hand_over(session, actor=colleague_, **given)
        for wrong in (staff.id, room.ids["staff_south"], 10**6):
            with pytest.raises(NotASuccessor):
                await hand_over(session, actor=staff, **{**given, "to": wrong})
        assert await hand_over(session, actor=staff, **given) == 2
    assert [(await room.fresh(t)).assignee_id for t in (one, two, done)] == [
        second, second, staff.id,
    ]  # fmt: skip
    for chat in ("one", "two"):
        assert "改由 示例second 继续负责" in (await room.told(chat))[-1]
    assert "改由" not in "".join(await room.told("done"))


async def test_an_experts_tickets_go_on_before_leave(room: Room) -> None:
    ticket, _ = await room.with_expert()
    staff, province = await room.desk("staff"), await room.desk("province")
    async with room.session() as session:
        given = {"leaving": room.ids["expert_filing"], "to": None, "levels": room.levels}
        with pytest.raises(NotYours):
            await hand_over_expert(session, actor=staff, now=room.clock(), **given)
        assert await hand_over_expert(session, actor=province, now=room.clock(), **given) == 1
    assert (await room.fresh(ticket)).expert_id == room.ids["expert_filing_2"]


async def test_nobodys_queue_is_a_black_hole(room: Room) -> None:
    first = await room.open("a")
    room.clock.move(hours=1)
    second = await room.open("b", center_id=room.ids["south"])
    staff = await room.desk("staff")
    await room.do(take, staff, first, levels=room.levels, complexity=Complexity.COMPLEX)
    province = await room.desk("province")
    async with room.session() as session:
        seen = await oldest_open(session, province)
        assert [one.ticket.id for one in seen] == [first.id, second.id]
        assert [one.ticket.id for one in await oldest_open(session, staff)] == [first.id]


async def test_leave_keeps_new_questions_away_from_an_expert(room: Room) -> None:
    day = local(room.clock()).date()
    async with room.session() as session:
        await take_leave(session, first_day=day, last_day=day, expert_id=room.ids["expert_filing"])
    ticket, staff = await room.taken()
    await room.do(pass_on, staff, ticket, levels=room.levels)
    assert (await room.fresh(ticket)).expert_id == room.ids["expert_filing_2"]
