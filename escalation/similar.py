"""Open tickets that may be the same matter by another channel: staff decide."""

from collections.abc import Sequence

from sqlalchemy import false, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.model import OPEN, Ticket


async def same_matter(session: AsyncSession, ticket: Ticket, *, limit: int = 8) -> Sequence[Ticket]:
    """Other open tickets of the same person, telephone or enterprise, newest first."""
    alike = []
    if ticket.contact_id is not None:
        alike.append(Ticket.contact_id == ticket.contact_id)
    if ticket.phone:
        alike.append(Ticket.phone == ticket.phone)
    if ticket.enterprise_id is not None:
        alike.append(Ticket.enterprise_id == ticket.enterprise_id)
    query = select(Ticket).where(
        Ticket.id != ticket.id,
        Ticket.center_id == ticket.center_id,
        Ticket.status.in_(OPEN),
        or_(false(), *alike),
    )
    return (await session.scalars(query.order_by(Ticket.id.desc()).limit(limit))).all()
