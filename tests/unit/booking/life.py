"""What the tests of an appointment's life share."""

import dataclasses

from sqlalchemy import select

from booking.model import Appointment, Share
from booking.model_life import Request
from booking.service.agree import agency_confirm, agency_decline
from booking.service.pass_on import unanswered
from core.outbox import OutboxRow
from directory.actor import Actor
from directory.model import Contact
from tests.unit.booking.room import Room


def asking(room: Room) -> Room:
    """The same room where bookings wait for their agency's word."""
    room.settings = dataclasses.replace(room.settings, confirm=True)
    return room


async def agree(room: Room, actor: Actor, row: Appointment) -> Appointment:
    async with room.session() as session:
        return await agency_confirm(session, actor=actor, appointment_id=row.id, now=room.clock())


async def decline(room: Room, actor: Actor, row: Appointment) -> Appointment:
    async with room.session() as session:
        return await agency_decline(
            session,
            actor=actor,
            appointment_id=row.id,
            reason="时间冲突",
            settings=room.settings,
            worktime=room.worktime,
            now=room.clock(),
        )


async def pass_silent(room: Room) -> None:
    """Run the job."""
    async with room.session() as session:
        await unanswered(room.settings, room.worktime)(session, room.clock())


async def shares(room: Room) -> list[tuple[int, bool, bool, bool, bool]]:
    """(agency, rotated, booked, lapsed, declined) of the share log, oldest first."""
    async with room.session() as session:
        found = await session.scalars(select(Share).order_by(Share.id))
        return [
            (s.agency_id, s.rotated, s.booked_at is not None, s.lapsed, s.declined) for s in found
        ]


async def requests(room: Room) -> list[tuple[int, str]]:
    """(advisor, answer) of who was asked, oldest first."""
    async with room.session() as session:
        found = await session.scalars(select(Request).order_by(Request.id))
        return [(one.advisor_id, one.answer) for one in found]


async def told(room: Room, chat: str) -> list[str]:
    """What a chat was told."""
    async with room.session() as session:
        found = await session.scalars(
            select(OutboxRow).where(OutboxRow.chat == chat).order_by(OutboxRow.id)
        )
        return [row.payload["text"] for row in found]


async def tie(room: Room, user: str, advisor: str) -> None:
    """Tie a chat to an advisor."""
    contact_id = await room.contact(user)
    async with room.session() as session:
        contact = await session.get_one(Contact, contact_id)
        contact.advisor_id = room.ids[advisor]


async def advisor_of(room: Room, row: Appointment) -> Actor:
    """The advisor an appointment is with, at the desk."""
    names = {room.ids[name]: name for name in ("advisor_a", "advisor_a2", "advisor_b")}
    return await room.advisor(names[row.advisor_id])
