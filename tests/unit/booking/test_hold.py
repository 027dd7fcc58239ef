"""Holds: for ten minutes, one a person, by fair rotation, never with a conflict of interest."""

import dataclasses
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from booking import queries
from booking.availability import Window, free_on
from booking.model import Leave, Share, Status
from booking.service.confirm import AgencyConflict, AlreadyBooked, HoldExpired, Person, confirm
from booking.service.expire import release_expired
from booking.service.guard import SlotTaken
from booking.service.hold import NoAdvisor, NotOffered, TooManyOpen
from core.clock import local_day
from directory.model import Advisor, Agency, Conflict
from directory.service import BadPhone
from tests.unit.booking.room import TUESDAY_10, Room, both_backends, local_time, weekly

HALF_HOUR = timedelta(minutes=30)


async def conflict(room: Room, enterprise: str, agency: str) -> None:
    async with room.session() as session:
        session.add(
            Conflict(enterprise_id=room.ids[enterprise], agency_id=room.ids[agency], reason="示例")
        )


@both_backends
async def test_a_hold_is_kept_for_ten_minutes_then_anybody_gets_it(room: Room) -> None:
    first = await room.hold("zhang")
    room.clock.move(minutes=9, seconds=59)
    with pytest.raises(SlotTaken):
        await room.hold("li")
    room.clock.move(seconds=1)
    second = await room.hold("li")
    assert (await room.row(first.id)).status == Status.LAPSED
    assert await room.cells(first.id) == []
    assert len(await room.cells(second.id)) == 2


async def test_an_expired_hold_cannot_be_confirmed(room: Room) -> None:
    held = await room.hold()
    room.clock.move(minutes=10)
    with pytest.raises(HoldExpired):
        await room.confirm(held)
    assert (await room.row(held.id)).status == Status.HELD


@both_backends
async def test_the_job_frees_expired_holds_only(room: Room) -> None:
    old = await room.hold("zhang")
    room.clock.move(minutes=5)
    young = await room.hold("li", TUESDAY_10 + HALF_HOUR)
    booked = await room.book("wang", TUESDAY_10 + 2 * HALF_HOUR)
    room.clock.move(minutes=5)
    for _ in range(2):
        async with room.session() as session:
            await release_expired(session, room.clock())
    assert await room.cells(old.id) == []
    assert len(await room.cells(young.id)) == 2
    assert len(await room.cells(booked.id)) == 2


@both_backends
async def test_an_expired_hold_is_shown_as_free_before_any_job_ran(room: Room) -> None:
    await room.hold()
    advisor = room.ids["advisor_b"]

    async def free() -> bool:
        window = Window.at(room.clock(), room.settings, room.worktime)
        async with room.session() as session:
            diaries = await queries.diaries(session, [advisor], window)
        return TUESDAY_10 in free_on(diaries[advisor], local_day(TUESDAY_10), 30, window)

    assert not await free()
    room.clock.move(minutes=10)
    assert await free()


async def test_a_person_holds_one_time_only(room: Room) -> None:
    first = await room.hold("zhang")
    second = await room.hold("zhang", TUESDAY_10 + HALF_HOUR)
    assert await room.cells(first.id) == []
    assert len(await room.cells(second.id)) == 2


@both_backends
async def test_a_refused_choice_keeps_what_the_person_held(room: Room) -> None:
    await room.book("li", TUESDAY_10 + HALF_HOUR)
    held = await room.hold("zhang")
    with pytest.raises(SlotTaken) as refused:
        await room.hold("zhang", TUESDAY_10 + HALF_HOUR)
    assert TUESDAY_10 in refused.value.nearest
    assert len(await room.cells(held.id)) == 2
    assert (await room.confirm(held)).status == Status.BOOKED


@both_backends
async def test_confirming_keeps_what_was_told_and_ties_the_person_once(room: Room) -> None:
    row = await room.confirm(await room.hold(), enterprise="factory")
    assert (row.status, row.hold_until, row.arranged_at) == ("booked", None, room.clock())
    contact = await room.contact_row("zhang")
    assert (contact.name, contact.phone) == ("示例人", "13800000000")
    assert (contact.enterprise_id, contact.center_id) == (room.ids["factory"], room.ids["north"])
    await room.confirm(await room.hold(starts_at=TUESDAY_10 + HALF_HOUR), enterprise="southern")
    assert (await room.contact_row("zhang")).enterprise_id == room.ids["factory"]


async def test_a_second_confirmation_is_told_the_code(room: Room) -> None:
    row = await room.book()
    with pytest.raises(AlreadyBooked) as refused:
        await room.confirm(row)
    assert refused.value.params == {"code": row.code}


async def test_somebody_elses_hold_is_unknown(room: Room) -> None:
    held = await room.hold("zhang")
    with pytest.raises(queries.UnknownAppointment):
        await room.confirm(held, "li")


@pytest.mark.parametrize(
    "starts_at",
    [
        local_time(11, 23, 11, 30),  # within the notice of two hours
        local_time(11, 20, 10),  # past
        local_time(11, 24, 12),  # lunch
        local_time(11, 24, 11, 45),  # off the grid
        local_time(11, 28, 10),  # Saturday
        local_time(12, 8, 10),  # beyond the horizon
    ],
)
async def test_times_outside_the_rules_are_not_offered(room: Room, starts_at: object) -> None:
    with pytest.raises(NotOffered) as refused:
        await room.hold("zhang", starts_at)  # type: ignore[arg-type]
    assert refused.value.params["nearest"] != "—"


