"""受理: a member of staff takes charge of a ticket."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from directory.model import Account
from escalation.deadlines import ServiceLevels, start_of
from escalation.lifecycle import move
from escalation.model import Complexity, Status, Ticket
from escalation.promises import levels_at, steps_of
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

    This is the first reply by a person: the asker hears who is in charge, and until when.

    Raises UnknownTicket, AlreadyTaken, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if ticket.status != Status.NEW and ticket.assignee_id is not None:
        holder = await session.get_one(Account, ticket.assignee_id)
        raise AlreadyTaken(number=ticket.number, by=holder.name)
    steps = steps_of(ticket)
    there = await levels_at(session, ticket.center_id, levels)
    steps[0] = there.answer_step(complexity, start_of(steps))
    changes = {
        "assignee_id": actor.id,
        "complexity": complexity,
        "first_reply_at": ticket.first_reply_at or now,
        "due_steps": steps,
        "due_at": there.due(steps),
    }
    await move(session, ticket, "take", actor=actor, now=now, changes=changes)
    await tell_asker(session, ticket, "escalation.taken", now=now, by=actor.name)
    return ticket
