"""A station whose advisors at the north center are at work, and how people book there."""

from dataclasses import replace

from sqlalchemy import select

from booking.model import Appointment
from tests.unit.booking.room import ADVISORS, weekly
from tests.world import Person, World

AGREE = "同意并预约"


async def open_doors(world: World, *, confirm: bool = False) -> World:
    """Give every advisor a working week. confirm: bookings wait for their agency's word."""
    dispatcher = world.station.dispatcher
    booking = replace(dispatcher.config.booking, confirm=confirm)
    dispatcher.config = replace(dispatcher.config, booking=booking)
    async with world.session() as session:
        for name in ADVISORS:
            session.add_all(weekly(world.ids[name]))
    return world


async def to_name(person: Person, agency: str = "任意", time: str = "10:00") -> list[str]:
    """Up to the question for the name; by the north center's link, for Tuesday the 24th."""
    await person.open("c_north")
    return await to_name_again(person, agency, time)


async def to_name_again(person: Person, agency: str = "任意", time: str = "10:00") -> list[str]:
    """The same for somebody whose center is known."""
    await person.say("预约")
    for label in ("专利申请", agency, "11月24日", time):
        said = await person.tap(label)
    return said


async def to_card(
    person: Person,
    agency: str = "任意",
    time: str = "10:00",
    enterprise: str = "91430000DEMO000001",
) -> list[str]:
    """Up to the card with everything on it."""
    await to_name(person, agency, time)
    for text in ("示例人", enterprise, "13800000000"):
        said = await person.say(text)
    return said


async def book(person: Person, agency: str = "任意", time: str = "10:00") -> Appointment:
    """All the way."""
    await to_card(person, agency, time)
    await person.tap(AGREE)
    return (await appointments(person.world))[-1]


async def appointments(world: World) -> list[Appointment]:
    """Every appointment row, oldest first."""
    async with world.session() as session:
        return list(await session.scalars(select(Appointment).order_by(Appointment.id)))
