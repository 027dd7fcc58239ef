"""Ask an agency for its word on an appointment, and write down what came of asking."""

from datetime import datetime, timedelta

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment
from booking.model_life import Answer, Request
from booking.service.advise import Note, tell_advisor
from core.clock import local_day
from core.config import Booking
from core.worktime import Worktime

LEAST = timedelta(minutes=30)  # nobody can be asked later than so long before the start


def respond_by(
    starts_at: datetime, *, settings: Booking, worktime: Worktime, now: datetime
) -> datetime | None:
    """Until when an agency asked now has to answer: its working hours, at most half of those left
    until the start, so that another one can still be asked. None: too late to ask anybody.
    """
    if starts_at - now < LEAST:
        return None
    left = worked(worktime, now, starts_at)
    if left < LEAST:
        return now + (starts_at - now) / 2
    hours = timedelta(hours=settings.confirm_hours)
    return worktime.after_minutes(now, min(hours, left / 2) // timedelta(minutes=1))


def worked(worktime: Worktime, start: datetime, end: datetime) -> timedelta:
    """Working time between two instants at most some weeks apart."""
    total, day = timedelta(), local_day(start)
    while day <= local_day(end):
        for opens, closes in worktime.spans_on(day):
            total += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return total


async def ask(session: AsyncSession, row: Appointment, *, due: datetime, now: datetime) -> None:
    """Ask the appointment's advisor. The row is a requested one that nobody is asked about."""
    row.respond_by = due
    session.add(
        Request(
            appointment_id=row.id,
            advisor_id=row.advisor_id,
            agency_id=row.agency_id,
            starts_at=row.starts_at,
            asked_at=now,
            due_at=due,
        )
    )
    await session.flush()
    await tell_advisor(session, Note.ASKED, row, now=now)


async def close_request(
    session: AsyncSession, appointment_id: int, answer: Answer, *, now: datetime, reason: str = ""
) -> None:
    """Write down what came of the open question, if there is one."""
    await session.execute(
        update(Request)
        .where(Request.appointment_id == appointment_id, Request.answer == Answer.OPEN)
        .values(answer=answer, answered_at=now, reason=reason)
        .execution_options(synchronize_session=False)
    )
