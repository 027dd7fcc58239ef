"""The agency's word on an appointment: yes, or no with a reason, which passes it on."""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.links import Links
from booking.model import Appointment, Status
from booking.model_life import Answer, Request
from booking.service.attend import DeskOnly
from booking.service.notice import Kind, tell
from booking.service.pass_on import pass_on
from booking.service.requests import close_request
from booking.service.shares import book_share
from core.config import Booking
from core.database import changed
from core.errors import Refusal
from core.worktime import Worktime
from directory.actor import Actor

LONGEST_REASON = 100


class MovedOn(Refusal):
    """The agency answered too late: another one is asked now, or has taken it."""

    key = "appointment.moved_on"


class NotWaiting(Refusal):
    """Nobody waits for a word on it: it is agreed, over, moved or cancelled."""

    key = "appointment.not_waiting"


async def agency_confirm(
    session: AsyncSession,
    *,
    actor: Actor,
    appointment_id: int,
    now: datetime,
    links: Links | None = None,
) -> Appointment:
    """Its advisor, or the center's staff for them, says yes; the person is told.

    Raises MovedOn, NotWaiting, DeskOnly, UnknownAppointment.
    """
    row = await _accessed(session, actor, appointment_id)
    result = await session.execute(
        update(Appointment)
        .where(
            Appointment.id == row.id,
            Appointment.status == Status.REQUESTED,
            Appointment.advisor_id == row.advisor_id,
            Appointment.starts_at > now,
        )
        .values(status=Status.BOOKED, respond_by=None, agreed_at=now)
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise NotWaiting(code=row.code)
    await book_share(session, row.id, now=now)
    await close_request(session, row.id, Answer.AGREED, now=now)
    await session.refresh(row)
    await tell(session, Kind.AGREED, row, now=now, links=links)
    return row


async def agency_decline(
    session: AsyncSession,
    *,
    actor: Actor,
    appointment_id: int,
    reason: str,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
    links: Links | None = None,
) -> Appointment:
    """Its advisor, or the staff for them, says no: the next one is asked, or the person is told.

    reason: for the center only. Raises MovedOn, NotWaiting, DeskOnly, UnknownAppointment.
    """
    row = await _accessed(session, actor, appointment_id)
    passed = await pass_on(
        session,
        row,
        Answer.DECLINED,
        reason=reason.strip()[:LONGEST_REASON],
        settings=settings,
        worktime=worktime,
        links=links,
        now=now,
    )
    if not passed:
        raise NotWaiting(code=row.code)
    return row


async def _accessed(session: AsyncSession, actor: Actor, appointment_id: int) -> Appointment:
    """Raises MovedOn for an advisor who was asked before and is not any more."""
    row = await session.get(Appointment, appointment_id, populate_existing=True)
    if row is not None and actor.advisor_id not in (None, row.advisor_id):
        was_asked = select(Request.id).where(
            Request.appointment_id == row.id, Request.advisor_id == actor.advisor_id
        )
        if await session.scalar(was_asked.limit(1)) is not None:
            raise MovedOn(code=row.code)
    row = await queries.access_appointment(session, actor, appointment_id)
    if actor.kind != "desk" and not queries.is_its_advisor(actor, row):
        raise DeskOnly
    return row
