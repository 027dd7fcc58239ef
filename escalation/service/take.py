"""受理: a member of staff takes charge of a ticket."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from directory.model import Account
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import move
from escalation.model import Complexity, Status, Ticket
from escalation.queries import access_ticket
from escalation.telling import tell_asker


class AlreadyTaken(Refusal):
    key = "escalation.already_taken"


async def take(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    levels: ServiceLevels,
    now: datetime,
    complexity: Complexity = Complexity.ORDINARY,
) -> Ticket:
    """Take charge. How hard the question is decides the due date, counted from its arrival.

    Raises UnknownTicket, AlreadyTaken, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if ticket.status != Status.NEW and ticket.assignee_id is not None:
        holder = await session.get_one(Account, ticket.assignee_id)
        raise AlreadyTaken(number=ticket.number, by=holder.name)
    await move(
        session,
        ticket,
        "take",
        actor=actor,
        now=now,
        changes={
            "assignee_id": actor.id,
            "complexity": complexity,
            "due_at": levels.answer_due(complexity, ticket.created_at),
        },
    )
    await tell_asker(session, ticket, "escalation.taken", now=now, by=actor.name)
    return ticket
