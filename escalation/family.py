"""Merged tickets (合并): one matter that came by several channels, handled under one number."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from escalation.model import Status, Ticket


async def merged_tickets(session: AsyncSession, ticket: Ticket) -> Sequence[Ticket]:
    """The tickets that go on in this one, oldest first."""
    query = select(Ticket).where(Ticket.merged_into_id == ticket.id, Ticket.status == Status.MERGED)
    return (await session.scalars(query.order_by(Ticket.id))).all()


async def leading(session: AsyncSession, ticket: Ticket) -> Ticket:
    """The ticket that this one goes on in; itself where it goes its own way."""
    if ticket.status != Status.MERGED or ticket.merged_into_id is None:
        return ticket
    return await session.get_one(Ticket, ticket.merged_into_id, populate_existing=True)


async def family(session: AsyncSession, ticket: Ticket) -> list[Ticket]:
    """The leading ticket and all that go on in it."""
    lead = await leading(session, ticket)
    return [lead, *await merged_tickets(session, lead)]
