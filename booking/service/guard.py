"""The guard: cells taken and given back. The database alone decides who gets a time."""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Cell
from core.clock import local
from core.errors import Refusal


class SlotTaken(Refusal):
    """Somebody else has that time. ``nearest``: free starts close to it, in order."""

    key = "booking.slot_taken"

    def __init__(self, nearest: Collection[datetime] = ()) -> None:
        self.nearest = tuple(nearest)
        super().__init__(nearest=shown(self.nearest))


def shown(starts: Iterable[datetime]) -> str:
    """Instants as a person reads them in any language: ``11-25 10:00 / 11-25 10:30``."""
    return " / ".join(f"{local(start):%m-%d %H:%M}" for start in starts) or "—"


async def occupy(
    session: AsyncSession, *, appointment_id: int, advisor_id: int, cells: Iterable[datetime]
) -> None:
    """Take the cells, all or none. Raises SlotTaken when any of them is taken.

    In order of time, so that two who want overlapping times wait for each other one way only.
    """
    rows = [
        {"appointment_id": appointment_id, "advisor_id": advisor_id, "starts_at": cell}
        for cell in sorted(cells)
    ]
    if not rows:
        return
    try:
        async with session.begin_nested():
            await session.execute(insert(Cell), rows)
    except IntegrityError as error:
        raise SlotTaken from error


async def vacate(
    session: AsyncSession, *, appointment_id: int, cells: Iterable[datetime] | None = None
) -> None:
    """Give back some cells of an appointment, or all of them."""
    query = delete(Cell).where(Cell.appointment_id == appointment_id)
    if cells is not None:
        query = query.where(Cell.starts_at.in_(list(cells)))
    await session.execute(query)
