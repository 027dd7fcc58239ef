"""Release holds that nobody confirmed."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Cell, Status, held, run_out
from booking.service.shares import lapse_shares

BATCH = 500


async def release_expired(session: AsyncSession, now: datetime) -> None:
    """Job: free the times of holds that ran out."""
    found = await session.scalars(
        select(Appointment.id)
        .where(run_out(now))
        .order_by(Appointment.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    await lapse(session, found.all())


async def release(
    session: AsyncSession,
    *,
    now: datetime,
    center_id: int | None = None,
    holder: int | None = None,
) -> None:
    """Free what stands in the way of a new hold: expired holds of the center, and the live one of
    contact ``holder``, who is choosing again.

    Rows are locked in the order of their ids, so that two who do this at once cannot deadlock.
    """
    stale = and_(Appointment.center_id == center_id, run_out(now))
    own = Appointment.contact_id == holder
    found = await session.scalars(
        select(Appointment.id)
        .where(held(), stale if holder is None else or_(stale, own))
        .order_by(Appointment.id)
        .with_for_update()
    )
    await lapse(session, found.all())


async def lapse(session: AsyncSession, ids: Collection[int]) -> None:
    """Free the times of these holds, which the caller has found to be holds of whom they should."""
    if not ids:
        return
    await session.execute(
        update(Appointment)
        .where(Appointment.id.in_(ids))
        .values(status=Status.LAPSED, hold_until=None)
        .execution_options(synchronize_session=False)
    )
    await lapse_shares(session, ids)
    await session.execute(delete(Cell).where(Cell.appointment_id.in_(ids)))
