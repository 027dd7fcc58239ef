"""Cancel an appointment."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import STANDING, Appointment, Status
from booking.model_life import Answer
from booking.queries import access_appointment, is_its_advisor, is_its_booker
from booking.service.advise import Note, tell_advisor
from booking.service.guard import vacate
from booking.service.notice import Kind, tell
from booking.service.requests import close_request
from core.database import changed
from core.errors import Refusal
from directory.actor import Actor


class NotChangeable(Refusal):
    """It is over, under way, cancelled or was changed by somebody else a moment ago."""

    key = "booking.not_changeable"


async def cancel(
    session: AsyncSession, *, actor: Actor, appointment_id: int, now: datetime, reason: str = ""
) -> Appointment:
    """Cancel before it begins; the time is free again. The others are told: the booker, unless
    they did it in their chat, and its advisor.

    Raises NotChangeable, UnknownAppointment.
    """
    row = await access_appointment(session, actor, appointment_id)
    result = await session.execute(
        update(Appointment)
        .where(
            Appointment.id == row.id,
            Appointment.status.in_(STANDING),
            Appointment.starts_at > now,
        )
        .values(
            status=Status.CANCELLED,
            sequence=Appointment.sequence + 1,
            settled_at=now,
            settled_by=actor.name,
            reason=reason,
            respond_by=None,
        )
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise NotChangeable(code=row.code)
    await vacate(session, appointment_id=row.id)
    await close_request(session, row.id, Answer.WITHDRAWN, now=now)
    await session.refresh(row)
    if actor.kind == "holder":
        await tell(session, Kind.CANCELLED, row, now=now)
    elif not is_its_booker(actor, row):
        await tell(session, Kind.CANCELLED_BY_DESK, row, now=now)
    if not is_its_advisor(actor, row):
        await tell_advisor(session, Note.CANCELLED, row, now=now)
    return row
