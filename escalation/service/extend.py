"""延期: once, with a reason that the asker is told."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import move, target_of
from escalation.model import Ticket
from escalation.promises import due_after
from escalation.queries import access_ticket
from escalation.service.answer import words
from escalation.telling import tell_asker


class AlreadyExtended(Refusal):
    key = "ticketlife.already_extended"


async def extend(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    why: str,
    levels: ServiceLevels,
    now: datetime,
) -> Ticket:
    """Move the promise by the working days of the settings, once in a run of the clock.

    Raises UnknownTicket, NoWords, AlreadyExtended, NotYours, NotPossible, Overtaken.
    """
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(why)
    target_of(actor, ticket, "extend")
    if ticket.extended_at is not None:
        raise AlreadyExtended(number=ticket.number)
    longer = await due_after(session, ticket, levels, ["extend", levels.promise.extension_days])
    changes = {"extended_at": now, **longer}
    await move(session, ticket, "extend", actor=actor, now=now, text=said, changes=changes)
    days = levels.promise.extension_days
    await tell_asker(session, ticket, "ticketlife.extended", now=now, why=said, days=days)
    return ticket
