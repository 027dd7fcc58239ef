"""Move an appointment to another time, at the desk also to another advisor."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.availability import Window, is_offered, nearest
from booking.links import Links
from booking.model import STANDING, Appointment
from booking.service.cancel import NotChangeable
from booking.service.expire import release
from booking.service.guard import SlotTaken, shown, take
from booking.service.hand_over import hand_over
from booking.service.hold import NotOffered
from booking.service.notice import Kind, tell
from core.config import Booking
from core.database import changed
from core.errors import Refusal
from core.worktime import Worktime
from directory.actor import Actor
from directory.model import Advisor


class AdvisorGone(Refusal):
    """The advisor no longer sees people, or cannot take this matter; others can."""

    key = "booking.advisor_gone"


async def reschedule(
    session: AsyncSession,
    *,
    actor: Actor,
    appointment_id: int,
    starts_at: datetime,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
    advisor_id: int | None = None,
    links: Links | None = None,
) -> Appointment:
    """Take the new time, then give back the old one: when the new one is gone, the old one stays.

    advisor_id: another advisor of the center for the same topic; None keeps the present one. Its
    agency is asked anew unless it moved it itself or the desk moved what was agreed. The others are
    told. Raises SlotTaken, DayFull, NoRoom, NotOffered, AdvisorGone,
    NotChangeable, UnknownAppointment; then nothing has changed.
    """
    row = await queries.access_appointment(session, actor, appointment_id)
    window = Window.at(now, settings, worktime)
    before = row.advisor_id
    try:
        async with session.begin_nested():
            await release(session, now=now, center_id=row.center_id)
            advisor = await _advisor(session, row, advisor_id, starts_at, window)
            await _require_offered(session, row, advisor, starts_at, window)
            await _move(session, row, starts_at, advisor, now)
            await session.refresh(row)
            await take(session, row, settings=settings, now=now)
    except SlotTaken as gone:
        await session.refresh(row)
        near = await _near(session, row, [advisor.id], starts_at, window)
        raise type(gone)(near) from gone
    await session.refresh(row)
    await hand_over(session, row, before, actor, settings=settings, worktime=worktime, now=now)
    if not queries.is_its_booker(actor, row):
        kind = Kind.MOVED if actor.kind == "holder" else Kind.MOVED_BY_DESK
        await tell(session, kind, row, now=now, links=links)
    return row


async def _advisor(
    session: AsyncSession,
    row: Appointment,
    advisor_id: int | None,
    starts_at: datetime,
    window: Window,
) -> Advisor:
    """Who is to see them. Raises AdvisorGone with the nearest times of the others."""
    wanted = row.advisor_id if advisor_id is None else advisor_id
    advisor = await session.get_one(Advisor, row.advisor_id, populate_existing=True)
    if wanted == row.advisor_id and advisor.active:
        return advisor
    others = {
        other.id: other
        for other, _ in await queries.candidates(
            session,
            center_id=row.center_id,
            area=row.area,
            enterprise_id=row.enterprise_id,
            now=window.now,
        )
    }
    if wanted in others:
        return others[wanted]
    near = await _near(session, row, others, starts_at, window)
    raise AdvisorGone(code=row.code, nearest=shown(near))


async def _require_offered(
    session: AsyncSession, row: Appointment, advisor: Advisor, starts_at: datetime, window: Window
) -> None:
    """Raises NotOffered."""
    diaries = await queries.diaries(session, [advisor.id], window, moving=row.id, place=row.place)
    if not is_offered(diaries[advisor.id], starts_at, row.minutes, window):
        near = nearest(diaries, starts_at, row.minutes, window)
        raise NotOffered(nearest=shown(near))


async def _near(
    session: AsyncSession,
    row: Appointment,
    advisor_ids: Iterable[int],
    wanted: datetime,
    window: Window,
) -> list[datetime]:
    diaries = await queries.diaries(session, advisor_ids, window, moving=row.id, place=row.place)
    return nearest(diaries, wanted, row.minutes, window)


async def _move(
    session: AsyncSession, row: Appointment, starts_at: datetime, advisor: Advisor, now: datetime
) -> None:
    """The row itself, if nobody else changed it meanwhile. Raises NotChangeable."""
    result = await session.execute(
        update(Appointment)
        .where(
            Appointment.id == row.id,
            Appointment.status.in_(STANDING),
            Appointment.sequence == row.sequence,
            Appointment.starts_at > now,
        )
        .values(
            starts_at=starts_at,
            advisor_id=advisor.id,
            agency_id=advisor.agency_id,
            kept="",
            sequence=Appointment.sequence + 1,
            arranged_at=now,
            respond_by=None,
            late_minutes=0,
        )
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise NotChangeable(code=row.code)
