"""拆分: one ticket asks two things; the second gets a number and a promise of its own."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.messages import column
from directory.actor import Actor
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import move
from escalation.model import Complexity, Ticket
from escalation.promises import levels_at
from escalation.queries import access_ticket
from escalation.service.answer import words
from escalation.service.open import Matter, create
from escalation.service.seal import seal
from escalation.telling import show_button, tell_one


async def split(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    question: str,
    area: str,
    event: str,
    levels: ServiceLevels,
    now: datetime,
) -> Ticket:
    """Open a second ticket of the same asker for ``question``; the first keeps its words.

    What is split off a confidential ticket is confidential.

    ``event`` names the form; sent twice it opens one. Returns the second ticket.
    Raises UnknownTicket, NoWords, QuestionTooShort, UnknownTopic, NotYours, NotPossible, Overtaken.
    """
    first, said = await access_ticket(session, actor, ticket_id, lock=True), words(question)
    second, fresh = await create(
        session,
        actor=actor,
        matter=_part_of(first, said, area),
        event=event,
        day=local_day(now),
        now=now,
        **await _like(session, first, levels, now),
    )
    if fresh:
        await move(session, first, "split", actor=actor, now=now, text=second.number)
        buttons = column(show_button(second))
        await tell_one(
            session, second, "ticketlife.split", now=now, buttons=buttons, first=first.number
        )
        if first.confidential:
            await seal(session, actor=actor, ticket_id=second.id, now=now)
    return second


async def _like(
    session: AsyncSession, first: Ticket, levels: ServiceLevels, now: datetime
) -> dict[str, Any]:
    """The second ticket's columns: the same people, a promise that starts now."""
    there = await levels_at(session, first.center_id, levels)
    steps = [there.answer_step(Complexity.ORDINARY, now)]
    return {
        "contact_id": first.contact_id,
        "channel": first.channel,
        "chat": first.chat,
        "lang": first.lang,
        "source": first.source,
        "assignee_id": first.assignee_id,
        "opponent_id": first.opponent_id,
        "urgent": first.urgent,
        "reply_due_at": there.first_reply(now),
        "due_steps": steps,
        "due_at": there.due(steps),
        "created_at": now,
    }


def _part_of(first: Ticket, question: str, area: str) -> Matter:
    return Matter(
        question=question,
        area=area,
        center_id=first.center_id,
        enterprise_id=first.enterprise_id,
        person_name=first.person_name,
        phone=first.phone,
        legal_due=first.legal_due,
    )
