"""The person says that they will be late: the advisor is told, and the window sees it."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import STANDING, Appointment
from booking.queries import access_appointment
from booking.service.advise import Note, tell_advisor
from booking.service.notice import LATE
from core.clock import local_day
from core.database import changed
from core.errors import Refusal
from directory.actor import Actor


class NotLate(Refusal):
    """It is not the day yet, it is over, or it does not stand."""

    key = "appointment.not_late"


async def say_late(
    session: AsyncSession, *, actor: Actor, appointment_id: int, minutes: int, now: datetime
) -> Appointment:
    """On the day, until it would be over. Raises NotLate, UnknownAppointment."""
    row = await access_appointment(session, actor, appointment_id)
    over = row.ends_at + timedelta(minutes=minutes) <= now
    if minutes not in LATE or over or local_day(now) != local_day(row.starts_at):
        raise NotLate(code=row.code)
    result = await session.execute(
        update(Appointment)
        .where(Appointment.id == row.id, Appointment.status.in_(STANDING))
        .values(late_minutes=minutes)
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise NotLate(code=row.code)
    await session.refresh(row)
    await tell_advisor(session, Note.LATE, row, now=now)
    return row
