"""Write down whether people came. Attendance is what Z03 (预约会诊) counts."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import STANDING, Appointment, Status
from booking.model_life import Answer
from booking.queries import access_appointment
from booking.service.rate import ask_rating
from booking.service.requests import close_request
from booking.service.shares import book_share
from core.clock import local_day
from core.database import changed
from core.errors import Refusal
from directory.actor import Actor
from directory.model import Enterprise
from ledger import service as ledger

# From which state each can be reached; attendance corrects a no-show written down too soon. Nobody
# is blamed for not coming to what its agency never agreed to.
BEFORE = {
    Status.ATTENDED: (*STANDING, Status.NO_SHOW),
    Status.NO_SHOW: (Status.BOOKED,),
}


class DeskOnly(Refusal):
    """Only the center's staff or the advisor say who came."""

    key = "booking.desk_only"


class TooEarly(Refusal):
    """Too early: the day of the appointment has not come, or (no-show) its time has not."""

    key = "booking.too_early"


class AlreadySettled(Refusal):
    """It was written down before, or the appointment does not stand."""

    key = "booking.already_settled"


async def check_in(
    session: AsyncSession, *, actor: Actor, appointment_id: int, now: datetime
) -> Appointment:
    """The person came; counts one Z03, once. Corrects a no-show written down too soon.

    Raises DeskOnly, TooEarly, AlreadySettled, UnknownAppointment.
    """
    row = await _accessed(session, actor, appointment_id)
    if row.local_start.date() > local_day(now):
        raise TooEarly(code=row.code)
    unasked = row.status == Status.REQUESTED
    await _settle(session, row, Status.ATTENDED, by=actor.name, now=now)
    if unasked:
        await close_request(session, row.id, Answer.AGREED, now=now)
        await book_share(session, row.id, now=now)
    await ask_rating(session, row, now=now)
    await _count(session, row, actor, now)
    return row


async def no_show(
    session: AsyncSession, *, actor: Actor, appointment_id: int, now: datetime
) -> Appointment:
    """Nobody came. Raises like check_in."""
    row = await _accessed(session, actor, appointment_id)
    if row.starts_at > now:
        raise TooEarly(code=row.code)
    await _settle(session, row, Status.NO_SHOW, by=actor.name, now=now)
    return row


async def _accessed(session: AsyncSession, actor: Actor, appointment_id: int) -> Appointment:
    if actor.kind != "desk":
        raise DeskOnly
    return await access_appointment(session, actor, appointment_id)


async def _settle(
    session: AsyncSession, row: Appointment, after: Status, *, by: str, now: datetime
) -> None:
    result = await session.execute(
        update(Appointment)
        .where(Appointment.id == row.id, Appointment.status.in_(BEFORE[after]))
        .values(status=after, settled_at=now, settled_by=by, respond_by=None)
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise AlreadySettled(code=row.code)
    await session.refresh(row)


async def _count(session: AsyncSession, row: Appointment, actor: Actor, now: datetime) -> None:
    """For the enterprise's center, else the appointment's; dated when it took place, or now where
    that month is closed already."""
    center_id = row.center_id
    if row.enterprise_id is not None:
        center_id = (await session.get_one(Enterprise, row.enterprise_id)).center_id
    await ledger.record(
        session,
        code="Z03",
        center_id=center_id,
        enterprise_id=row.enterprise_id,
        source=f"appointment:{row.id}",
        handler=actor.name,
        channel=row.channel,
        now=now,
        at=await ledger.open_instant(session, at=min(row.starts_at, now), now=now),
        evidence=f"{row.code} {row.local_start:%Y-%m-%d %H:%M}",
    )
