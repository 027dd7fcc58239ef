"""Turn a hold into an appointment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Share, Status
from booking.queries import access_appointment
from booking.service.hold import require_room, suits
from core.config import Booking
from core.database import changed
from core.errors import Refusal
from directory.actor import Actor
from directory.model import Advisor, Contact, Enterprise
from directory.service import clean_phone, tie_to_enterprise


class HoldExpired(Refusal):
    """The hold ran out, or its advisor left, before it was confirmed."""

    key = "booking.hold_expired"


class AlreadyBooked(Refusal):
    """It was confirmed before: a second tap."""

    key = "booking.already_booked"


class AgencyConflict(Refusal):
    """The agency must not act for this enterprise. Why is not told: it may be another's secret."""

    key = "booking.agency_conflict"


@dataclass(frozen=True)
class Person:
    """For whom it is. ``enterprise_id`` None: not on the roster, or a private person."""

    name: str
    phone: str
    enterprise_name: str = ""
    enterprise_id: int | None = None


async def confirm(
    session: AsyncSession,
    *,
    actor: Actor,
    appointment_id: int,
    person: Person,
    settings: Booking,
    now: datetime,
) -> Appointment:
    """Book what is held. Exactly one of several confirmations succeeds.

    Raises HoldExpired, AlreadyBooked, AgencyConflict, TooManyOpen, BadPhone, UnknownAppointment.
    """
    row = await access_appointment(session, actor, appointment_id)
    if row.status == Status.BOOKED:
        raise AlreadyBooked(code=row.code)
    if not await suits(session, held=row, enterprise_id=person.enterprise_id):
        raise AgencyConflict
    await require_room(
        session,
        contact_id=row.contact_id,
        enterprise_id=person.enterprise_id,
        settings=settings,
        now=now,
    )
    await _book(session, row.id, person, now)
    await _remember(session, row.contact_id, person)
    await session.refresh(row)
    return row


async def _book(session: AsyncSession, appointment_id: int, person: Person, now: datetime) -> None:
    result = await session.execute(
        update(Appointment)
        .where(
            Appointment.id == appointment_id,
            Appointment.status == Status.HELD,
            Appointment.hold_until > now,
            select(Advisor.id).where(Advisor.id == Appointment.advisor_id, Advisor.active).exists(),
        )
        .values(
            status=Status.BOOKED,
            hold_until=None,
            arranged_at=now,
            name=person.name,
            phone=clean_phone(person.phone),
            enterprise_id=person.enterprise_id,
            enterprise_name=person.enterprise_name,
        )
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise HoldExpired
    await session.execute(
        update(Share).where(Share.appointment_id == appointment_id).values(booked_at=now)
    )


async def _remember(session: AsyncSession, contact_id: int | None, person: Person) -> None:
    """Keep what the person told us. The enterprise only the first time: a liaison may book for
    an affiliated company without changing sides."""
    if contact_id is None:
        return
    contact = await session.get_one(Contact, contact_id)
    contact.name, contact.phone = person.name, clean_phone(person.phone)
    if contact.enterprise_id is None and person.enterprise_id is not None:
        tie_to_enterprise(contact, await session.get_one(Enterprise, person.enterprise_id))
    await session.flush()
