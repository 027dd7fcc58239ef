"""Reminders: 24 and 2 hours before, each once, in the person's own chat."""

from datetime import datetime, timedelta

from sqlalchemy import select

from booking.service.cancel import cancel
from booking.service.remind import reminders
from booking.service.reschedule import reschedule
from core.outbox import OutboxRow
from tests.unit.booking.room import Room, both_backends, local_time

THURSDAY_10 = local_time(11, 26, 10)


async def remind_at(room: Room, now: datetime) -> int:
    """Run the job twice at that time; how many messages there are altogether."""
    room.clock.now = now
    for _ in range(2):
        async with room.session() as session:
            await reminders(room.settings)(session, now)
    async with room.session() as session:
        rows = (await session.scalars(select(OutboxRow))).all()
    for row in rows:
        assert (row.channel, row.chat) == ("fake", "zhang")
        assert "预约号" in row.payload["text"]
        assert "filing" not in row.payload["text"]
    return len(rows)


@both_backends
async def test_each_goes_out_once(room: Room) -> None:
    await room.book("zhang", THURSDAY_10)
    assert await remind_at(room, THURSDAY_10 - timedelta(hours=24, seconds=1)) == 0
    assert await remind_at(room, THURSDAY_10 - timedelta(hours=24)) == 1
    assert await remind_at(room, THURSDAY_10 - timedelta(hours=2, seconds=1)) == 1
    assert await remind_at(room, THURSDAY_10 - timedelta(hours=2)) == 2
    assert await remind_at(room, THURSDAY_10 - timedelta(minutes=1)) == 2
    assert await remind_at(room, THURSDAY_10) == 2


async def test_after_a_standstill_only_the_closer_one_goes_out(room: Room) -> None:
    await room.book("zhang", THURSDAY_10)
    assert await remind_at(room, THURSDAY_10 - timedelta(hours=1)) == 1


async def test_not_for_a_time_agreed_on_later_than_the_reminder(room: Room) -> None:
    room.clock.now = THURSDAY_10 - timedelta(hours=20)
    await room.book("zhang", THURSDAY_10)
    assert await remind_at(room, THURSDAY_10 - timedelta(hours=19)) == 0
    assert await remind_at(room, THURSDAY_10 - timedelta(hours=2)) == 1


async def test_not_for_holds_nor_for_what_was_cancelled(room: Room) -> None:
    row = await room.book("zhang", THURSDAY_10)
    room.clock.now = THURSDAY_10 - timedelta(hours=24)
    await room.hold("li", THURSDAY_10 + timedelta(minutes=30))
    async with room.session() as session:
        await cancel(
            session, actor=await room.asker("zhang"), appointment_id=row.id, now=room.clock()
        )
    assert await remind_at(room, THURSDAY_10 - timedelta(hours=24)) == 0


@both_backends
async def test_a_moved_appointment_is_reminded_of_anew(room: Room) -> None:
    row = await room.book("zhang", THURSDAY_10)
    assert await remind_at(room, THURSDAY_10 - timedelta(hours=24)) == 1
    later = local_time(12, 1, 10)
    async with room.session() as session:
        await reschedule(
            session,
            actor=await room.asker("zhang"),
            appointment_id=row.id,
            starts_at=later,
            settings=room.settings,
            worktime=room.worktime,
            now=room.clock(),
        )
    assert await remind_at(room, THURSDAY_10 - timedelta(hours=2)) == 1
    assert await remind_at(room, later - timedelta(hours=24)) == 2
