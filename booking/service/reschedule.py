"""Move an appointment to another time of the same advisor."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.availability import Window, cells_of, is_offered, nearest
from booking.model import Appointment, Status
from booking.service.cancel import NotChangeable
from booking.service.expire import release
from booking.service.guard import SlotTaken, occupy, shown, vacate
from booking.service.hold import NotOffered
from booking.service.notice import Kind, tell
from core.config import Booking
from core.database import changed
from core.worktime import Worktime
from directory.actor import Actor


async def reschedule(
    session: AsyncSession,
    *,
    actor: Actor,
    appointment_id: int,
    starts_at: datetime,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
) -> Appointment:
    """Take the new time, then give back the old one: when the new one is gone, the old one stays.

    From the desk, the booker is told. Raises SlotTaken, NotOffered, NotChangeable,
    UnknownAppointment; then nothing has changed.
    """
    row = await queries.access_appointment(session, actor, appointment_id)
    window = Window.at(now, settings, worktime)
    old, new = cells_of(row.starts_at, row.minutes), cells_of(starts_at, row.minutes)
    async with session.begin_nested():
        await release(session, now=now, center_id=row.center_id)
        diaries = await queries.diaries(session, [row.advisor_id], window, moving=row.id)
        if not is_offered(diaries[row.advisor_id], starts_at, row.minutes, window):
            near = nearest(diaries, starts_at, row.minutes, window)
            raise NotOffered(nearest=shown(near))
        await _move(session, row, starts_at, now)
        try:
            await occupy(
                session,
                appointment_id=row.id,
                advisor_id=row.advisor_id,
                cells=set(new) - set(old),
            )
        except SlotTaken as error:
            diaries = await queries.diaries(session, [row.advisor_id], window, moving=row.id)
            raise SlotTaken(nearest(diaries, starts_at, row.minutes, window)) from error
        await vacate(session, appointment_id=row.id, cells=set(old) - set(new))
    await session.refresh(row)
    if actor.kind == "desk":
        await tell(session, Kind.MOVED_BY_DESK, row, now=now)
    return row


async def _move(
    session: AsyncSession, row: Appointment, starts_at: datetime, now: datetime
) -> None:
    """The row itself, if nobody else changed it meanwhile. Raises NotChangeable."""
    result = await session.execute(
        update(Appointment)
        .where(
            Appointment.id == row.id,
            Appointment.status == Status.BOOKED,
            Appointment.sequence == row.sequence,
            Appointment.starts_at > now,
        )
        .values(starts_at=starts_at, sequence=Appointment.sequence + 1, arranged_at=now)
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise NotChangeable(code=row.code)
