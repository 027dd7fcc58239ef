"""Keep an appointment although the rules have changed since."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.conflicts import why_not
from booking.model import Appointment
from booking.queries import access_appointment
from booking.service.attend import DeskOnly
from core.config import Booking
from core.worktime import Worktime
from directory.actor import Actor


async def keep(
    session: AsyncSession,
    *,
    actor: Actor,
    appointment_id: int,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
) -> Appointment:
    """It takes place as agreed; it is listed again only when it clashes with something else.

    Moving it takes this back. Raises DeskOnly, UnknownAppointment.
    """
    if actor.kind != "desk":
        raise DeskOnly
    row = await access_appointment(session, actor, appointment_id)
    row.kept = ",".join(await why_not(session, row, settings=settings, worktime=worktime, now=now))
    await session.flush()
    return row
