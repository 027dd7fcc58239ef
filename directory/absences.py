"""Days of leave: who is away, and writing it down."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.model import Absence


class BadLeave(Refusal):
    """A leave that ends before it begins."""

    key = "ticketlife.bad_leave"


async def accounts_away(session: AsyncSession, day: date) -> set[int]:
    """The desk accounts on leave that day."""
    found = await session.scalars(
        select(Absence.account_id).where(
            Absence.account_id.is_not(None), Absence.first_day <= day, Absence.last_day >= day
        )
    )
    return {account_id for account_id in found if account_id is not None}


async def experts_away(session: AsyncSession, day: date) -> set[int]:
    """The experts on leave that day."""
    found = await session.scalars(
        select(Absence.expert_id).where(
            Absence.expert_id.is_not(None), Absence.first_day <= day, Absence.last_day >= day
        )
    )
    return {expert_id for expert_id in found if expert_id is not None}


async def take_leave(
    session: AsyncSession,
    *,
    first_day: date,
    last_day: date,
    account_id: int | None = None,
    expert_id: int | None = None,
) -> Absence:
    """Write a leave down. Raises BadLeave."""
    if last_day < first_day:
        raise BadLeave
    leave = Absence(
        account_id=account_id, expert_id=expert_id, first_day=first_day, last_day=last_day
    )
    session.add(leave)
    await session.flush()
    return leave
