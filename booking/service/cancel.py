"""Cancel an appointment."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Status
from booking.queries import access_appointment
from booking.service.guard import vacate
from booking.service.notice import Kind, tell
from core.database import changed
from core.errors import Refusal
from directory.actor import Actor


class NotChangeable(Refusal):
    """It is over, under way, cancelled or was changed by somebody else a moment ago."""

    key = "booking.not_changeable"


async def cancel(
    session: AsyncSession, *, actor: Actor, appointment_id: int, now: datetime, reason: str = ""
) -> Appointment:
    """Cancel before it begins; the time is free again. From the desk, the booker is told why.

    Raises NotChangeable, UnknownAppointment.
    """
    row = await access_appointment(session, actor, appointment_id)
    result = await session.execute(
        update(Appointment)
        .where(
            Appointment.id == row.id,
            Appointment.status == Status.BOOKED,
            Appointment.starts_at > now,
        )
        .values(
            status=Status.CANCELLED,
            sequence=Appointment.sequence + 1,
            settled_at=now,
            settled_by=actor.name,
            reason=reason,
        )
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise NotChangeable(code=row.code)
    await vacate(session, appointment_id=row.id)
    await session.refresh(row)
    if actor.kind == "desk":
        await tell(session, Kind.CANCELLED_BY_DESK, row, now=now)
    return row
