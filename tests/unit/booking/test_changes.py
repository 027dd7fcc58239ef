"""Moving and cancelling: nothing is lost, the calendar follows, the booker is told."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking import queries
from booking.model import Appointment, Status
from booking.service.cancel import NotChangeable, cancel
from booking.service.guard import SlotTaken
from booking.service.hold import NotOffered
from booking.service.reschedule import reschedule
from core.outbox import OutboxRow
from directory.actor import Actor
from tests.unit.booking.room import TUESDAY_10, Room, both_backends, local_time

HALF_HOUR = timedelta(minutes=30)


async def move(room: Room, actor: Actor, row: Appointment, starts_at: object) -> Appointment:
    async with room.session() as session:
        return await reschedule(
            session,
            actor=actor,
            appointment_id=row.id,
            starts_at=starts_at,  # type: ignore[arg-type]
            settings=room.settings,
            worktime=room.worktime,
            now=room.clock(),
        )


async def told(room: Room) -> list[dict[str, object]]:
    async with room.session() as session:
        return [row.payload for row in await session.scalars(select(OutboxRow))]


@both_backends
async def test_moving_frees_the_old_time_and_raises_the_sequence(room: Room) -> None:
    row = await room.book()
    moved = await move(room, await room.asker("zhang"), row, TUESDAY_10 + 2 * HALF_HOUR)
    assert (moved.starts_at, moved.sequence) == (TUESDAY_10 + 2 * HALF_HOUR, 1)
    assert (moved.uid, moved.code) == (row.uid, row.code)
    assert (await room.cells(row.id))[0] == TUESDAY_10 + 2 * HALF_HOUR
    await room.book("li", TUESDAY_10)
    assert await told(room) == []


@both_backends
async def test_moving_to_a_taken_time_keeps_the_old_one(room: Room) -> None:
    row = await room.book()
    await room.book("li", TUESDAY_10 + HALF_HOUR)
    with pytest.raises(SlotTaken) as refused:
        await move(room, await room.asker("zhang"), row, TUESDAY_10 + HALF_HOUR)
    assert TUESDAY_10 + HALF_HOUR not in refused.value.nearest
    kept = await room.row(row.id)
    assert (kept.starts_at, kept.sequence, kept.status) == (TUESDAY_10, 0, Status.BOOKED)
    assert len(await room.cells(row.id)) == 2


@both_backends
async def test_moving_by_half_its_own_length(room: Room) -> None:
    row = await room.book("zhang", TUESDAY_10, 60)
    moved = await move(room, await room.asker("zhang"), row, TUESDAY_10 + HALF_HOUR)
    assert await room.cells(row.id) == [
        moved.starts_at + timedelta(minutes=n) for n in (0, 15, 30, 45)
    ]
    await room.book("li", TUESDAY_10)


async def test_moving_outside_the_rules_keeps_the_old_time(room: Room) -> None:
    row = await room.book()
    with pytest.raises(NotOffered):
        await move(room, await room.asker("zhang"), row, local_time(11, 28, 10))
    assert (await room.row(row.id)).starts_at == TUESDAY_10


async def test_moving_takes_a_time_whose_hold_expired(room: Room) -> None:
    row = await room.book()
    await room.hold("li", TUESDAY_10 + HALF_HOUR)
    room.clock.move(minutes=10)
    moved = await move(room, await room.asker("zhang"), row, TUESDAY_10 + HALF_HOUR)
    assert moved.starts_at == TUESDAY_10 + HALF_HOUR


@both_backends
async def test_cancelling_frees_the_time(room: Room) -> None:
    row = await room.book()
    async with room.session() as session:
        gone = await cancel(
            session, actor=await room.asker("zhang"), appointment_id=row.id, now=room.clock()
        )
    assert (gone.status, gone.sequence, gone.settled_by) == (Status.CANCELLED, 1, "zhang")
    assert await room.cells(row.id) == []
    await room.book("li")
    actor = await room.asker("zhang")
    with pytest.raises(NotChangeable):
        async with room.session() as session:
            await cancel(session, actor=actor, appointment_id=row.id, now=room.clock())
    with pytest.raises(NotChangeable):
        await move(room, await room.asker("zhang"), row, TUESDAY_10 + HALF_HOUR)


async def test_nothing_changes_after_the_start(room: Room) -> None:
    row = await room.book()
    room.clock.move(days=1)
    with pytest.raises(NotChangeable):
        await move(room, await room.asker("zhang"), row, local_time(11, 26, 10))
    with pytest.raises(NotChangeable):
        async with room.session() as session:
            await cancel(
                session, actor=await room.asker("zhang"), appointment_id=row.id, now=room.clock()
            )


async def test_a_change_at_the_desk_is_told_with_the_calendar_file(room: Room) -> None:
    row = await room.book()
    staff = await room.desk()
    await move(room, staff, row, TUESDAY_10 + HALF_HOUR)
    async with room.session() as session:
        await cancel(
            session, actor=staff, appointment_id=row.id, now=room.clock(), reason="顾问生病"
        )
    moved, cancelled = await told(room)
    assert "10:30" in str(moved["text"])
    assert "METHOD:REQUEST" in str(moved["file"])
    assert "顾问生病" in str(cancelled["text"])
    assert "METHOD:CANCEL" in str(cancelled["file"])


async def test_who_may_see_an_appointment(room: Room) -> None:
    row = await room.book()
    allowed = [
        await room.asker("zhang"),
        await room.desk("staff"),
        await room.desk("province"),
        await room.advisor("advisor_b"),
        Actor("system"),
    ]
    refused = [
        await room.asker("li"),
        await room.desk("staff_south"),
        await room.advisor("advisor_a"),
        Actor("asker"),
        # An account whose number happens to be the contact's.
        Actor("desk", id=row.contact_id, role="advisor", advisor_id=room.ids["advisor_a"]),
    ]
    async with room.session() as session:
        for actor in allowed:
            assert (await queries.access_appointment(session, actor, row.id)).id == row.id
            assert (await queries.by_code(session, actor, row.code.lower())).id == row.id
        for actor in refused:
            with pytest.raises(queries.UnknownAppointment):
                await queries.access_appointment(session, actor, row.id)
            with pytest.raises(queries.UnknownAppointment):
                await queries.by_code(session, actor, row.code)


@both_backends
async def test_the_day_in_the_desk(room: Room) -> None:
    row = await room.book()
    await room.hold("li", TUESDAY_10 + HALF_HOUR)
    day, advisor_id = row.local_start.date(), row.advisor_id
    staff, stranger = await room.desk(), await room.desk("staff_south")
    own, other = await room.advisor("advisor_b"), await room.advisor("advisor_a")
    async with room.session() as session:
        for found in (
            await queries.day_of_center(session, staff, room.ids["north"], day),
            await queries.advisor_day(session, own, advisor_id, day),
            await queries.mine(session, room.contacts["zhang"], room.clock()),
        ):
            assert [one.appointment.id for one in found] == [row.id]
        with pytest.raises(queries.UnknownAppointment):
            await queries.day_of_center(session, stranger, room.ids["north"], day)
        with pytest.raises(queries.UnknownAppointment):
            await queries.advisor_day(session, other, advisor_id, day)
