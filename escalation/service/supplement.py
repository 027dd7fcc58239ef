"""补充说明: the asker adds facts, asked for or not."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.masking import masked
from core.messages import Message
from directory.actor import SYSTEM, Actor
from escalation.deadlines import ServiceLevels
from escalation.family import leading
from escalation.lifecycle import move
from escalation.model import Status, Ticket
from escalation.promises import due_after, pause
from escalation.queries import access_ticket, identity_of
from escalation.sealing import readable
from escalation.service.answer import words
from escalation.telling import expert_buttons, tell_expert, tell_one


async def supplement(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    text: str,
    levels: ServiceLevels,
    now: datetime,
) -> Ticket:
    """Add facts; the due date moves by the working time that was spent waiting for them.

    Who asked for them goes on: the staff, or the expert, who hears the facts at once. Facts of a
    merged ticket reach the one it goes on in.
    Raises UnknownTicket, NoWords, NotYours, NotPossible, Overtaken.
    """
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(text)
    await _go_on(session, ticket, said, actor=actor, levels=levels, now=now)
    lead = await leading(session, ticket)
    if lead is not ticket and lead.status == Status.WAITING_ASKER:
        await _go_on(session, lead, ticket.number, actor=SYSTEM, levels=levels, now=now)
    await tell_one(session, ticket, "escalation.supplemented", now=now, due_of=lead)
    if lead.status == Status.WITH_EXPERT and lead.expert_id is not None:
        facts = masked(readable(lead, said), await identity_of(session, lead))
        message = Message(
            "escalation.expert_facts",
            {"number": lead.number, "facts": facts},
            expert_buttons(lead),
        )
        await tell_expert(session, lead.expert_id, message, now=now)
    return ticket


async def _go_on(
    session: AsyncSession,
    ticket: Ticket,
    text: str,
    *,
    actor: Actor,
    levels: ServiceLevels,
    now: datetime,
) -> None:
    """The step that ends the waiting, if there was any."""
    changes: dict[str, Any] = {"waiting_since": None, "waiting_reminded_at": None}
    verb = "supplement"
    if ticket.waiting_since is not None:
        stopped = pause(ticket.waiting_since, now)
        changes |= await due_after(session, ticket, levels, stopped)
        if ticket.expert_id is not None and ticket.expert_due_at is not None:
            verb = "supplement_expert"
            since = ticket.waiting_since
            changes["expert_due_at"] = levels.after_pause(ticket.expert_due_at, since, now)
    expert_id = ticket.expert_id
    await move(
        session,
        ticket,
        verb,
        actor=actor,
        now=now,
        text=text,
        expert_id=expert_id,
        changes=changes,
    )
