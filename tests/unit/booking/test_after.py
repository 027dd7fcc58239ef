"""Afterwards: the outcome, the rating, the next appointment; nothing of a sealed one is kept."""

from datetime import timedelta

import pytest

from booking.model import Appointment, Status
from booking.service.attend import DeskOnly, check_in
from booking.service.brief import NoBrief, TooLong, answer, answers
from booking.service.follow_up import follow_up
from booking.service.guard import SlotTaken
from booking.service.hold import NobodyNamed, NotOffered, Wish, hold
from booking.service.late import NotLate, say_late
from booking.service.outcome import NoOutcome, record_outcome
from booking.service.rate import NotRatable, rate
from core.messages import Address
from directory.actor import Actor
from tests.unit.booking import life
from tests.unit.booking.room import TUESDAY_10, Room, both_backends

THURSDAY_14 = TUESDAY_10 + timedelta(days=2, hours=4)


async def attended(room: Room, *, sealed: bool = False) -> Appointment:
    """A consultation that took place just now."""
    row, staff = await room.book(), await room.desk()
    room.clock.now = TUESDAY_10
    async with room.session() as session:
        (await session.get_one(Appointment, row.id)).sealed = sealed
        await session.flush()
        await check_in(session, actor=staff, appointment_id=row.id, now=room.clock())
    return await room.row(row.id)


async def write(room: Room, actor: Actor, row: Appointment, text: str) -> Appointment:
    async with room.session() as session:
        return await record_outcome(
            session, actor=actor, appointment_id=row.id, text=text, now=room.clock()
        )


async def test_the_advisor_writes_what_came_of_it(room: Room) -> None:
    row = await attended(room)
    written = await write(room, await room.advisor(), row, "  建议先做检索。  ")
    assert (written.outcome, written.outcome_at) == ("建议先做检索。", TUESDAY_10)
    assert len((await write(room, await room.advisor(), row, "长" * 2000)).outcome) == 2000


@pytest.mark.parametrize("text", ["", "   ", "长" * 2001])
async def test_an_outcome_has_words_but_not_too_many(room: Room, text: str) -> None:
    row = await attended(room)
    with pytest.raises(NoOutcome):
        await write(room, await room.advisor(), row, text)


async def test_no_outcome_of_a_sealed_one_of_what_is_to_come_or_by_somebody_else(
    room: Room,
) -> None:
    early = await room.book("li", THURSDAY_14)
    row, sealed_is = await attended(room), await room.advisor()
    with pytest.raises(NoOutcome):
        await write(room, await room.desk(), row, "示例")
    with pytest.raises(NoOutcome):
        await write(room, sealed_is, early, "示例")
    async with room.session() as session:
        (await session.get_one(Appointment, row.id)).sealed = True
    with pytest.raises(NoOutcome):
        await write(room, sealed_is, row, "示例")
    assert (await room.row(row.id)).outcome == ""


async def give(room: Room, actor: Actor, row: Appointment, stars: int) -> Appointment:
    async with room.session() as session:
        return await rate(
            session, actor=actor, appointment_id=row.id, rating=stars, now=room.clock()
        )


async def test_the_person_rates_once(room: Room) -> None:
    row = await attended(room)
    zhang = await room.asker("zhang")
    for actor, stars in ((zhang, 0), (zhang, 6), (await room.desk(), 5), (await room.advisor(), 5)):
        with pytest.raises(NotRatable):
            await give(room, actor, row, stars)
    assert (await give(room, zhang, row, 4)).rating == 4
    with pytest.raises(NotRatable):
        await give(room, zhang, row, 5)
    assert (await room.row(row.id)).rating == 4


async def test_what_did_not_take_place_is_not_rated(room: Room) -> None:
    row = await room.book()
    with pytest.raises(NotRatable):
        await give(room, await room.asker("zhang"), row, 5)


async def next_one(room: Room, actor: Actor, row: Appointment, starts_at: object) -> Appointment:
    async with room.session() as session:
        return await follow_up(
            session,
            actor=actor,
            appointment_id=row.id,
            starts_at=starts_at,  # type: ignore[arg-type]
            settings=room.settings,
            worktime=room.worktime,
            now=room.clock(),
        )


