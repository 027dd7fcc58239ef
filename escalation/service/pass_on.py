"""转专家: a ticket goes to a provincial expert, without the asker's identity."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from directory.actor import SYSTEM, Actor
from directory.model import Expert
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import move
from escalation.model import Ticket
from escalation.promises import due_after
from escalation.queries import access_ticket
from escalation.routing import check_expert, choose_expert
from escalation.telling import expert_card, tell_asker, tell_expert


async def pass_on(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    levels: ServiceLevels,
    now: datetime,
    expert_id: int | None = None,
    note: str = "",
) -> Ticket:
    """Pass the ticket to the chosen expert, or to the one ``routing.choose_expert`` finds.

    ``note``: what staff want the expert to know. The asker's due date moves behind the
    expert's where it is earlier, and the asker is told.
    Raises UnknownTicket, NoExpert, ExpertUnsuitable, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if expert_id is None:
        expert = await choose_expert(session, ticket, local_day(now))
    else:
        expert = await check_expert(session, ticket, expert_id, local_day(now))
    await hand_to(session, ticket, expert, actor=actor, levels=levels, now=now, note=note)
    await tell_asker(session, ticket, "escalation.passed_on", now=now)
    return ticket


async def hand_to_next(
    session: AsyncSession,
    ticket: Ticket,
    *,
    levels: ServiceLevels,
    now: datetime,
    proposed: int | None = None,
) -> None:
    """After one expert gave the ticket back, ask the next. Raises NoExpert."""
    expert = await choose_expert(session, ticket, local_day(now), proposed=proposed)
    await hand_to(session, ticket, expert, actor=SYSTEM, levels=levels, now=now)
    await tell_asker(session, ticket, "escalation.passed_to_next", now=now)


async def hand_to(
    session: AsyncSession,
    ticket: Ticket,
    expert: Expert,
    *,
    actor: Actor,
    levels: ServiceLevels,
    now: datetime,
    note: str = "",
) -> None:
    """Make the move and send the card to the expert's chats."""
    days = levels.expert_days(ticket.complexity)
    asked = await due_after(session, ticket, levels, ["expert", now.isoformat(), days])
    await move(
        session,
        ticket,
        "pass_on",
        actor=actor,
        now=now,
        note=note.strip(),
        expert_id=expert.id,
        changes={
            "expert_id": expert.id,
            "expert_accepted_at": None,
            "expert_accept_due_at": levels.expert_accept_due(now),
            "expert_due_at": levels.expert_due(now, ticket.complexity),
            **asked,
        },
    )
    await tell_expert(session, expert.id, await expert_card(session, ticket), now=now)
