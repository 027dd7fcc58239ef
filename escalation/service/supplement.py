"""补充说明: the asker adds facts, asked for or not."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.masking import masked
from core.messages import Message
from directory.actor import Actor
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import move
from escalation.model import Status, Ticket
from escalation.queries import access_ticket, identity_of
from escalation.service.answer import words
from escalation.telling import tell_asker, tell_expert


async def supplement(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    text: str,
    levels: ServiceLevels,
    now: datetime,
) -> Ticket:
    """Add facts; the due date moves by the working days that were spent waiting for them.

    An expert who has the ticket hears the facts at once.
    Raises UnknownTicket, NoWords, NotYours, NotPossible, Overtaken.
    """
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(text)
    due = ticket.due_at
    if ticket.waiting_since is not None:
        due = levels.after_pause(due, ticket.waiting_since, now)
    await move(
        session,
        ticket,
        "supplement",
        actor=actor,
        now=now,
        text=said,
        changes={"due_at": due, "waiting_since": None},
    )
    await tell_asker(session, ticket, "escalation.supplemented", now=now)
    if ticket.status == Status.WITH_EXPERT and ticket.expert_id is not None:
        facts = masked(said, await identity_of(session, ticket))
        params = {"number": ticket.number, "facts": facts}
        message = Message("escalation.expert_facts", params)
        await tell_expert(session, ticket.expert_id, message, now=now)
    return ticket
