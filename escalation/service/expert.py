"""What an expert does with a ticket that is with them: accept, decline, answer."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from core.messages import Message
from core.texts import plain
from directory.actor import Actor
from escalation.counting import count_expert_answer
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import NotPossible, NotYours, Party, move, party_of
from escalation.model import Status, Ticket
from escalation.queries import access_ticket
from escalation.routing import NoExpert
from escalation.service.answer import words
from escalation.service.pass_on import hand_to_next
from escalation.telling import expert_buttons, rating_buttons, tell_asker, tell_expert, when


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


async def decline(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    reason: Reason,
    levels: ServiceLevels,
    now: datetime,
    text: str = "",
) -> Ticket:
    """The expert gives the ticket back; it goes to the next suitable expert, else to the staff.

    Raises UnknownTicket, NotYours, NotPossible, Overtaken.
    """
    ticket, expert_id = await access_as_expert(session, actor, ticket_id)
    await move(
        session,
        ticket,
        "expert_decline",
        actor=actor,
        now=now,
        note=" ".join([plain(f"escalation.reason.{reason}"), text.strip()]).strip(),
        expert_id=expert_id,
        changes={"expert_id": None, "expert_accepted_at": None, "expert_due_at": None},
    )
    thanks = Message("escalation.expert_declined", {"number": ticket.number})
    await tell_expert(session, expert_id, thanks, now=now)
    try:
        if reason is Reason.FACTS:
            raise NoExpert
        await hand_to_next(session, ticket, levels=levels, now=now)
    except NoExpert:
        await tell_asker(session, ticket, "escalation.back_with_staff", now=now)
    return ticket


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
    await tell_asker(
        session,
        ticket,
        "escalation.expert_answered",
        now=now,
        buttons=rating_buttons(ticket),
        answer=said,
    )
    delivered = Message("escalation.expert_delivered", {"number": ticket.number})
    await tell_expert(session, expert_id, delivered, now=now)
    return ticket
