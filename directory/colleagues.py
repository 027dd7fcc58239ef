"""The people of a desk."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.actor import Actor
from directory.model import Account, Role


async def colleagues(session: AsyncSession, actor: Actor) -> Sequence[Account]:
    """Staff of the actor's own sub-center, or of all for the province, by name."""
    query = select(Account).where(Account.active, Account.role.in_((Role.STAFF, Role.DIRECTOR)))
    if not actor.is_province:
        query = query.where(Account.center_id == actor.center_id)
    return (await session.scalars(query.order_by(Account.name, Account.id))).all()
