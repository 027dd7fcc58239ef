"""Which expert a ticket goes to: field, conflict of interest, leave, load, accept rate."""

from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.absences import experts_away
from directory.model import Contact, Expert
from directory.queries import active_experts, conflicted_experts
from escalation.model import Ticket
from escalation.queries import experts_tried, load_of_experts
from escalation.records import accept_rates, experts_of_the_other_side


class NoExpert(Refusal):
    """Nobody serves the field, is free of conflict and has not given the ticket back."""

    key = "escalation.no_expert"


class ExpertUnsuitable(Refusal):
    """The chosen expert is off duty, has a conflict of interest or is the asker."""

    key = "escalation.expert_unsuitable"


async def choose_expert(
    session: AsyncSession, ticket: Ticket, day: date, *, proposed: int | None = None
) -> Expert:
    """The suitable expert of the ticket's field with the fewest tickets, then the best accept rate.

    Experts who gave this ticket back are left out. ``proposed``: whom another expert named; goes
    first, whatever the field. Raises NoExpert.
    """
    tried, load = await experts_tried(session, ticket), await load_of_experts(session)
    free = [e for e in await suitable_experts(session, ticket, day) if e.id not in tried]
    for expert in free:
        if expert.id == proposed:
            return expert
    fitting = [expert for expert in free if ticket.area in expert.areas]
    if not fitting:
        raise NoExpert(number=ticket.number)
    rates = await accept_rates(session)
    return min(fitting, key=lambda e: (load.get(e.id, 0), -rates.get(e.id, 50), e.id))


async def check_expert(session: AsyncSession, ticket: Ticket, expert_id: int, day: date) -> Expert:
    """The expert staff chose; the field is their judgement. Raises ExpertUnsuitable."""
    for expert in await suitable_experts(session, ticket, day):
        if expert.id == expert_id:
            return expert
    raise ExpertUnsuitable


async def suitable_experts(session: AsyncSession, ticket: Ticket, day: date) -> list[Expert]:
    """Experts at work that day without a conflict of interest (利益冲突) in this ticket, by id.

    A conflict is declared (``conflicts``) or known: the expert saw a ticket of the other side.
    """
    barred = await conflicted_experts(session, ticket.enterprise_id)
    barred |= await experts_of_the_other_side(session, ticket)
    barred |= await experts_away(session, day)
    if ticket.contact_id is not None:
        asker = await session.get_one(Contact, ticket.contact_id)
        barred |= {asker.expert_id} if asker.expert_id is not None else set()
    return [expert for expert in await active_experts(session) if expert.id not in barred]
