"""Job: promises that come up: not taken or accepted, waiting too long, half the time gone."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.messages import Button, Message, column, rows
from directory.actor import SYSTEM
from escalation.alerts import finish_alerts, move_alerts, raise_alert
from escalation.deadlines import ServiceLevels, start_of
from escalation.lifecycle import move, write_event
from escalation.model import AlertKind, Status, Ticket, TicketEvent
from escalation.promises import levels_at, steps_of
from escalation.routing import NoExpert
from escalation.seats import close_seats
from escalation.service.overdue import RUNNING, locked
from escalation.service.pass_on import hand_to_next
from escalation.service.talk import end_talk
from escalation.staffing import choose_staff
from escalation.telling import (
    show_button,
    supplement_button,
    tell_asker,
    tell_expert,
    when,
)

Job = Callable[[AsyncSession, datetime], Awaitable[None]]


def watch_promises(levels: ServiceLevels) -> Job:
    """The job for these promises."""

    async def watch(session: AsyncSession, now: datetime) -> None:
        await _not_accepted(session, levels, now)
        await _not_taken(session, levels, now)
        await _waiting(session, levels, now)
        await _running_out(session, levels, now)

    return watch


async def _not_accepted(session: AsyncSession, levels: ServiceLevels, now: datetime) -> None:
    """An expert who did not accept in time loses the ticket to the next one, else to the staff."""
    late = (
        (Ticket.status == Status.WITH_EXPERT)
        & Ticket.expert_accepted_at.is_(None)
        & (Ticket.expert_accept_due_at < now)
    )
    for ticket in await locked(session, late):
        expert_id = ticket.expert_id
        gone = {"expert_id": None, "expert_due_at": None, "expert_accept_due_at": None}
        await move(
            session, ticket, "recall", actor=SYSTEM, now=now, expert_id=expert_id, changes=gone
        )
        await close_seats(session, ticket, now=now)
        if expert_id is not None:
            missed = Message("ticketlife.expert_missed", {"number": ticket.number})
            await tell_expert(session, expert_id, missed, now=now)
        try:
            await hand_to_next(session, ticket, levels=levels, now=now)
        except NoExpert:
            await tell_asker(session, ticket, "escalation.back_with_staff", now=now)


async def _not_taken(session: AsyncSession, levels: ServiceLevels, now: datetime) -> None:
    """A ticket not taken in time goes to the next; after the last everybody is warned."""
    late = (Ticket.status == Status.NEW) & (Ticket.reply_due_at < now)
    for ticket in await locked(session, late):
        there = await levels_at(session, ticket.center_id, levels)
        chosen = await choose_staff(
            session,
            center_id=ticket.center_id,
            area=ticket.area,
            lang=ticket.lang,
            day=local_day(now),
            besides=await _passed_over(session, ticket),
        )
        if chosen is None:
            ticket.reply_due_at = None
            since = start_of(steps_of(ticket))
            kind, due = AlertKind.NOT_TAKEN, ticket.due_at
            await raise_alert(session, ticket, kind, since=since, due_at=due, now=now)
            await move_alerts(session, ticket.id, to=None)
            await tell_asker(session, ticket, "ticketlife.not_taken", now=now)
            continue
        changes = {"assignee_id": chosen.id, "reply_due_at": there.first_reply(now)}
        before = str(ticket.assignee_id or "")
        await move(session, ticket, "reassign", actor=SYSTEM, now=now, note=before, changes=changes)
        await move_alerts(session, ticket.id, to=chosen.id)
        reply = when(ticket.reply_due_at, ticket.lang)
        await tell_asker(session, ticket, "ticketlife.reassigned", now=now, reply=reply)


async def _passed_over(session: AsyncSession, ticket: Ticket) -> set[int]:
    """The accounts that had this ticket and did not take it."""
    had = await session.scalars(
        select(TicketEvent.note).where(
            TicketEvent.ticket_id == ticket.id,
            TicketEvent.kind == "reassign",
            TicketEvent.actor_kind == "system",
        )
    )
    before = {int(account_id) for account_id in had if account_id.isdecimal()}
    return before | ({ticket.assignee_id} if ticket.assignee_id is not None else set())


async def _waiting(session: AsyncSession, levels: ServiceLevels, now: datetime) -> None:
    """Remind an asker who owes facts, and later close the ticket, to be reopened at any time."""
    waiting, promise = Ticket.status == Status.WAITING_ASKER, levels.promise
    patience = timedelta(days=promise.lapse_after_days)
    due = Ticket.waiting_reminded_at <= now - patience
    for ticket in await locked(session, waiting & due):
        expert_id = ticket.expert_id
        changes = {"closed_at": now, "waiting_since": None, "waiting_reminded_at": None}
        await move(session, ticket, "lapse", actor=SYSTEM, now=now, changes=changes)
        await end_talk(session, ticket, "talk.closed", now=now)
        await close_seats(session, ticket, now=now)
        reopen = column(Button("escalation.button_reopen", f"ticket.reopen:{ticket.id}"))
        await tell_asker(session, ticket, "ticketlife.lapsed", now=now, buttons=reopen)
        if expert_id is not None:
            told = Message("escalation.expert_recalled", {"number": ticket.number})
            await tell_expert(session, expert_id, told, now=now)
    first = Ticket.waiting_since <= now - timedelta(days=promise.remind_after_days)
    for ticket in await locked(session, waiting & first & Ticket.waiting_reminded_at.is_(None)):
        ticket.waiting_reminded_at = now
        write_event(session, ticket, "remind_asker", actor=SYSTEM, now=now)
        buttons = rows([supplement_button(ticket), show_button(ticket)], 2)
        until = when(now + patience, ticket.lang)
        await tell_asker(
            session, ticket, "ticketlife.wait_reminder", now=now, buttons=buttons, until=until
        )


async def _running_out(session: AsyncSession, levels: ServiceLevels, now: datetime) -> None:
    """Warn who is in charge when half, and when 80% of the time is gone."""
    coming = or_(Ticket.alert_at.is_(None), Ticket.alert_at <= now)
    for ticket in await locked(session, Ticket.status.in_(RUNNING) & coming):
        steps = steps_of(ticket)
        there = await levels_at(session, ticket.center_id, levels)
        half, late = there.alert_times(steps, ticket.due_at)
        reached = [
            k for k, at in ((AlertKind.HALF, half), (AlertKind.LATE_SOON, late)) if at <= now
        ]
        if reached:
            kind, since = reached[-1], start_of(steps)
            await raise_alert(session, ticket, kind, since=since, due_at=ticket.due_at, now=now)
        if AlertKind.LATE_SOON in reached:
            await finish_alerts(session, ticket, {AlertKind.HALF}, now=now)
        ahead = [at for at in (half, late) if at > now]
        ticket.alert_at = min(ahead) if ahead else now + timedelta(days=3650)
