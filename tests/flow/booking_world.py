"""A station whose advisors at the north center are at work, and how people book there."""

from dataclasses import replace

from sqlalchemy import select

from booking.links import Links
from booking.model import Appointment
from booking.service.confirm import Person as Visitor
from booking.service.confirm import confirm
from booking.service.hold import Wish, hold
from core.messages import Address
from directory.actor import contact_actor
from directory.model import Contact
from directory.service import recognise
from tests.fakes_web import WebStation
from tests.unit.booking.room import ADVISORS, TUESDAY_10, weekly
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


async def book_on_web(served: WebStation) -> Appointment:
    """An appointment with agency B, without the chat; its advisors need their week."""
    station = served.station
    booking, now = station.config.booking, station.clock()
    async with station.database.transaction() as session:
        contact: Contact = await recognise(session, channel="web", user="chat", now=now)
        row = await hold(
            session,
            wish=Wish(served.ids["north"], "filing", TUESDAY_10, 30, served.ids["agency_b"]),
            to=Address("web", "chat"),
            contact_id=contact.id,
            settings=booking,
            worktime=station.config.calendar(),
            now=now,
        )
        person = Visitor("示例人", "13800000000")
        return await confirm(
            session,
            actor=contact_actor(contact),
            appointment_id=row.id,
            person=person,
            settings=booking,
            now=now,
        )


def link_of(served: WebStation, row: Appointment) -> str:
    """The address of its page."""
    path = Links.of(served.station.config).to(row).partition("/a/")[2]
    return served.url(f"/a/{path}")
