"""撤回: the asker no longer needs an answer."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Message
from directory.actor import Actor
from escalation.lifecycle import move
from escalation.model import Status, Ticket
from escalation.queries import access_ticket
from escalation.service.talk import end_talk
from escalation.telling import tell_asker, tell_expert


async def withdraw(session: AsyncSession, *, actor: Actor, ticket_id: int, now: datetime) -> Ticket:
    """Take the question back; an expert who has it hears so. Counts nothing.

    Raises UnknownTicket, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    hears = ticket.status in (Status.WITH_EXPERT, Status.WAITING_ASKER)
    with_expert = ticket.expert_id if hears else None
    await move(session, ticket, "withdraw", actor=actor, now=now)
    await end_talk(session, ticket, "talk.closed", now=now)
    await tell_asker(session, ticket, "escalation.withdrawn", now=now)
    if with_expert is not None:
        message = Message("escalation.expert_withdrawn", {"number": ticket.number})
        await tell_expert(session, with_expert, message, now=now)
    return ticket
