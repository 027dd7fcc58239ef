"""Job: what is late is said once, and an expert's silence ends in the staff's hands."""

from contextlib import suppress
from datetime import datetime

from sqlalchemy import CursorResult, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from directory.actor import SYSTEM
from escalation.lifecycle import NotPossible, Overtaken, write_event
from escalation.model import OPEN, Status, Ticket
from escalation.service.recall import recall
from escalation.telling import tell_asker

AT_ONCE = 100
RUNNING = tuple(status for status in OPEN if status is not Status.WAITING_ASKER)


async def watch_deadlines(session: AsyncSession, now: datetime) -> None:
    """Take back tickets whose expert is late, then announce tickets that are late."""
    await _recall_from_experts(session, now)
    await _announce(session, now)


async def _recall_from_experts(session: AsyncSession, now: datetime) -> None:
    late = await session.scalars(
        select(Ticket.id)
        .where(Ticket.status == Status.WITH_EXPERT, Ticket.expert_due_at < now)
        .order_by(Ticket.id)
        .limit(AT_ONCE)
    )
    for ticket_id in late.all():
        # Overtaken by another replica, or by the expert this very moment: nothing left to do.
        with suppress(Overtaken, NotPossible):
            await recall(session, actor=SYSTEM, ticket_id=ticket_id, now=now)


async def _announce(session: AsyncSession, now: datetime) -> None:
    late = await session.scalars(
        select(Ticket)
        .where(Ticket.status.in_(RUNNING), Ticket.due_at < now, Ticket.overdue_told_at.is_(None))
        .order_by(Ticket.id)
        .limit(AT_ONCE)
    )
    for ticket in late:
        result = await session.execute(
            update(Ticket)
            .where(Ticket.id == ticket.id, Ticket.overdue_told_at.is_(None))
            .values(overdue_told_at=now)
        )
        assert isinstance(result, CursorResult)
        if result.rowcount:
            write_event(session, ticket, "overdue", actor=SYSTEM, now=now)
            await tell_asker(session, ticket, "escalation.overdue", now=now)
