"""What the timelines tell about experts: how often they accept, and whose side they know."""

from sqlalchemy import ColumnElement, case, distinct, false, func, literal, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.model import Enterprise
from escalation.model import Ticket, TicketEvent

_ASKED = ("pass_on", "panel")
_ACCEPTED = ("expert_accept", "expert_answer")


async def accept_rates(session: AsyncSession) -> dict[int, int]:
    """Percent of tickets each expert accepted, of those asked; few cases weigh little.

    Experts never asked are left out and stand for 50.
    """
    accepted = case((TicketEvent.kind.in_(_ACCEPTED), TicketEvent.ticket_id))
    found = await session.execute(
        select(
            TicketEvent.expert_id,
            func.count(distinct(TicketEvent.ticket_id)),
            func.count(distinct(accepted)),
        )
        .where(TicketEvent.expert_id.is_not(None), TicketEvent.kind.in_((*_ASKED, *_ACCEPTED)))
        .group_by(TicketEvent.expert_id)
    )
    return {
        expert_id: (done + 1) * 100 // (asked + 2)
        for expert_id, asked, done in found
        if expert_id is not None
    }


async def experts_of_the_other_side(session: AsyncSession, ticket: Ticket) -> set[int]:
    """Experts who were given a ticket of the other side of this dispute."""
    others = await _opponents(session, ticket)
    sides: list[ColumnElement[bool]] = []
    if others:
        sides.append(Ticket.enterprise_id.in_(others))
    if ticket.enterprise_id is not None:
        sides.append(Ticket.opponent_id == ticket.enterprise_id)
    found = await session.scalars(
        select(TicketEvent.expert_id)
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(
            TicketEvent.kind.in_((*_ASKED, *_ACCEPTED)),
            TicketEvent.expert_id.is_not(None),
            Ticket.id != ticket.id,
            or_(false(), *sides),
        )
        .distinct()
    )
    return {expert_id for expert_id in found if expert_id is not None}


async def _opponents(session: AsyncSession, ticket: Ticket) -> set[int]:
    """The other side: as staff wrote it down, and enterprises that the question names."""
    named = await session.scalars(
        select(Enterprise.id).where(literal(ticket.question).contains(Enterprise.name))
    )
    found = {*named, ticket.opponent_id} - {None, ticket.enterprise_id}
    return {enterprise_id for enterprise_id in found if enterprise_id is not None}
