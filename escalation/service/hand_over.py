"""交接: all open tickets of one person go to another in one step, before leave for instance."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.errors import Refusal
from directory.absences import accounts_away
from directory.actor import Actor
from directory.model import Account, Expert, Role
from escalation.alerts import move_alerts
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import NotYours, move
from escalation.model import OPEN, Status, Ticket
from escalation.routing import NoExpert
from escalation.service.pass_on import hand_to_next
from escalation.service.recall import recall
from escalation.telling import tell_asker


class NotASuccessor(Refusal):
    """The same person, somebody of another center, or away today."""

    key = "ticketlife.same_person"


async def hand_over(
    session: AsyncSession, *, actor: Actor, leaving: int, to: int, why: str, now: datetime
) -> int:
    """Every open ticket that ``leaving`` is in charge of goes to ``to``; the askers are told.

    For the person themselves, their director and the province. Returns how many went.
    Raises NotYours, NotASuccessor, Overtaken.
    """
    old, new = await session.get(Account, leaving), await session.get(Account, to)
    if old is None or not actor.may_see_center(old.center_id):
        raise NotYours
    if actor.role == Role.STAFF and actor.id != old.id:
        raise NotYours
    fits = new is not None and new.active and new.role in (Role.STAFF, Role.DIRECTOR)
    if new is None or not fits or new.id == old.id or new.center_id != old.center_id:
        raise NotASuccessor
    if new.id in await accounts_away(session, local_day(now)):
        raise NotASuccessor
    theirs = Ticket.assignee_id == old.id, Ticket.status.in_(OPEN)
    query = select(Ticket).where(*theirs).order_by(Ticket.id).with_for_update()
    tickets = list(await session.scalars(query.execution_options(populate_existing=True)))
    for ticket in tickets:
        changes = {"assignee_id": new.id}
        await move(session, ticket, "reassign", actor=actor, now=now, note=why, changes=changes)
        await move_alerts(session, ticket.id, to=new.id)
        await tell_asker(session, ticket, "ticketlife.handed_over", now=now, by=new.name)
    return len(tickets)


async def hand_over_expert(
    session: AsyncSession,
    *,
    actor: Actor,
    leaving: int,
    to: int | None,
    levels: ServiceLevels,
    now: datetime,
) -> int:
    """Every ticket that waits with one expert goes to ``to`` where suitable, else to the next.

    For the province. Returns how many left. Raises NotYours, Overtaken.
    """
    if not actor.is_province:
        raise NotYours
    expert = await session.get_one(Expert, leaving)
    query = select(Ticket.id).where(
        Ticket.expert_id == expert.id, Ticket.status == Status.WITH_EXPERT
    )
    ids = list(await session.scalars(query.order_by(Ticket.id)))
    for ticket_id in ids:
        ticket = await recall(session, actor=actor, ticket_id=ticket_id, now=now)
        try:
            await hand_to_next(session, ticket, levels=levels, now=now, proposed=to)
        except NoExpert:
            continue  # with the staff, as the recall told the asker
    return len(ids)
