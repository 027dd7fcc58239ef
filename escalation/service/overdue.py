"""Job: what is late is said once, and an expert's silence ends in the staff's hands."""

from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.actor import SYSTEM
from escalation.lifecycle import write_event
from escalation.model import OPEN, Status, Ticket
from escalation.service.recall import recall
from escalation.telling import tell_asker

AT_ONCE = 100
RUNNING = tuple(status for status in OPEN if status is not Status.WAITING_ASKER)


async def watch_deadlines(session: AsyncSession, now: datetime) -> None:
    """Take back tickets whose expert is late, then announce tickets that are late."""
    expert_late = (Ticket.status == Status.WITH_EXPERT) & (Ticket.expert_due_at < now)
    for ticket in await locked(session, expert_late):
        await recall(session, actor=SYSTEM, ticket_id=ticket.id, now=now)
    running = Ticket.status.in_(RUNNING)
    for ticket in await locked(
        session, running & (Ticket.due_at < now) & Ticket.overdue_told_at.is_(None)
    ):
        ticket.overdue_told_at = now
        write_event(session, ticket, "overdue", actor=SYSTEM, now=now)
        await tell_asker(session, ticket, "escalation.overdue", now=now)


async def locked(session: AsyncSession, condition: ColumnElement[bool]) -> list[Ticket]:
    """The tickets for which this holds, none that another replica or a person has in hand now."""
    query = select(Ticket).where(condition).order_by(Ticket.id).limit(AT_ONCE)
    ours = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    return list(await session.scalars(ours))
