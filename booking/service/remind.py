"""Reminders, in the person's own channel."""

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.links import Links
from booking.model import Appointment, ReminderSent, Status
from booking.service.notice import Kind, tell
from core.config import Booking
from core.database import insert_or_ignore
from core.jobs import JobFunction

BATCH = 200


def reminders(settings: Booking, links: Links | None = None) -> JobFunction:
    """The job that sends what is due of ``settings.reminder_hours``, each once.

    Of several due at once (after a standstill) only the one closest to the appointment goes out,
    and none for a time agreed on later than the reminder would have gone out. What its agency has
    not agreed to yet is not reminded of.
    """
    hours = sorted(settings.reminder_hours)

    async def remind(session: AsyncSession, now: datetime) -> None:
        for closer, this in zip([0, *hours], hours, strict=False):
            await _send_due(session, closer, this, links, now)

    return remind


async def _send_due(
    session: AsyncSession, closer: int, hours: int, links: Links | None, now: datetime
) -> None:
    """Those whose start is more than ``closer`` and at most ``hours`` hours away."""
    already = exists().where(
        ReminderSent.appointment_id == Appointment.id,
        ReminderSent.hours == hours,
        ReminderSent.starts_at == Appointment.starts_at,
    )
    found = await session.scalars(
        select(Appointment)
        .where(
            Appointment.status == Status.BOOKED,
            Appointment.starts_at > now + timedelta(hours=closer),
            Appointment.starts_at <= now + timedelta(hours=hours),
            ~already,
        )
        .order_by(Appointment.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    for row in found.all():
        assert row.arranged_at is not None
        late = row.arranged_at > row.starts_at - timedelta(hours=hours)
        claimed = await insert_or_ignore(
            session,
            ReminderSent,
            appointment_id=row.id,
            hours=hours,
            starts_at=row.starts_at,
            sent_at=now,
        )
        if claimed and not late:
            await tell(session, Kind.REMINDER, row, now=now, links=links)