async def test_a_time_on_leave_is_not_offered(room: Room) -> None:
    async with room.session() as session:
        session.add(
            Leave(
                advisor_id=room.ids["advisor_b"],
                starts_at=TUESDAY_10 + timedelta(minutes=15),
                ends_at=TUESDAY_10 + timedelta(hours=1),
            )
        )
    with pytest.raises(NotOffered):
        await room.hold()
    await room.hold(starts_at=TUESDAY_10 + timedelta(hours=1))


async def test_a_topic_that_nobody_serves(room: Room) -> None:
    async with room.session() as session:
        for name in ("advisor_a", "advisor_a2", "advisor_b"):
            (await session.get_one(Advisor, room.ids[name])).areas = ["trademark"]
    with pytest.raises(NoAdvisor):
        await room.hold(agency=None)


@both_backends
async def test_the_limit_is_per_person_and_per_enterprise(room: Room) -> None:
    room.settings = dataclasses.replace(room.settings, open_limit=2)
    await room.book("zhang", TUESDAY_10, enterprise="factory")
    await room.book("zhang", TUESDAY_10 + HALF_HOUR, enterprise="factory")
    later = TUESDAY_10 + 2 * HALF_HOUR
    with pytest.raises(TooManyOpen):
        await room.hold("zhang", later)
    with pytest.raises(TooManyOpen):
        await room.hold("li", later, enterprise="factory")
    held = await room.hold("li", later)
    with pytest.raises(TooManyOpen):
        await room.confirm(held, "li", enterprise="factory")
    room.clock.move(days=2)
    await room.hold("zhang", TUESDAY_10 + timedelta(days=2))


async def agencies_offered(room: Room, times: int) -> list[int]:
    """Who gets the next bookings by rotation, each booked a minute after the other."""
    got = []
    for n in range(times):
        starts_at = TUESDAY_10 + timedelta(days=n // 4) + n % 4 * HALF_HOUR
        row = await room.book(f"u{n}", starts_at, agency=None)
        got.append(row.agency_id)
        room.clock.move(minutes=1)
    return got


@both_backends
async def test_any_agency_goes_round_fairly(room: Room) -> None:
    a, b = room.ids["agency_a"], room.ids["agency_b"]
    assert await agencies_offered(room, 6) == [a, b, a, b, a, b]


async def test_a_free_choice_does_not_cost_the_agency_its_turn(room: Room) -> None:
    a, b = room.ids["agency_a"], room.ids["agency_b"]
    await room.book("wu", TUESDAY_10 + timedelta(days=3), agency="agency_a")
    assert await agencies_offered(room, 2) == [a, b]


async def test_a_hold_that_lapsed_does_not_cost_the_agency_its_turn(room: Room) -> None:
    first = await room.hold("zhang", agency=None)
    room.clock.move(minutes=10)
    second = await room.hold("li", agency=None)
    assert first.agency_id == second.agency_id == room.ids["agency_a"]


async def test_an_agency_that_is_busy_is_passed_over(room: Room) -> None:
    await room.book("li", TUESDAY_10, agency="agency_a")
    await room.book("wang", TUESDAY_10, agency="agency_a")
    assert (await room.hold(agency=None)).agency_id == room.ids["agency_b"]


async def test_a_newcomer_does_not_get_everything(room: Room) -> None:
    """Offers older than the window do not count, so that years need not be caught up with."""
    await agencies_offered(room, 6)
    room.clock.move(days=28)
    async with room.session() as session:
        agency = Agency(name="示例丙代理机构")
        session.add(agency)
        await session.flush()
        advisor = Advisor(
            agency_id=agency.id, center_id=room.ids["north"], name="新", areas=["filing"]
        )
        session.add(advisor)
        await session.flush()
        session.add_all(weekly(advisor.id))
    room.clock.move(days=7)
    starts_at = TUESDAY_10 + timedelta(days=36)
    got = []
    for n in range(6):
        later = starts_at + timedelta(days=n // 4) + n % 4 * HALF_HOUR
        row = await room.book(f"v{n}", later, agency=None)
        got.append(row.agency_id)
        room.clock.move(minutes=1)
    assert set(Counter(got).values()) == {2}


async def test_an_agency_in_conflict_is_neither_offered_nor_taken(room: Room) -> None:
    await conflict(room, "factory", "agency_a")
    row = await room.hold("zhang", agency=None, enterprise="factory")
    assert row.agency_id == room.ids["agency_b"]
    with pytest.raises(NoAdvisor):
        await room.hold("zhang", agency="agency_a", enterprise="factory")
    held = await room.hold("zhang", agency="agency_a")
    with pytest.raises(AgencyConflict):
        await room.confirm(held, enterprise="factory")


@both_backends
async def test_the_share_log_tells_offers_from_bookings(room: Room) -> None:
    await room.book("zhang", agency=None)
    await room.hold("li", TUESDAY_10 + HALF_HOUR, agency="agency_b")
    room.clock.move(minutes=10)
    async with room.session() as session:
        await release_expired(session, room.clock())
        log = await queries.share_log(session, room.ids["north"], "2026-11")
        assert [(s.rotated, s.lapsed, s.booked_at is not None) for s in log] == [
            (False, True, False),
            (True, False, True),
        ]
        assert len((await session.scalars(select(Share))).all()) == 2


async def test_a_bad_phone_books_nothing(room: Room) -> None:
    held = await room.hold()
    with pytest.raises(BadPhone):
        async with room.session() as session:
            await confirm(
                session,
                actor=await room.asker("zhang"),
                appointment_id=held.id,
                person=Person("示例人", "138abc"),
                settings=room.settings,
                now=room.clock(),
            )
    assert (await room.row(held.id)).status == Status.HELD
