"""What an expert may do besides answering: ask for facts, propose somebody else."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Message, rows
from directory.actor import SYSTEM, Actor
from directory.model import Expert
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import move, write_event
from escalation.model import Ticket
from escalation.routing import ExpertUnsuitable, check_expert
from escalation.service.answer import words
from escalation.service.expert import access_as_expert
from escalation.service.pass_on import hand_to
from escalation.telling import show_button, supplement_button, tell_asker, tell_expert


async def ask_facts(
    session: AsyncSession, *, actor: Actor, ticket_id: int, text: str, now: datetime
) -> Ticket:
    """Ask the asker, who does not learn by whom; the ticket stays with the expert.

    What the asker then adds reaches the expert at once.
    Raises UnknownTicket, NoWords, NotYours, NotPossible.
    """
    said = words(text)
    ticket, expert_id = await access_as_expert(session, actor, ticket_id)
    write_event(
        session, ticket, "expert_question", actor=actor, now=now, text=said, expert_id=expert_id
    )
    buttons = rows([supplement_button(ticket), show_button(ticket)], 2)
    await tell_asker(session, ticket, "files.expert_asks", now=now, buttons=buttons, question=said)
    await session.flush()
    return ticket


async def propose(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    other_id: int,
    text: str,
    levels: ServiceLevels,
    now: datetime,
) -> Ticket:
    """Give it back and name who should answer: they get it if they may, else the staff.

    Raises UnknownTicket, NoWords, NotYours, NotPossible, Overtaken.
    """
    said = words(text)
    ticket, expert_id = await access_as_expert(session, actor, ticket_id)
    other = await session.get(Expert, other_id)
    named = f"→ {other.name}: {said}" if other is not None else said
    await move(
        session,
        ticket,
        "expert_decline",
        actor=actor,
        now=now,
        note=named,
        expert_id=expert_id,
        changes={"expert_id": None, "expert_accepted_at": None, "expert_due_at": None},
    )
    thanks = Message("escalation.expert_declined", {"number": ticket.number})
    await tell_expert(session, expert_id, thanks, now=now)
    try:
        if other_id == expert_id:
            raise ExpertUnsuitable
        chosen = await check_expert(session, ticket, other_id)
    except ExpertUnsuitable:
        await tell_asker(session, ticket, "escalation.back_with_staff", now=now)
        return ticket
    await hand_to(session, ticket, chosen, actor=SYSTEM, levels=levels, now=now)
    await tell_asker(session, ticket, "escalation.passed_to_next", now=now)
    return ticket
