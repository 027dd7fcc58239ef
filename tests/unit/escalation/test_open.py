"""Opening: numbers, dates, repeats, and for which sub-center."""

import asyncio

import pytest
from sqlalchemy import func, select

from core.clock import local
from escalation.model import Ticket, TicketEvent
from escalation.service.open import QuestionTooShort, UnknownTopic
from tests.unit.escalation.conftest import QUESTION, Room


async def test_number_date_and_first_line(room: Room) -> None:
    first, second = await room.open(), await room.open(center_id=room.ids["south"])
    third = await room.open("other")
    room.clock.move(days=1)
    tomorrow = await room.open()
    numbers = [t.number for t in (first, second, third, tomorrow)]
    assert numbers == [
        "NORTH-20261123-001",
        "SOUTH-20261123-001",
        "NORTH-20261123-002",
        "NORTH-20261124-001",
    ]
    assert f"{local(first.due_at):%m-%d %H:%M}" == "11-24 17:30"  # ordinary: 2 working days
    told = (await room.told("asker"))[0]
    assert "NORTH-20261123-001" in told
    assert "服务承诺：11月23日 10:30 前有人首次联系您，11月24日 17:30 前答复" in told
    async with room.session() as session:
        line = await session.scalar(select(TicketEvent).order_by(TicketEvent.id).limit(1))
        assert line is not None
        assert (line.kind, line.actor_kind, line.text) == ("opened", "asker", QUESTION)


async def test_twenty_at_once_get_twenty_numbers(both_rooms: Room) -> None:
    for n in range(20):
        await both_rooms.contact(f"person{n}")
    tickets = await asyncio.gather(*(both_rooms.open(f"person{n}") for n in range(20)))
    assert {t.number[-3:] for t in tickets} == {f"{n:03d}" for n in range(1, 21)}


async def test_the_same_agreement_opens_once(both_rooms: Room) -> None:
    await both_rooms.contact("asker")
    tickets = await asyncio.gather(*(both_rooms.open(event="agreed") for _ in range(5)))
    assert len({t.id for t in tickets}) == 1
    async with both_rooms.session() as session:
        assert await session.scalar(select(func.count()).select_from(Ticket)) == 1
    assert len(await both_rooms.told("asker")) == 1


async def test_the_enterprises_center_outranks_the_links(room: Room) -> None:
    ticket = await room.open(enterprise_id=room.ids["southern"], center_id=room.ids["north"])
    assert ticket.center_id == room.ids["south"]


async def test_what_cannot_be_a_matter_is_refused(room: Room) -> None:
    with pytest.raises(QuestionTooShort):
        await room.open(question="  啊 ")
    with pytest.raises(UnknownTopic):
        await room.open(area="cooking")
    assert await room.told("asker") == []
