"""The people of a desk, as one of them may act for them."""

from collections.abc import Collection, Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.actor import Actor
from directory.model import Absence, Account, Role


async def staff_of(session: AsyncSession, actor: Actor) -> Sequence[Account]:
    """The active staff of the actor's center, of every center for the province."""
    query = select(Account).where(Account.role.in_((Role.STAFF, Role.DIRECTOR)), Account.active)
    if not actor.is_province:
        query = query.where(Account.center_id == actor.center_id)
    return (await session.scalars(query.order_by(Account.center_id, Account.id))).all()


async def leaves_from(
    session: AsyncSession, day: date, account_ids: Collection[int]
) -> list[tuple[Account, Absence]]:
    """The leaves of these people that are not over on ``day``, soonest first."""
    query = (
        select(Account, Absence)
        .join(Absence, Absence.account_id == Account.id)
        .where(Account.id.in_(account_ids), Absence.last_day >= day)
        .order_by(Absence.first_day, Absence.id)
    )
    return [(account, absence) for account, absence in await session.execute(query)]
