"""请用户补充: a member of staff needs facts before the question can be answered."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import rows
from directory.actor import Actor
from escalation.lifecycle import move
from escalation.model import Ticket
from escalation.queries import access_ticket
from escalation.service.answer import words
from escalation.telling import show_button, supplement_button, tell_asker


async def ask_back(
    session: AsyncSession, *, actor: Actor, ticket_id: int, text: str, now: datetime
) -> Ticket:
    """Ask the asker; the clock stands still until they reply.

    Raises UnknownTicket, NoWords, NotYours, NotPossible, Overtaken.
    """
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(text)
    changes = {"waiting_since": now}
    await move(session, ticket, "ask_back", actor=actor, now=now, text=said, changes=changes)
    buttons = rows([supplement_button(ticket), show_button(ticket)], 2)
    await tell_asker(
        session,
        ticket,
        "escalation.asked_back",
        now=now,
        buttons=buttons,
        by=actor.name,
        question=said,
    )
    return ticket
