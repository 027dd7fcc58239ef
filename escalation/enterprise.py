"""What happened with an enterprise: its tickets."""

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.actor import Actor
from escalation.model import OPEN, Ticket
from escalation.queries import worked_on_by


async def tickets_of_enterprise(
    session: AsyncSession, actor: Actor, enterprise_id: int, *, limit: int = 20
) -> Sequence[Ticket]:
    """The newest first, as far as the actor works on them."""
    query = select(Ticket).where(Ticket.enterprise_id == enterprise_id, worked_on_by(actor))
    return (await session.scalars(query.order_by(Ticket.id.desc()).limit(limit))).all()


async def ticket_figures(
    session: AsyncSession, actor: Actor, enterprise_id: int
) -> tuple[int, int]:
    """How many there are, and how many of them still wait for an answer."""
    mine = (Ticket.enterprise_id == enterprise_id, worked_on_by(actor))
    every = await session.scalar(select(func.count()).where(*mine))
    waiting = await session.scalar(select(func.count()).where(*mine, Ticket.status.in_(OPEN)))
    return every or 0, waiting or 0
