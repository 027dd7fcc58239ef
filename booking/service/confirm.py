"""Turn a hold into an appointment."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import STANDING, Appointment, Status
from booking.queries import access_appointment, is_its_advisor
from booking.service.hold import require_room, suits
from booking.service.liaisons import tell_liaisons
from booking.service.requests import ask, respond_by
from booking.service.shares import book_share
from booking.service.trust import require_trust
from core.config import Booking
from core.database import changed
from core.errors import Refusal
from core.worktime import Worktime
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
    """For whom it is: who comes. ``enterprise_id`` None: not on the roster, or a private person.

    booked_by: who arranges it, where that is somebody else. follows_id: what it goes on from.
    """

    name: str
    phone: str
    enterprise_name: str = ""
    enterprise_id: int | None = None
    booked_by: str = ""
    follows_id: int | None = None


async def confirm(
    session: AsyncSession,
    *,
    actor: Actor,
    appointment_id: int,
    person: Person,
    settings: Booking,
    now: datetime,
    worktime: Worktime | None = None,
) -> Appointment:
    """Book what is held, or request it of its agency. Exactly one of several confirmations
    succeeds.

    worktime: None where whoever books has the agency's word already; then it is booked at once.
    Raises HoldExpired, AlreadyBooked, AgencyConflict, TooManyOpen, PhoneOnly, BadPhone,
    UnknownAppointment.
    """
    row = await access_appointment(session, actor, appointment_id)
    await _require(session, actor, row, person, settings=settings, now=now)
    due = None
    if settings.confirm and worktime is not None and not is_its_advisor(actor, row):
        due = respond_by(row.starts_at, settings=settings, worktime=worktime, now=now)
    await _book(session, row.id, person, now, requested=due is not None)
    await _remember(session, row.contact_id, person)
    await session.refresh(row)
    if due is not None:
        await ask(session, row, due=due, now=now)
    else:
        await book_share(session, row.id, now=now)
    await tell_liaisons(session, row, now=now)
    return row


async def _require(
    session: AsyncSession,
    actor: Actor,
    row: Appointment,
    person: Person,
    *,
    settings: Booking,
    now: datetime,
) -> None:
    """Raises what ``confirm`` raises. The desk may book for whoever has missed too many."""
    if row.status in STANDING:
        raise AlreadyBooked(code=row.code)
    if actor.kind != "desk":
        await require_trust(
            session,
            contact_id=None if person.booked_by else row.contact_id,
            enterprise_id=person.enterprise_id,
            phone=clean_phone(person.phone),
            settings=settings,
            now=now,
        )
    if not await suits(session, held=row, enterprise_id=person.enterprise_id):
        raise AgencyConflict
    await require_room(
        session,
        contact_id=row.contact_id,
        enterprise_id=person.enterprise_id,
        settings=settings,
        now=now,
    )


async def _book(
    session: AsyncSession, appointment_id: int, person: Person, now: datetime, *, requested: bool
) -> None:
    result = await session.execute(
        update(Appointment)
        .where(
            Appointment.id == appointment_id,
            Appointment.status == Status.HELD,
            Appointment.hold_until > now,
            select(Advisor.id).where(Advisor.id == Appointment.advisor_id, Advisor.active).exists(),
        )
        .values(
            status=Status.REQUESTED if requested else Status.BOOKED,
            hold_until=None,
            arranged_at=now,
            name=person.name,
            phone=clean_phone(person.phone),
            enterprise_id=person.enterprise_id,
            enterprise_name=person.enterprise_name,
            booked_by=person.booked_by,
            follows_id=person.follows_id,
        )
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise HoldExpired


async def _remember(session: AsyncSession, contact_id: int | None, person: Person) -> None:
    """Keep what the person told us. The enterprise only the first time: a liaison may book for
    an affiliated company without changing sides; of somebody else nothing."""
    if contact_id is None or person.booked_by:
        return
    contact = await session.get_one(Contact, contact_id)
    contact.name, contact.phone = person.name, clean_phone(person.phone)
    if contact.enterprise_id is None and person.enterprise_id is not None:
        tie_to_enterprise(contact, await session.get_one(Enterprise, person.enterprise_id))
    await session.flush()
