"""Urgent tickets: a legal deadline of the asker is near, so a person calls within hours."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from escalation.alerts import raise_alert
from escalation.deadlines import ServiceLevels
from escalation.model import AlertKind, Ticket
from escalation.promises import levels_at
from escalation.telling import tell_asker, when


async def announce_call(
    session: AsyncSession, ticket: Ticket, *, levels: ServiceLevels, now: datetime
) -> None:
    """Warn who is in charge, and tell the asker until when they are called."""
    there = await levels_at(session, ticket.center_id, levels)
    call_due = there.call_due(now)
    await raise_alert(session, ticket, AlertKind.CALL, since=now, due_at=call_due, now=now)
    key = "ticketlife.urgent" if ticket.phone else "ticketlife.urgent_no_phone"
    assert ticket.legal_due is not None
    day = f"{ticket.legal_due:%Y-%m-%d}"
    await tell_asker(session, ticket, key, now=now, day=day, call=when(call_due, ticket.lang))
