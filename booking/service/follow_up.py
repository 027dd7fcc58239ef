"""One more appointment for the same people with the same advisor, made at the desk."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.links import Links
from booking.model import Appointment
from booking.queries import access_appointment
from booking.service.attend import DeskOnly
from booking.service.confirm import Person, confirm
from booking.service.hold import Wish, hold
from booking.service.notice import Kind, tell
from core.config import Booking
from core.messages import Address
from core.worktime import Worktime
from directory.actor import Actor


async def follow_up(
    session: AsyncSession,
    *,
    actor: Actor,
    appointment_id: int,
    starts_at: datetime,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
    links: Links | None = None,
) -> Appointment:
    """Agreed on face to face, so it is booked at once; the person is told, calendar file and all.

    Raises DeskOnly, UnknownAppointment and what ``hold`` and ``confirm`` raise; then nothing has
    changed.
    """
    if actor.kind != "desk":
        raise DeskOnly
    before = await access_appointment(session, actor, appointment_id)
    async with session.begin_nested():
        held = await hold(
            session,
            wish=_same(before, starts_at),
            to=Address(before.channel, before.chat, before.lang),
            contact_id=None,
            settings=settings,
            worktime=worktime,
            now=now,
        )
        held.contact_id = before.contact_id
        row = await confirm(
            session,
            actor=actor,
            appointment_id=held.id,
            person=_same_person(before),
            settings=settings,
            now=now,
        )
    await tell(session, Kind.BOOKED, row, now=now, links=links)
    return row


def _same(before: Appointment, starts_at: datetime) -> Wish:
    return Wish(
        center_id=before.center_id,
        area=before.area,
        starts_at=starts_at,
        minutes=before.minutes,
        agency_id=before.agency_id,
        enterprise_id=before.enterprise_id,
        place=before.place,
        advisor_id=before.advisor_id,
        sealed=before.sealed,
    )


def _same_person(before: Appointment) -> Person:
    return Person(
        name=before.name,
        phone=before.phone,
        enterprise_name=before.enterprise_name,
        enterprise_id=before.enterprise_id,
        booked_by=before.booked_by,
        follows_id=before.id,
    )
