"""Enterprises as the people of their sub-center see them."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from directory.model import Enterprise, Liaison


class NoSuchEnterprise(Refusal):
    """There is none, or it is not this actor's business; which of the two is not told."""

    key = "deskwork.enterprise.none"


async def access_enterprise(session: AsyncSession, actor: Actor, enterprise_id: int) -> Enterprise:
    """The enterprise, for its own center's staff and the province. Raises NoSuchEnterprise."""
    found = await session.get(Enterprise, enterprise_id)
    if found is None or not actor.may_see_center(found.center_id):
        raise NoSuchEnterprise
    return found


async def liaisons_of(session: AsyncSession, enterprise: Enterprise) -> Sequence[Liaison]:
    """Its liaisons, active ones first."""
    query = select(Liaison).where(Liaison.enterprise_id == enterprise.id)
    return (await session.scalars(query.order_by(Liaison.active.desc(), Liaison.since))).all()
