"""退回: the matter is not for us; the asker hears why, and where it belongs."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Button, column
from directory.actor import Actor
from escalation.lifecycle import move
from escalation.model import Ticket
from escalation.queries import access_ticket
from escalation.service.answer import words
from escalation.service.talk import end_talk
from escalation.telling import tell_asker


async def give_back(
    session: AsyncSession, *, actor: Actor, ticket_id: int, why: str, now: datetime
) -> Ticket:
    """Return the ticket with the reason; the asker may say why it is for us after all.

    Raises UnknownTicket, NoWords, NotYours, NotPossible, Overtaken.
    """
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(why)
    changes = {"closed_at": now, "waiting_since": None}
    await move(session, ticket, "return", actor=actor, now=now, text=said, changes=changes)
    await end_talk(session, ticket, "talk.closed", now=now)
    buttons = column(Button("escalation.button_reopen", f"ticket.reopen:{ticket.id}"))
    await tell_asker(
        session, ticket, "ticketlife.returned", now=now, buttons=buttons, by=actor.name, why=said
    )
    return ticket
