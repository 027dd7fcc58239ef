"""合并: the same matter came by several channels; staff agree to handle it under one number."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from core.messages import column
from directory.actor import Actor
from escalation.alerts import finish_alerts
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import move, target_of, write_event
from escalation.model import OPEN, AlertKind, Status, Ticket
from escalation.promises import due_anew
from escalation.queries import access_ticket
from escalation.service.talk import end_talk
from escalation.telling import show_button, tell_asker, tell_one


class NotOneMatter(Refusal):
    """Two enterprises, perhaps the two sides of one dispute: they are kept apart."""

    key = "ticketlife.not_one_matter"


class CannotLead(Refusal):
    """The other ticket is this one, of another center, or no longer open."""

    key = "ticketlife.cannot_lead"


async def merge(
    session: AsyncSession, *, actor: Actor, ticket_id: int, into: int, now: datetime
) -> Ticket:
    """The ticket goes on in ``into``: one timeline, one count; the asker of each is told.

    Whatever goes on in this ticket already goes along.
    Raises UnknownTicket, NotOneMatter, CannotLead, NotYours, NotPossible, Overtaken.
    """
    both = {i: await access_ticket(session, actor, i, lock=True) for i in sorted({ticket_id, into})}
    ticket, lead = both[ticket_id], both[into]
    target_of(actor, ticket, "merge")
    if lead is ticket or lead.status not in OPEN or lead.center_id != ticket.center_id:
        raise CannotLead(number=lead.number)
    _check_one_matter(ticket, lead)
    await move(
        session,
        ticket,
        "merge",
        actor=actor,
        now=now,
        text=lead.number,
        changes={"merged_into_id": lead.id, "waiting_since": None},
    )
    if lead.enterprise_id is None:
        lead.enterprise_id = ticket.enterprise_id  # now it is known whose matter it is
    lead.opponent_id = lead.opponent_id or ticket.opponent_id
    await session.execute(
        update(Ticket)
        .where(Ticket.merged_into_id == ticket.id, Ticket.status == Status.MERGED)
        .values(merged_into_id=lead.id)
    )
    await end_talk(session, ticket, "talk.closed", now=now)
    await finish_alerts(session, ticket, set(AlertKind), now=now)
    write_event(session, lead, "merge_in", actor=actor, now=now, text=ticket.number)
    await session.flush()
    buttons = column(show_button(ticket))
    await tell_one(session, ticket, "ticketlife.merged", now=now, buttons=buttons, lead=lead.number)
    await tell_one(session, lead, "ticketlife.merged_in", now=now, other=ticket.number)
    return ticket


async def unmerge(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    why: str,
    levels: ServiceLevels,
    now: datetime,
) -> Ticket:
    """The merging was wrong: the ticket goes its own way again, its promise starting anew.

    Raises UnknownTicket, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    target_of(actor, ticket, "unmerge")
    promised = await due_anew(session, ticket, levels, start=now)
    changes = {"merged_into_id": None, **promised}
    await move(session, ticket, "unmerge", actor=actor, now=now, text=why.strip(), changes=changes)
    buttons = column(show_button(ticket))
    await tell_asker(session, ticket, "ticketlife.unmerged", now=now, buttons=buttons)
    return ticket


def _check_one_matter(ticket: Ticket, lead: Ticket) -> None:
    """Raises NotOneMatter."""
    sides = {ticket.enterprise_id, lead.enterprise_id} - {None}
    against = {ticket.opponent_id, lead.opponent_id} - {None}
    if len(sides) > 1 or len(against) > 1 or sides & against:
        raise NotOneMatter(number=lead.number)
