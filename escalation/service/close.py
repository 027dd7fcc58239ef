"""办结: a member of staff closes an answered ticket, which is then counted."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Button, column
from directory.actor import Actor
from escalation.counting import count_closing, count_expert_answer
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import move
from escalation.model import Ticket
from escalation.queries import access_ticket
from escalation.service.talk import end_talk
from escalation.telling import tell_asker


async def close(
    session: AsyncSession, *, actor: Actor, ticket_id: int, levels: ServiceLevels, now: datetime
) -> Ticket:
    """Close it; Z01 once, follow-ups merged (see ``counting``).

    Raises UnknownTicket, NotYours, NotPossible, Overtaken, MonthClosed.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    await move(session, ticket, "close", actor=actor, now=now, changes={"closed_at": now})
    await count_closing(session, ticket, actor=actor, merge_within=levels.merge_within, now=now)
    if ticket.chat is None and ticket.expert_id is not None:
        await count_expert_answer(session, ticket, ticket.expert_id, now=now)
    buttons = column(Button("escalation.button_reopen", f"ticket.reopen:{ticket.id}"))
    await end_talk(session, ticket, "talk.closed", now=now)
    await tell_asker(session, ticket, "escalation.closed", now=now, buttons=buttons)
    return ticket
