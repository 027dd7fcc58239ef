"""What staff do by telephone: call an urgent asker, contact after a bad rating, settle it."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from directory.actor import Actor
from escalation.alerts import finish_alerts
from escalation.lifecycle import move
from escalation.model import AlertKind, Ticket
from escalation.queries import access_ticket
from escalation.service.answer import words
from escalation.telling import tell_asker

DONE_BY = {
    "call": {AlertKind.CALL},
    "contact": {AlertKind.CONTACT},
    "settle": {AlertKind.CONTACT, AlertKind.SETTLE},
}


async def note_contact(
    session: AsyncSession, *, actor: Actor, ticket_id: int, kind: str, text: str, now: datetime
) -> Ticket:
    """Write down what was said (for staff), and end the warnings that asked for it.

    ``kind``: one of DONE_BY. Only of a settled matter the asker is told in the chat.
    Raises UnknownTicket, NoWords, NotYours, NotPossible, Overtaken.
    """
    ticket, note = await access_ticket(session, actor, ticket_id, lock=True), words(text)
    changes = {"first_reply_at": ticket.first_reply_at or now} if kind == "call" else {}
    await move(session, ticket, kind, actor=actor, now=now, note=note, changes=changes)
    await finish_alerts(session, ticket, DONE_BY[kind], now=now)
    if kind == "settle":
        await tell_asker(session, ticket, "ticketlife.settled", now=now, by=actor.name)
    return ticket