@both_backends
async def test_the_next_appointment_in_one_step(room: Room) -> None:
    life.asking(room)
    row = await attended(room)
    follow = await next_one(room, await room.advisor(), row, THURSDAY_14)
    assert (follow.status, follow.follows_id) == (Status.BOOKED, row.id)
    assert (follow.name, follow.advisor_id, follow.contact_id) == (
        row.name,
        row.advisor_id,
        row.contact_id,
    )
    assert len(await room.cells(follow.id)) == 2
    assert "预约成功" in (await life.told(room, "zhang"))[-1]


async def test_a_next_appointment_that_cannot_be_had_leaves_nothing(room: Room) -> None:
    row, staff = await attended(room), await room.desk()
    await room.book("li", THURSDAY_14)
    before = await life.shares(room)
    with pytest.raises(SlotTaken):
        await next_one(room, staff, row, THURSDAY_14)
    with pytest.raises(NotOffered):
        await next_one(room, staff, row, THURSDAY_14 + timedelta(hours=10))
    with pytest.raises(DeskOnly):
        await next_one(room, await room.asker("zhang"), row, THURSDAY_14)
    assert await life.shares(room) == before


async def test_the_desk_books_for_whoever_has_missed_too_many(room: Room) -> None:
    row = await attended(room)
    async with room.session() as session:
        for n in range(2):
            kept = {c.name: getattr(row, c.name) for c in Appointment.__table__.columns}
            missed = {"id": None, "code": f"M{n}", "uid": f"m{n}", "status": Status.NO_SHOW}
            session.add(Appointment(**{**kept, **missed}))
    follow = await next_one(room, await room.desk(), row, THURSDAY_14)
    assert follow.status == Status.BOOKED


async def test_answers_are_short_and_replaced(room: Room) -> None:
    row, zhang = await room.book(), await room.asker("zhang")

    async def say(number: int, text: str) -> None:
        async with room.session() as session:
            await answer(
                session,
                actor=zhang,
                appointment_id=row.id,
                number=number,
                text=text,
                now=room.clock(),
            )

    await say(1, "产品结构")
    await say(1, "  方法  工艺 ")
    await say(2, "长" * 200)
    with pytest.raises(TooLong):
        await say(3, "长" * 201)
    for number in (0, 6):
        with pytest.raises(NoBrief):
            await say(number, "示例")
    async with room.session() as session:
        kept = [(one.number, one.text) for one in await answers(session, row)]
    assert kept == [(1, "方法 工艺"), (2, "长" * 200)]
    room.clock.now = TUESDAY_10
    with pytest.raises(NoBrief):
        await say(1, "示例")


async def test_late_is_said_on_the_day_only(room: Room) -> None:
    row, zhang = await room.book(), await room.asker("zhang")

    async def late(minutes: int) -> int:
        async with room.session() as session:
            done = await say_late(
                session, actor=zhang, appointment_id=row.id, minutes=minutes, now=room.clock()
            )
            return done.late_minutes

    with pytest.raises(NotLate):
        await late(10)
    room.clock.now = TUESDAY_10 + timedelta(minutes=5)
    assert await late(20) == 20
    for minutes in (0, 15, 600):
        with pytest.raises(NotLate):
            await late(minutes)
    room.clock.now = TUESDAY_10 + timedelta(hours=2)
    with pytest.raises(NotLate):
        await late(10)


async def test_a_sealed_one_needs_a_named_advisor_and_goes_to_nobody_else(room: Room) -> None:
    life.asking(room)
    contact_id = await room.contact("zhang")

    async def sealed(advisor_id: int | None) -> Appointment:
        async with room.session() as session:
            return await hold(
                session,
                wish=Wish(
                    room.ids["north"], "filing", THURSDAY_14, 30, advisor_id=advisor_id, sealed=True
                ),
                to=Address("fake", "zhang"),
                contact_id=contact_id,
                settings=room.settings,
                worktime=room.worktime,
                now=room.clock(),
            )

    with pytest.raises(NobodyNamed):
        await sealed(None)
    row = await room.confirm(await sealed(room.ids["advisor_a"]))
    assert (await life.shares(room))[0][1] is False
    await life.decline(room, await life.advisor_of(room, row), row)
    assert (await room.row(row.id)).status == Status.REFUSED
