"""An agency said no, or nothing in time: ask the next one who has that very time, or free it."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.availability import Window, is_offered, nearest
from booking.links import Links
from booking.model import Appointment, Status
from booking.model_life import Answer, Request
from booking.service.guard import SlotTaken, shown, take, vacate
from booking.service.notice import Kind, tell
from booking.service.requests import ask, close_request, respond_by
from booking.service.shares import decline_share, log_share
from core.config import Booking
from core.database import changed
from core.jobs import JobFunction
from core.worktime import Worktime
from directory.model import Advisor

BATCH = 100


@dataclass(frozen=True)
class _Case:
    """The appointment, whether the agency fell to it by rotation, and until when to answer."""

    row: Appointment
    rotated: bool
    due: datetime | None


def unanswered(settings: Booking, worktime: Worktime, links: Links | None = None) -> JobFunction:
    """The job that passes on what its agency has said nothing about in time."""

    async def run(session: AsyncSession, now: datetime) -> None:
        found = await session.scalars(
            select(Appointment)
            .where(Appointment.status == Status.REQUESTED, Appointment.respond_by <= now)
            .order_by(Appointment.id)
            .limit(BATCH)
            .with_for_update(skip_locked=True)
        )
        for row in found.all():
            await pass_on(
                session,
                row,
                Answer.SILENT,
                settings=settings,
                worktime=worktime,
                links=links,
                now=now,
            )

    return run


async def pass_on(
    session: AsyncSession,
    row: Appointment,
    answer: Answer,
    *,
    settings: Booking,
    worktime: Worktime,
    links: Links | None,
    now: datetime,
    reason: str = "",
) -> bool:
    """Exactly one caller gets True: who found the appointment still waiting for this advisor."""
    due = respond_by(row.starts_at, settings=settings, worktime=worktime, now=now)
    if not await _claim(session, row):
        return False
    rotated, agency_id = await decline_share(session, row.id), row.agency_id
    await close_request(session, row.id, answer, now=now, reason=reason)
    window = replace(Window.at(now, settings, worktime), first=now)
    case = _Case(row, rotated, due)
    if await _next(session, case, window, settings):
        assert due is not None
        log_share(session, row, rotated=rotated or row.agency_id != agency_id, now=now)
        await ask(session, row, due=due, now=now)
        await tell(session, Kind.PASSED_ON, row, now=now, links=links)
    else:
        await _give_up(session, row, Window.at(now, settings, worktime), now)
    return True


async def _claim(session: AsyncSession, row: Appointment) -> bool:
    """Nobody else passes it on, and a late yes of this advisor finds another one's name."""
    result = await session.execute(
        update(Appointment)
        .where(
            Appointment.id == row.id,
            Appointment.status == Status.REQUESTED,
            Appointment.advisor_id == row.advisor_id,
            Appointment.sequence == row.sequence,
            Appointment.respond_by.is_not(None),
        )
        .values(respond_by=None, sequence=Appointment.sequence + 1)
        .execution_options(synchronize_session=False)
    )
    await session.refresh(row)
    return changed(result)


async def _next(session: AsyncSession, case: _Case, window: Window, settings: Booking) -> bool:
    """Give it to the next advisor in the rotation who has the time; False when there is none.

    Colleagues of a chosen agency come before other agencies; a sealed one goes to nobody else.
    """
    row = case.row
    if row.sealed or case.due is None:
        return False
    for advisor in await _others(session, case, window):
        try:
            async with session.begin_nested():
                row.advisor_id, row.agency_id = advisor.id, advisor.agency_id
                await session.flush()
                await take(session, row, settings=settings, now=window.now)
        except SlotTaken:
            await session.refresh(row)
        else:
            return True
    return False


async def _others(session: AsyncSession, case: _Case, window: Window) -> list[Advisor]:
    row = case.row
    asked = await session.scalars(
        select(Request.advisor_id).where(
            Request.appointment_id == row.id, Request.starts_at == row.starts_at
        )
    )
    passed = set(asked)
    pairs = await queries.candidates(
        session,
        center_id=row.center_id,
        area=row.area,
        enterprise_id=row.enterprise_id,
        now=window.now,
    )
    found = [advisor for advisor, _ in pairs if advisor.id not in passed | {row.advisor_id}]
    if not case.rotated:
        found.sort(key=lambda advisor: advisor.agency_id != row.agency_id)
    diaries = await queries.diaries(
        session, [advisor.id for advisor in found], window, moving=row.id, place=row.place
    )
    return [a for a in found if is_offered(diaries[a.id], row.starts_at, row.minutes, window)]


async def _give_up(session: AsyncSession, row: Appointment, window: Window, now: datetime) -> None:
    """Free the time and tell the person, with the nearest times that can be had."""
    row.status, row.settled_at, row.settled_by = Status.REFUSED, now, ""
    await vacate(session, appointment_id=row.id)
    await session.flush()
    pairs = await queries.candidates(
        session,
        center_id=row.center_id,
        area=row.area,
        advisor_id=row.advisor_id if row.sealed else None,
        enterprise_id=row.enterprise_id,
        now=now,
    )
    diaries = await queries.diaries(session, [a.id for a, _ in pairs], window, place=row.place)
    near = nearest(diaries, row.starts_at, row.minutes, window)
    await tell(session, Kind.REFUSED, row, now=now, nearest=shown(near))
