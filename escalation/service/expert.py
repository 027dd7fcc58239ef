"""What an expert does with a ticket that is with them: accept, ask for facts, decline, answer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Message, rows
from core.texts import plain
from directory.actor import Actor
from directory.model import Conflict, Expert
from directory.queries import conflicted_experts
from escalation.counting import count_expert_answer
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import NotPossible, NotYours, Party, move, party_of
from escalation.model import Status, Ticket
from escalation.queries import access_ticket
from escalation.routing import NoExpert
from escalation.seats import close_seats
from escalation.service.answer import words
from escalation.service.pass_on import hand_to_next
from escalation.telling import (
    expert_buttons,
    rating_buttons,
    show_button,
    supplement_button,
    tell_asker,
    tell_expert,
    when,
)


class Reason(StrEnum):
    """Why an expert declines."""

    CONFLICT = "conflict"  # 利益冲突
    FIELD = "field"  # 不是我的领域
    BUSY = "busy"  # 近期没有时间
    FACTS = "facts"  # 材料不够: goes back to staff, another expert could not answer either
    OTHER = "other"


async def access_as_expert(
    session: AsyncSession, actor: Actor, ticket_id: int
) -> tuple[Ticket, int]:
    """The ticket and the expert it is with, who must be the actor.

    Raises UnknownTicket, NotYours, NotPossible (answered, withdrawn or taken back meanwhile).
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if party_of(actor, ticket) is not Party.EXPERT or ticket.expert_id is None:
        raise NotYours
    if ticket.status != Status.WITH_EXPERT:
        raise NotPossible(ticket)
    return ticket, ticket.expert_id


async def accept(session: AsyncSession, *, actor: Actor, ticket_id: int, now: datetime) -> Ticket:
    """The expert will answer. A second time changes nothing.

    Raises UnknownTicket, NotYours, NotPossible, Overtaken.
    """
    ticket, expert_id = await access_as_expert(session, actor, ticket_id)
    if ticket.expert_accepted_at is None:
        changes = {"expert_accepted_at": now}
        await move(
            session,
            ticket,
            "expert_accept",
            actor=actor,
            now=now,
            expert_id=expert_id,
            changes=changes,
        )
        await tell_asker(session, ticket, "escalation.expert_accepted", now=now)
    params = {"number": ticket.number, "due": when(ticket.expert_due_at)}
    go_on = Message("escalation.expert_go_on", params, expert_buttons(ticket))
    await tell_expert(session, expert_id, go_on, now=now)
    return ticket


async def ask(
    session: AsyncSession, *, actor: Actor, ticket_id: int, text: str, now: datetime
) -> Ticket:
    """Ask the asker for facts; both stay unknown to each other, and the clock stands still.

    Asking accepts the ticket. Raises UnknownTicket, NoWords, NotYours, NotPossible, Overtaken.
    """
    ticket, expert_id = await access_as_expert(session, actor, ticket_id)
    said = words(text)
    accepted = ticket.expert_accepted_at or now
    await move(
        session,
        ticket,
        "expert_ask",
        actor=actor,
        now=now,
        text=said,
        expert_id=expert_id,
        changes={"waiting_since": now, "expert_accepted_at": accepted},
    )
    buttons = rows([supplement_button(ticket), show_button(ticket)], 2)
    await tell_asker(
        session, ticket, "ticketlife.expert_asked", now=now, buttons=buttons, question=said
    )
    asked = Message("ticketlife.expert_asked_done", {"number": ticket.number})
    await tell_expert(session, expert_id, asked, now=now)
    return ticket


async def decline(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    reason: Reason,
    levels: ServiceLevels,
    now: datetime,
    text: str = "",
    proposed: int | None = None,
) -> Ticket:
    """The expert gives the ticket back; it goes to the next suitable expert, else to the staff.

    ``proposed``: an expert whom this one names; asked first where suitable. A conflict of interest
    is remembered for the enterprise's later tickets.

    Raises UnknownTicket, NotYours, NotPossible, Overtaken.
    """
    ticket, expert_id = await access_as_expert(session, actor, ticket_id)
    await move(
        session,
        ticket,
        "expert_decline",
        actor=actor,
        now=now,
        note=await _why(session, reason, text, proposed),
        expert_id=expert_id,
        changes={"expert_id": None, "expert_accepted_at": None, "expert_due_at": None},
    )
    await close_seats(session, ticket, now=now)
    if reason is Reason.CONFLICT:
        await _declare_conflict(session, ticket, expert_id)
    await tell_expert(session, expert_id, _thanks("escalation.expert_declined", ticket), now=now)
    try:
        if reason is Reason.FACTS:
            raise NoExpert
        await hand_to_next(session, ticket, levels=levels, now=now, proposed=proposed)
    except NoExpert:
        await tell_asker(session, ticket, "escalation.back_with_staff", now=now)
    return ticket


async def _why(session: AsyncSession, reason: Reason, text: str, proposed: int | None) -> str:
    other = None if proposed is None else await session.get(Expert, proposed)
    said = [plain(f"escalation.reason.{reason}"), text.strip(), f"→ {other.name}" if other else ""]
    return " ".join(said).strip()


def _thanks(key: str, ticket: Ticket) -> Message:
    return Message(key, {"number": ticket.number})


async def _declare_conflict(session: AsyncSession, ticket: Ticket, expert_id: int) -> None:
    known = await conflicted_experts(session, ticket.enterprise_id)
    if ticket.enterprise_id is not None and expert_id not in known:
        session.add(
            Conflict(
                enterprise_id=ticket.enterprise_id,
                expert_id=expert_id,
                reason=plain("escalation.reason.conflict"),
            )
        )


async def answer(
    session: AsyncSession, *, actor: Actor, ticket_id: int, text: str, now: datetime
) -> Ticket:
    """Answer the asker; counts Z04 (see ``counting``).

    Raises UnknownTicket, NoWords, NotYours, NotPossible, Overtaken, MonthClosed.
    """
    ticket, expert_id = await access_as_expert(session, actor, ticket_id)
    said = words(text)
    await move(
        session,
        ticket,
        "expert_answer",
        actor=actor,
        now=now,
        text=said,
        expert_id=expert_id,
        changes={"answered_at": now},
    )
    if ticket.chat is not None:
        await count_expert_answer(session, ticket, expert_id, now=now)
    await close_seats(session, ticket, now=now)
    await tell_asker(
        session,
        ticket,
        "escalation.expert_answered",
        now=now,
        buttons=rating_buttons(ticket),
        answer=said,
    )
    await tell_expert(session, expert_id, _thanks("escalation.expert_delivered", ticket), now=now)
    return ticket
