"""The agency's word: asked for, given, refused, not given in time; the share log stays right."""

import asyncio
from datetime import timedelta

import pytest

from booking import queries
from booking.model import Status
from booking.service.agree import MovedOn, NotWaiting
from booking.service.attend import DeskOnly, check_in
from booking.service.cancel import cancel
from booking.service.remind import reminders
from booking.service.requests import respond_by
from booking.service.reschedule import reschedule
from directory.model import Conflict
from tests.unit.booking import life
from tests.unit.booking.room import TUESDAY_10, Room, both_backends, local_time

FRIDAY_10 = TUESDAY_10 + timedelta(days=3)


@pytest.fixture
def asking(room: Room) -> Room:
    return life.asking(room)


@both_backends
async def test_a_request_occupies_its_time_until_its_advisor_agrees(room: Room) -> None:
    life.asking(room)
    await life.tie(room, "counsel", "advisor_b")
    row = await room.book(starts_at=FRIDAY_10)
    assert (row.status, row.respond_by) == (Status.REQUESTED, local_time(11, 23, 15, 30))
    assert len(await room.cells(row.id)) == 2
    assert row.code in (await life.told(room, "counsel"))[0]
    assert await life.shares(room) == [(row.agency_id, False, False, False, False)]
    agreed = await life.agree(room, await room.advisor(), row)
    assert (agreed.status, agreed.respond_by, agreed.agreed_at) == ("booked", None, room.clock())
    assert await life.shares(room) == [(row.agency_id, False, True, False, False)]
    assert await life.requests(room) == [(row.advisor_id, "agreed")]
    assert "机构已确认" in (await life.told(room, "zhang"))[-1]
    with pytest.raises(NotWaiting):
        await life.agree(room, await room.advisor(), row)


@both_backends
async def test_what_is_not_answered_in_time_goes_to_the_next_who_is_free(room: Room) -> None:
    life.asking(room)
    first = await room.book(starts_at=FRIDAY_10, agency=None)
    before = await life.advisor_of(room, first)
    room.clock.move(hours=5, minutes=29)
    await life.pass_silent(room)
    assert (await room.row(first.id)).advisor_id == first.advisor_id
    room.clock.move(minutes=1)
    await life.pass_silent(room)
    await life.pass_silent(room)
    moved = await room.row(first.id)
    assert moved.status == Status.REQUESTED
    assert moved.advisor_id != first.advisor_id
    assert moved.starts_at == FRIDAY_10
    assert moved.respond_by == local_time(11, 24, 11)
    assert len(await room.cells(first.id)) == 2
    assert "换了顾问，时间不变" in (await life.told(room, "zhang"))[-1]
    with pytest.raises(MovedOn):
        await life.agree(room, before, first)
    with pytest.raises(MovedOn):
        await life.decline(room, before, first)
    await life.agree(room, await life.advisor_of(room, moved), moved)
    log = await life.shares(room)
    assert [entry[2:] for entry in log] == [(False, False, True), (True, False, False)]
    assert [answer for _, answer in await life.requests(room)] == ["silent", "agreed"]


async def test_an_agency_that_declines_has_used_up_its_turn(asking: Room) -> None:
    await asking.book("li", FRIDAY_10, agency="agency_b")
    row = await asking.book(starts_at=FRIDAY_10, agency=None)
    for _ in range(2):
        row = await asking.row(row.id)
        assert row.agency_id == asking.ids["agency_a"]
        await life.decline(asking, await life.advisor_of(asking, row), row)
    assert (await asking.row(row.id)).status == Status.REFUSED
    both = [asking.ids["agency_a"], asking.ids["agency_b"]]
    async with asking.session() as session:
        order = await queries.rotation(session, asking.ids["north"], both, asking.clock())
    assert order == both[::-1]


async def test_one_in_conflict_or_not_free_is_not_asked(asking: Room) -> None:
    async with asking.session() as session:
        session.add(
            Conflict(
                enterprise_id=asking.ids["factory"], agency_id=asking.ids["agency_b"], reason="示例"
            )
        )
    row = await asking.book(starts_at=FRIDAY_10, agency="agency_a", enterprise="factory")
    await life.decline(asking, await life.advisor_of(asking, row), row)
    second = await asking.row(row.id)
    assert second.agency_id == asking.ids["agency_a"]
    assert second.advisor_id != row.advisor_id
    await life.decline(asking, await life.advisor_of(asking, second), second)
    gone = await asking.row(row.id)
    assert gone.status == Status.REFUSED
    assert await asking.cells(row.id) == []
    said = (await life.told(asking, "zhang"))[-1]
    assert "没有约成" in said
    assert "11-27" in said
    assert all(entry[4] for entry in await life.shares(asking))


async def test_the_colleague_of_a_chosen_agency_comes_first(asking: Room) -> None:
    row = await asking.book(starts_at=FRIDAY_10, agency="agency_a")
    await life.decline(asking, await life.advisor_of(asking, row), row)
    assert (await asking.row(row.id)).agency_id == row.agency_id
    assert [entry[1] for entry in await life.shares(asking)] == [False, False]


async def test_a_busy_advisor_is_passed_over(asking: Room) -> None:
    other = await asking.book("li", FRIDAY_10, agency="agency_b")
    await life.agree(asking, await asking.advisor(), other)
    row = await asking.book(starts_at=FRIDAY_10, agency="agency_a")
    for _ in range(2):
        row = await asking.row(row.id)
        await life.decline(asking, await life.advisor_of(asking, row), row)
    assert (await asking.row(row.id)).status == Status.REFUSED
    assert len(await asking.cells(other.id)) == 2


