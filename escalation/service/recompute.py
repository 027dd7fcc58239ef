"""Job: when the working calendar is corrected, open promises follow, and the asker is told."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.actor import SYSTEM
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import write_event
from escalation.model import OPEN, Ticket
from escalation.promises import levels_at
from escalation.telling import tell_asker, when

Job = Callable[[AsyncSession, datetime], Awaitable[None]]


def follow_calendar(levels: ServiceLevels) -> Job:
    """The job for these promises. A date that was right changes nothing and says nothing."""

    async def follow(session: AsyncSession, now: datetime) -> None:
        await recompute(session, levels=levels, now=now)

    return follow


async def recompute(session: AsyncSession, *, levels: ServiceLevels, now: datetime) -> int:
    """Compute every open due date anew from its steps; returns how many moved."""
    query = select(Ticket).where(Ticket.status.in_(OPEN)).order_by(Ticket.id)
    found = await session.scalars(
        query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
    )
    moved = 0
    for ticket in list(found):
        if not ticket.due_steps:
            continue
        there = await levels_at(session, ticket.center_id, levels)
        due = there.due(ticket.due_steps)
        expert_due = levels.expert_due_of(ticket.due_steps)
        if ticket.expert_due_at is not None and expert_due is not None:
            ticket.expert_due_at = expert_due
        if due == ticket.due_at:
            continue
        moved += 1
        before, ticket.due_at = ticket.due_at, due
        ticket.overdue_told_at = ticket.alert_at = None
        note = f"{when(before)} → {when(due)}"
        write_event(session, ticket, "recompute", actor=SYSTEM, now=now, text=note)
        await session.flush()
        await tell_asker(session, ticket, "ticketlife.due_moved", now=now)
    return moved
