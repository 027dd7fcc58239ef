"""Who has missed too many consultations books by phone only, for a while.

Counted for a person: a chat, or a phone number within an enterprise. Never for an address, nor for
a liaison whose colleagues did not come.
"""

from datetime import datetime, timedelta

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Status
from core.config import Booking
from core.errors import Refusal


class PhoneOnly(Refusal):
    """Too many consultations were missed: the center's staff can still book."""

    key = "appointment.phone_only"


async def require_trust(
    session: AsyncSession,
    *,
    contact_id: int | None,
    settings: Booking,
    now: datetime,
    enterprise_id: int | None = None,
    phone: str = "",
) -> None:
    """Raises PhoneOnly."""
    missed = await missed_count(
        session,
        contact_id=contact_id,
        enterprise_id=enterprise_id,
        phone=phone,
        since=now - timedelta(days=settings.no_show_days),
    )
    if settings.no_show_limit and missed >= settings.no_show_limit:
        raise PhoneOnly(count=missed, days=settings.no_show_days)


async def missed_count(
    session: AsyncSession,
    *,
    contact_id: int | None,
    enterprise_id: int | None,
    phone: str,
    since: datetime,
) -> int:
    """Consultations that the person did not come to since then."""
    own = and_(Appointment.contact_id == contact_id, Appointment.booked_by == "")
    at_work = and_(Appointment.enterprise_id == enterprise_id, Appointment.phone == phone)
    whose = or_(
        own if contact_id is not None else false(),
        at_work if enterprise_id is not None and phone else false(),
    )
    count = await session.scalar(
        select(func.count()).where(
            whose, Appointment.status == Status.NO_SHOW, Appointment.starts_at > since
        )
    )
    return count or 0
