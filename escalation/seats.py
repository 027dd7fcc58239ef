"""Seats of a panel (会诊): who still owes an opinion, and what was said."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from directory.model import Expert
from escalation.model import Opinion, Status, Ticket


async def seat_of(session: AsyncSession, ticket_id: int, expert_id: int) -> Opinion | None:
    """The expert's seat that waits for an opinion, if there is one."""
    return await session.scalar(
        select(Opinion)
        .join(Ticket, Ticket.id == Opinion.ticket_id)
        .where(
            Opinion.ticket_id == ticket_id,
            Opinion.expert_id == expert_id,
            Opinion.given_at.is_(None),
            Ticket.status.in_((Status.WITH_EXPERT, Status.WAITING_ASKER)),
        )
    )


async def seats_waiting(session: AsyncSession, expert_id: int) -> Sequence[Ticket]:
    """The tickets whose panel waits for this expert's opinion, oldest first."""
    query = (
        select(Ticket)
        .join(Opinion, Opinion.ticket_id == Ticket.id)
        .where(Opinion.expert_id == expert_id, Opinion.given_at.is_(None))
        .order_by(Ticket.id)
    )
    return (await session.scalars(query)).all()


async def opinions_of(session: AsyncSession, ticket: Ticket) -> list[tuple[Opinion, Expert]]:
    """The seats of the ticket's newest panel with their experts."""
    newest = select(func.max(Opinion.since)).where(Opinion.ticket_id == ticket.id)
    query = (
        select(Opinion, Expert)
        .join(Expert, Expert.id == Opinion.expert_id)
        .where(Opinion.ticket_id == ticket.id, Opinion.since == newest.scalar_subquery())
        .order_by(Opinion.id)
    )
    return [(opinion, expert) for opinion, expert in await session.execute(query)]


async def close_seats(session: AsyncSession, ticket: Ticket, *, now: datetime) -> None:
    """Nobody is waited for any more: the ticket was answered, or left the panel."""
    await session.execute(
        update(Opinion)
        .where(Opinion.ticket_id == ticket.id, Opinion.given_at.is_(None))
        .values(given_at=now)
    )
