"""改派: a ticket goes to a colleague of its sub-center."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from directory.model import Account, Role
from escalation.lifecycle import move
from escalation.model import Ticket
from escalation.queries import access_ticket


class NoColleague(Refusal):
    """The chosen account is gone, or not one of the ticket's sub-center."""

    key = "escalation.no_colleague"


class AlreadyTheirs(Refusal):
    key = "escalation.already_theirs"


async def reassign(
    session: AsyncSession, *, actor: Actor, ticket_id: int, account_id: int, now: datetime
) -> Ticket:
    """Put a colleague in charge.

    Raises UnknownTicket, NoColleague, AlreadyTheirs, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    account = await session.get(Account, account_id)
    if (
        account is None
        or not account.active
        or account.role not in (Role.STAFF, Role.DIRECTOR)
        or account.center_id != ticket.center_id
    ):
        raise NoColleague(number=ticket.number)
    if ticket.assignee_id == account.id:
        raise AlreadyTheirs(number=ticket.number, by=account.name)
    changes = {"assignee_id": account.id}
    await move(
        session, ticket, "reassign", actor=actor, now=now, note=account.name, changes=changes
    )
    return ticket
