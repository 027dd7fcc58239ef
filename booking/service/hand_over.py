"""After a move: the agencies concerned are told or asked anew, and the share log follows."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Share, Status
from booking.model_life import Answer
from booking.queries import is_its_advisor
from booking.service.advise import Note, tell_advisor
from booking.service.requests import ask, close_request, respond_by
from booking.service.shares import book_share, lapse_shares, log_share
from core.config import Booking
from core.worktime import Worktime
from directory.actor import Actor


async def hand_over(
    session: AsyncSession,
    row: Appointment,
    before: int,
    actor: Actor,
    *,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
) -> None:
    """``row`` has its new time, and perhaps another advisor than ``before``.

    What the person moves its agency is asked about again. What the desk moves stays agreed with
    the same advisor; another one is asked, unless it is they who took it.
    """
    await close_request(session, row.id, Answer.WITHDRAWN, now=now)
    await _follow(session, row, now)
    other = row.advisor_id != before
    desk = actor.kind == "desk"
    agreed = is_its_advisor(actor, row) or (desk and not other and row.status == Status.BOOKED)
    due = respond_by(row.starts_at, settings=settings, worktime=worktime, now=now)
    if settings.confirm and not agreed and due is not None:
        row.status = Status.REQUESTED
        await ask(session, row, due=due, now=now)
    else:
        row.status = Status.BOOKED
        await session.flush()
        await book_share(session, row.id, now=now)
        if not is_its_advisor(actor, row):
            await tell_advisor(session, Note.MOVED, row, now=now)
    if other and actor.advisor_id != before:
        await tell_advisor(session, Note.CANCELLED, row, now=now, advisor_id=before)


async def _follow(session: AsyncSession, row: Appointment, now: datetime) -> None:
    """Given to another agency, the old one's offer came to nothing through no fault of its own."""
    live = Share.appointment_id == row.id, ~Share.lapsed, ~Share.declined
    share = await session.scalar(select(Share).where(*live))
    if share is not None and share.agency_id != row.agency_id:
        await lapse_shares(session, [row.id])
        log_share(session, row, rotated=False, now=now)
        await session.flush()
