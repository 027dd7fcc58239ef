"""转出: to an office outside, which ends our part, or to another center, which goes on with it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.errors import Refusal
from core.messages import Button, column
from core.texts import plain
from directory.actor import Actor
from directory.model import Center
from escalation.alerts import move_alerts
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import move, target_of
from escalation.model import Ticket
from escalation.promises import levels_at
from escalation.queries import access_ticket
from escalation.service.answer import words
from escalation.service.talk import end_talk
from escalation.staffing import choose_staff
from escalation.telling import show_button, tell_asker, when


class Office(StrEnum):
    """Where a matter may go outside."""

    COURT = "court"  # 人民法院
    COPYRIGHT = "copyright"  # 版权局
    OTHER = "other"


class SameCenter(Refusal):
    """The ticket is at that center already, or there is no such center."""

    key = "ticketlife.same_center"


async def transfer(
    session: AsyncSession, *, actor: Actor, ticket_id: int, office: Office, why: str, now: datetime
) -> Ticket:
    """Our part ends; the asker hears which office it is for, why, and what happens next.

    Raises UnknownTicket, NoWords, NotYours, NotPossible, Overtaken.
    """
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(why)
    name = plain(f"ticketlife.office.{office}", ticket.lang)
    await move(
        session,
        ticket,
        "transfer",
        actor=actor,
        now=now,
        text=plain("ticketlife.transfer_line", office=name, why=said),
        changes={"closed_at": now, "waiting_since": None},
    )
    await end_talk(session, ticket, "talk.closed", now=now)
    await tell_asker(
        session,
        ticket,
        "ticketlife.transferred",
        now=now,
        buttons=column(Button("escalation.button_reopen", f"ticket.reopen:{ticket.id}")),
        office=name,
        why=said,
        next=plain(f"ticketlife.office_next.{office}", ticket.lang),
    )
    return ticket


async def move_center(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    center_id: int,
    why: str,
    levels: ServiceLevels,
    now: datetime,
) -> Ticket:
    """Another center goes on with it: the number and the timeline stay, the promise starts there.

    Raises UnknownTicket, NoWords, SameCenter, NotYours, NotPossible, Overtaken.
    """
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(why)
    target_of(actor, ticket, "move_center")
    center = await session.get(Center, center_id)
    if center is None or center.id == ticket.center_id:
        raise SameCenter
    changes = await _begin_there(session, ticket, center, levels, now)
    await move(session, ticket, "move_center", actor=actor, now=now, text=said, changes=changes)
    await end_talk(session, ticket, "talk.ended", now=now)
    await move_alerts(session, ticket.id, to=ticket.assignee_id)
    await tell_asker(
        session,
        ticket,
        "ticketlife.moved_center",
        now=now,
        buttons=column(show_button(ticket)),
        center=center.name,
        why=said,
        reply=when(ticket.reply_due_at, ticket.lang),
    )
    return ticket


async def _begin_there(
    session: AsyncSession, ticket: Ticket, center: Center, levels: ServiceLevels, now: datetime
) -> dict[str, Any]:
    there = await levels_at(session, center.id, levels)
    steps = [there.answer_step(ticket.complexity, now)]
    chosen = await choose_staff(
        session, center_id=center.id, area=ticket.area, lang=ticket.lang, day=local_day(now)
    )
    return {
        "center_id": center.id,
        "assignee_id": None if chosen is None else chosen.id,
        "reply_due_at": there.first_reply(now),
        "waiting_since": None,
        "due_steps": steps,
        "due_at": there.due(steps),
    }
