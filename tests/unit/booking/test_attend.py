"""Attendance: Z03 counts it, once, for the enterprise's center."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from booking import queries
from booking.model import Status
from booking.service.attend import AlreadySettled, DeskOnly, TooEarly, check_in, no_show
from directory.actor import Actor
from ledger.model import ServiceCount
from ledger.service import close_month
from tests.unit.booking.room import TUESDAY_10, Room, both_backends, local_time


async def settle(room: Room, actor: Actor, number: int, *, came: bool) -> None:
    async with room.session() as session:
        verb = check_in if came else no_show
        await verb(session, actor=actor, appointment_id=number, now=room.clock())


async def counts(room: Room) -> list[ServiceCount]:
    async with room.session() as session:
        return list(await session.scalars(select(ServiceCount)))


@both_backends
async def test_attendance_counts_once(room: Room) -> None:
    row = await room.book(enterprise="southern")
    staff = await room.desk()
    room.clock.now = TUESDAY_10 - timedelta(minutes=5)
    await settle(room, staff, row.id, came=True)
    with pytest.raises(AlreadySettled):
        await settle(room, staff, row.id, came=True)
    with pytest.raises(AlreadySettled):
        room.clock.now = TUESDAY_10 + timedelta(hours=1)
        await settle(room, staff, row.id, came=False)
    (count,) = await counts(room)
    assert (count.code, count.quantity, count.source) == ("Z03", 1, f"appointment:{row.id}")
    assert (count.center_id, count.enterprise_id) == (room.ids["south"], room.ids["southern"])
    assert (count.handler, count.channel) == (staff.name, "fake")
    assert row.code in count.evidence


async def test_without_a_known_enterprise_the_appointments_center_counts(room: Room) -> None:
    row = await room.book()
    room.clock.now = TUESDAY_10
    await settle(room, await room.advisor(), row.id, came=True)
    assert [count.center_id for count in await counts(room)] == [room.ids["north"]]


async def test_a_booking_or_a_no_show_counts_nothing(room: Room) -> None:
    row = await room.book()
    room.clock.now = TUESDAY_10 + timedelta(minutes=30)
    await settle(room, await room.desk(), row.id, came=False)
    assert (await room.row(row.id)).status == Status.NO_SHOW
    assert await counts(room) == []


async def test_a_no_show_written_down_too_soon_can_be_put_right(room: Room) -> None:
    row = await room.book()
    room.clock.now = TUESDAY_10 + timedelta(minutes=20)
    staff = await room.desk()
    await settle(room, staff, row.id, came=False)
    await settle(room, staff, row.id, came=True)
    assert len(await counts(room)) == 1


async def test_not_before_its_time(room: Room) -> None:
    row = await room.book()
    staff = await room.desk()
    with pytest.raises(TooEarly):
        await settle(room, staff, row.id, came=True)
    room.clock.now = TUESDAY_10 - timedelta(hours=1)
    with pytest.raises(TooEarly):
        await settle(room, staff, row.id, came=False)
    await settle(room, staff, row.id, came=True)


async def test_only_the_centers_desk_and_the_advisor(room: Room) -> None:
    row = await room.book()
    room.clock.now = TUESDAY_10
    with pytest.raises(DeskOnly):
        await settle(room, await room.asker("zhang"), row.id, came=True)
    for actor in (await room.desk("staff_south"), await room.advisor("advisor_a")):
        with pytest.raises(queries.UnknownAppointment):
            await settle(room, actor, row.id, came=True)
    assert await counts(room) == []


async def test_written_down_next_day_it_counts_for_the_day_it_took_place(room: Room) -> None:
    row = await room.book("zhang", local_time(11, 30, 10))
    room.clock.now = local_time(12, 1, 9)
    await settle(room, await room.desk(), row.id, came=True)
    assert [count.at for count in await counts(room)] == [local_time(11, 30, 10)]


async def test_after_the_month_was_closed_it_counts_in_the_open_one(room: Room) -> None:
    row = await room.book("zhang", local_time(11, 30, 10))
    room.clock.now = local_time(12, 1, 9)
    async with room.session() as session:
        await close_month(session, month="2026-11", by="示例", now=room.clock())
    await settle(room, await room.desk(), row.id, came=True)
    (count,) = await counts(room)
    assert count.at == room.clock()
    assert "2026-11-30" in count.evidence


@both_backends
async def test_figures_of_the_month(room: Room) -> None:
    row = await room.book()
    await room.book("li", TUESDAY_10 + timedelta(minutes=30))
    room.clock.now = TUESDAY_10
    await settle(room, await room.desk(), row.id, came=True)
    async with room.session() as session:
        figures = await queries.month_figures(session, "2026-11")
    key = (room.ids["north"], room.ids["agency_b"])
    assert figures == {key: {"attended": 1, "booked": 1, "offered": 2}}
