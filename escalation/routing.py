"""Which expert a ticket goes to: by field, conflict of interest and present load."""

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.model import Contact, Expert
from directory.queries import active_experts, conflicted_experts
from escalation.model import Ticket
from escalation.queries import experts_tried, load_of_experts


class NoExpert(Refusal):
    """Nobody serves the field, is free of conflict and has not given the ticket back."""

    key = "escalation.no_expert"


class ExpertUnsuitable(Refusal):
    """The chosen expert is off duty, has a conflict of interest or is the asker."""

    key = "escalation.expert_unsuitable"


async def choose_expert(session: AsyncSession, ticket: Ticket) -> Expert:
    """The suitable expert of the ticket's field with the fewest tickets, then the lowest id.

    Experts who gave this ticket back are left out. Raises NoExpert.
    """
    tried, load = await experts_tried(session, ticket), await load_of_experts(session)
    fitting = [
        expert
        for expert in await suitable_experts(session, ticket)
        if ticket.area in expert.areas and expert.id not in tried
    ]
    if not fitting:
        raise NoExpert(number=ticket.number)
    return min(fitting, key=lambda expert: (load.get(expert.id, 0), expert.id))


async def check_expert(session: AsyncSession, ticket: Ticket, expert_id: int) -> Expert:
    """The expert staff chose; the field is their judgement. Raises ExpertUnsuitable."""
    for expert in await suitable_experts(session, ticket):
        if expert.id == expert_id:
            return expert
    raise ExpertUnsuitable


async def suitable_experts(session: AsyncSession, ticket: Ticket) -> list[Expert]:
    """Experts on duty without a conflict of interest (利益冲突) in this ticket, by id."""
    barred = await conflicted_experts(session, ticket.enterprise_id)
    if ticket.contact_id is not None:
        asker = await session.get_one(Contact, ticket.contact_id)
        barred |= {asker.expert_id} if asker.expert_id is not None else set()
    return [expert for expert in await active_experts(session) if expert.id not in barred]
