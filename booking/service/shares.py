"""Lines of the share log: one for each agency that a consultation was offered to."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Share


def log_share(
    session: AsyncSession,
    row: Appointment,
    *,
    rotated: bool,
    now: datetime,
    booked_at: datetime | None = None,
) -> None:
    """It is offered to the agency of ``row``, and booked at once where ``booked_at`` says so."""
    session.add(
        Share(
            center_id=row.center_id,
            agency_id=row.agency_id,
            appointment_id=row.id,
            rotated=rotated,
            offered_at=now,
            booked_at=booked_at,
        )
    )


async def decline_share(session: AsyncSession, appointment_id: int) -> bool:
    """The agency did not take it: its turn is used up. Whether it had come by rotation."""
    live = Share.appointment_id == appointment_id, ~Share.lapsed, ~Share.declined
    rotated = await session.scalar(select(Share.rotated).where(*live))
    await session.execute(update(Share).where(*live).values(declined=True, booked_at=None))
    return bool(rotated)


async def book_share(session: AsyncSession, appointment_id: int, *, now: datetime) -> None:
    """The agency has it for good, as far as that can be said."""
    await session.execute(
        update(Share)
        .where(Share.appointment_id == appointment_id, ~Share.lapsed, ~Share.declined)
        .values(booked_at=now)
    )


async def lapse_shares(session: AsyncSession, appointment_ids: Collection[int]) -> None:
    """Nothing came of the offers, through no fault of the agencies: their turns are kept."""
    await session.execute(
        update(Share)
        .where(Share.appointment_id.in_(appointment_ids), ~Share.declined)
        .values(lapsed=True)
        .execution_options(synchronize_session=False)
    )
