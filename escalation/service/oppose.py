"""登记对方: who the other side of a dispute is, so that both sides are kept apart."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from directory.queries import enterprise_by_name
from escalation.lifecycle import move
from escalation.model import Ticket
from escalation.queries import access_ticket


class NoSuchOpponent(Refusal):
    """Not an enterprise on record, or the asker's own."""

    key = "ticketlife.no_such_opponent"


async def oppose(
    session: AsyncSession, *, actor: Actor, ticket_id: int, name: str, now: datetime
) -> Ticket:
    """Name the other side by its name or credit code; for staff alone.

    Raises UnknownTicket, NoSuchOpponent, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    other = await enterprise_by_name(session, name)
    if other is None or other.id == ticket.enterprise_id:
        raise NoSuchOpponent
    changes = {"opponent_id": other.id}
    await move(session, ticket, "oppose", actor=actor, now=now, note=other.name, changes=changes)
    return ticket