async def test_requested_ones_can_be_cancelled_and_count_as_open(asking: Room) -> None:
    await life.tie(asking, "counsel", "advisor_b")
    row = await asking.book(starts_at=FRIDAY_10)
    zhang = await asking.asker("zhang")
    async with asking.session() as session:
        assert len(await queries.mine(session, asking.contacts["zhang"], asking.clock())) == 1
        assert (
            await queries.open_count(
                session, asking.clock(), contact_id=asking.contacts["zhang"], enterprise_id=None
            )
            == 1
        )
        await cancel(session, actor=zhang, appointment_id=row.id, now=asking.clock())
    assert (await life.requests(asking))[0][1] == "withdrawn"
    assert "已取消" in (await life.told(asking, "counsel"))[-1]
    with pytest.raises(NotWaiting):
        await life.agree(asking, await asking.advisor(), row)
    asking.clock.move(hours=8)
    await life.pass_silent(asking)
    assert (await asking.row(row.id)).status == Status.CANCELLED


async def test_nobody_is_reminded_of_what_is_not_agreed(asking: Room) -> None:
    await asking.book(starts_at=FRIDAY_10)
    asking.clock.move(days=3, hours=-1)
    async with asking.session() as session:
        await reminders(asking.settings)(session, asking.clock())
    assert not any("提醒" in text for text in await life.told(asking, "zhang"))


async def test_moving_asks_the_agency_again_but_not_when_its_advisor_moves_it(
    asking: Room,
) -> None:
    row = await asking.book(starts_at=FRIDAY_10)
    await life.agree(asking, await asking.advisor(), row)
    for actor, status in (
        (await asking.asker("zhang"), Status.REQUESTED),
        (await asking.advisor(), Status.BOOKED),
        (await asking.desk(), Status.BOOKED),
    ):
        start = (await asking.row(row.id)).starts_at + timedelta(minutes=30)
        async with asking.session() as session:
            moved = await reschedule(
                session,
                actor=actor,
                appointment_id=row.id,
                starts_at=start,
                settings=asking.settings,
                worktime=asking.worktime,
                now=asking.clock(),
            )
        assert moved.status == status
    answers = [answer for _, answer in await life.requests(asking)]
    assert answers == ["agreed", "withdrawn"]


async def test_giving_it_to_another_agency_moves_the_share(asking: Room) -> None:
    row, staff = await asking.book(starts_at=FRIDAY_10), await asking.desk()
    async with asking.session() as session:
        await reschedule(
            session,
            actor=staff,
            appointment_id=row.id,
            starts_at=FRIDAY_10,
            advisor_id=asking.ids["advisor_a"],
            settings=asking.settings,
            worktime=asking.worktime,
            now=asking.clock(),
        )
    assert [(entry[0], entry[3]) for entry in await life.shares(asking)] == [
        (asking.ids["agency_b"], True),
        (asking.ids["agency_a"], False),
    ]
    assert (await asking.row(row.id)).status == Status.REQUESTED


async def test_only_the_advisor_and_the_desk_have_a_say(asking: Room) -> None:
    row = await asking.book(starts_at=FRIDAY_10)
    with pytest.raises(DeskOnly):
        await life.agree(asking, await asking.asker("zhang"), row)
    for stranger in (
        await asking.asker("li"),
        await asking.desk("staff_south"),
        await asking.advisor("advisor_a"),
    ):
        with pytest.raises(queries.UnknownAppointment):
            await life.agree(asking, stranger, row)
    assert (await life.agree(asking, await asking.desk(), row)).status == Status.BOOKED


async def test_who_comes_before_the_agency_answered_is_seen_all_the_same(asking: Room) -> None:
    row, staff = await asking.book(), await asking.desk()
    asking.clock.now = TUESDAY_10
    async with asking.session() as session:
        await check_in(session, actor=staff, appointment_id=row.id, now=asking.clock())
    assert (await asking.row(row.id)).status == Status.ATTENDED
    assert await life.requests(asking) == [(row.advisor_id, "agreed")]


@both_backends
async def test_a_yes_and_the_job_at_the_same_moment(room: Room) -> None:
    life.asking(room)
    row = await room.book(starts_at=FRIDAY_10)
    advisor = await room.advisor()
    room.clock.move(hours=6)
    results = await asyncio.gather(
        life.agree(room, advisor, row), life.pass_silent(room), return_exceptions=True
    )
    after = await room.row(row.id)
    agreed = not isinstance(results[0], BaseException)
    assert (after.status == Status.BOOKED) == agreed
    assert (after.advisor_id == row.advisor_id) == agreed
    assert len(await room.cells(row.id)) == 2
    live = [entry for entry in await life.shares(room) if not entry[3] and not entry[4]]
    assert len(live) == 1


async def test_how_long_an_agency_has(room: Room) -> None:
    def due(starts_at: object, now: object) -> object:
        return respond_by(
            starts_at,  # type: ignore[arg-type]
            settings=room.settings,
            worktime=room.worktime,
            now=now,  # type: ignore[arg-type]
        )

    monday_17 = local_time(11, 23, 17)
    assert due(FRIDAY_10, local_time(11, 23, 10)) == local_time(11, 23, 15, 30)
    # Half of the thirty minutes today and the sixty tomorrow before ten.
    assert due(TUESDAY_10, monday_17) == local_time(11, 24, 9, 15)
    saturday = local_time(11, 28, 10)
    assert due(saturday + timedelta(hours=2), saturday) == saturday + timedelta(hours=1)
    assert due(monday_17 + timedelta(minutes=29), monday_17) is None
