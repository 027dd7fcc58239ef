"""A ticket's due date as the steps it follows from, at its own center's hours."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from directory.model import Center
from escalation.deadlines import ServiceLevels, Step, Steps
from escalation.model import Ticket


async def levels_at(session: AsyncSession, center_id: int, levels: ServiceLevels) -> ServiceLevels:
    """The promises at that center's working hours."""
    return levels.within((await session.get_one(Center, center_id)).spans)


def steps_of(ticket: Ticket) -> Steps:
    """What the due date follows from; of a ticket of before steps were kept, the date itself."""
    kept = [list(step) for step in ticket.due_steps]
    return kept or [["at", ticket.created_at.isoformat(), ticket.due_at.isoformat()]]


async def due_after(
    session: AsyncSession, ticket: Ticket, levels: ServiceLevels, *steps: Step
) -> dict[str, Any]:
    """The columns of the due date after further steps."""
    there = await levels_at(session, ticket.center_id, levels)
    every = [*steps_of(ticket), *steps]
    return {"due_steps": every, "due_at": there.due(every)}


async def due_anew(
    session: AsyncSession,
    ticket: Ticket,
    levels: ServiceLevels,
    *,
    start: datetime,
    complexity: str | None = None,
    center_id: int | None = None,
) -> dict[str, Any]:
    """The columns of a due date that runs from ``start``, whatever was promised before."""
    there = await levels_at(session, center_id or ticket.center_id, levels)
    steps = [there.answer_step(complexity or ticket.complexity, start)]
    return {"due_steps": steps, "due_at": there.due(steps)}


def pause(since: datetime, until: datetime) -> Step:
    """The clock stood still."""
    return ["pause", since.isoformat(), until.isoformat()]
