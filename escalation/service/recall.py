"""收回: a ticket comes back from an expert who has not answered."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Message
from directory.actor import Actor
from escalation.lifecycle import move
from escalation.model import Ticket
from escalation.queries import access_ticket
from escalation.seats import close_seats
from escalation.telling import tell_asker, tell_expert


async def recall(
    session: AsyncSession, *, actor: Actor, ticket_id: int, now: datetime, note: str = ""
) -> Ticket:
    """Take the ticket back into the staff's hands; the expert and the asker hear so.

    Raises UnknownTicket, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    expert_id = ticket.expert_id
    await move(
        session,
        ticket,
        "recall",
        actor=actor,
        now=now,
        note=note.strip(),
        expert_id=expert_id,
        changes={"expert_id": None, "expert_accepted_at": None, "expert_due_at": None},
    )
    await close_seats(session, ticket, now=now)
    await tell_asker(session, ticket, "escalation.recalled", now=now)
    if expert_id is not None:
        message = Message("escalation.expert_recalled", {"number": ticket.number})
        await tell_expert(session, expert_id, message, now=now)
    return ticket
