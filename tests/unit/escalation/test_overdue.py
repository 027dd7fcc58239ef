"""Late tickets are said once; an expert's silence ends in the staff's hands."""

import asyncio
from datetime import timedelta

import pytest

from core.clock import at_local, local_day
from escalation.model import Complexity
from escalation.service.answer import answer
from escalation.service.ask_back import ask_back
from escalation.service.overdue import watch_deadlines
from escalation.service.supplement import supplement
from escalation.service.take import take
from escalation.service.withdraw import withdraw
from tests.unit.escalation.conftest import WAITS, Room


async def watch(room: Room) -> None:
    async with room.session() as session:
        await watch_deadlines(session, room.clock())


async def late(room: Room, chat: str = "asker") -> int:
    return sum("没有赶上承诺" in text for text in await room.told(chat))


async def test_a_late_ticket_is_said_once_on_every_replica(both_rooms: Room) -> None:
    room, ticket = both_rooms, await both_rooms.open()
    await watch(room)
    assert await late(room) == 0
    room.clock.now = ticket.due_at
    await watch(room)
    assert await late(room) == 0  # the promise holds to the last moment
    room.clock.move(seconds=1)
    await asyncio.gather(*(watch(room) for _ in range(4)))
    assert await late(room) == 1


async def test_only_what_we_owe_is_late(room: Room) -> None:
    waiting, staff = await room.taken("waits")
    answered, _ = await room.taken("answered")
    withdrawn = await room.open("withdrawn")
    await room.do(ask_back, staff, waiting, text="哪一天？")
    await room.do(answer, staff, answered, text="可以。")
    await room.do(withdraw, await room.contact("withdrawn"), withdrawn)
    room.clock.move(days=5)
    await watch(room)
    assert [await late(room, chat) for chat in ("waits", "answered", "withdrawn")] == [0, 0, 0]
    asker = await room.contact("waits")
    await room.do(supplement, asker, waiting, text="三号", levels=room.levels)
    room.clock.move(days=5)
    await watch(room)
    assert await late(room, "waits") == 1


async def test_a_new_promise_may_be_broken_anew(room: Room) -> None:
    ticket, staff = await room.open(), await room.desk("staff")
    room.clock.now = ticket.due_at + timedelta(seconds=1)
    await watch(room)
    complex_ = Complexity.COMPLEX
    taken = await room.do(take, staff, ticket, levels=room.levels, complexity=complex_)
    await watch(room)
    assert await late(room) == 1
    room.clock.now = taken.due_at + timedelta(seconds=1)
    await watch(room)
    assert await late(room) == 2


@pytest.mark.postgres
async def test_two_replicas_at_the_same_moment_say_it_once(postgres_room: Room) -> None:
    room, ticket = postgres_room, await postgres_room.open()
    room.clock.now = ticket.due_at + timedelta(seconds=1)
    async with room.session() as session:
        await watch_deadlines(session, room.clock())
        other = asyncio.create_task(watch(room))
        await asyncio.wait({other}, timeout=WAITS)
    await other
    assert await late(room) == 1


async def test_a_silent_expert_loses_the_ticket_and_everybody_hears(both_rooms: Room) -> None:
    room = both_rooms
    ticket, _ = await room.with_expert()
    due = (await room.fresh(ticket)).expert_due_at
    assert due is not None
    room.clock.now = due
    await watch(room)
    assert (await room.fresh(ticket)).status == "with_expert"
    room.clock.move(seconds=1)
    await asyncio.gather(*(watch(room) for _ in range(4)))
    now = await room.fresh(ticket)
    assert (now.status, now.expert_id) == ("in_progress", None)
    assert "已转回分中心" in (await room.told("asker"))[-1]
    assert [t for t in await room.told("doctor") if "已收回" in t] == [
        (await room.told("doctor"))[-1]
    ]
    assert await late(room) == 0  # the asker's promise has a working day left
    room.clock.now = at_local(local_day(now.due_at), 23)
    await watch(room)
    assert await late(room) == 1
