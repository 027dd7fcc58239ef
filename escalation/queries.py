"""Reads over tickets."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from core.masking import masked
from directory.actor import Actor
from directory.model import Account, Center, Enterprise, Expert
from escalation.family import family, merged_tickets
from escalation.lifecycle import Party, party_of
from escalation.model import OPEN, Status, Ticket, TicketEvent

# Lines of the leading ticket that concern the askers of all tickets merged into it.
SHARED = ("answer", "expert_answer", "pass_on", "panel", "extend", "close", "recall")

_Names = tuple[Ticket, Center, Enterprise | None, Account | None, Expert | None]


class UnknownTicket(Refusal):
    """There is none, or it is not this actor's business; which of the two is not told."""

    key = "escalation.unknown_ticket"


@dataclass(frozen=True)
class Sheet:
    """A ticket with the names that people need to see."""

    ticket: Ticket
    center: Center
    enterprise: Enterprise | None
    assignee: Account | None
    expert: Expert | None


@dataclass(frozen=True)
class Line:
    """One line of a timeline as its viewer may read it. ``party``: whose act it was."""

    kind: str
    at: datetime
    party: str
    who: str
    text: str
    note: str = ""


async def access_ticket(
    session: AsyncSession, actor: Actor, ticket_id: int, *, lock: bool = False
) -> Ticket:
    """The ticket, for its asker, its center's staff, the expert it is with, and the province.

    ``lock``: to change it; whoever comes second waits, and then sees what the first did.
    Raises UnknownTicket.
    """
    ticket = await session.get(Ticket, ticket_id, populate_existing=True, with_for_update=lock)
    if ticket is None or party_of(actor, ticket) is None:
        raise UnknownTicket
    return ticket


async def ticket_by_number(session: AsyncSession, actor: Actor, number: str) -> Ticket:
    """The ticket that people quote by this number, for the same people. Raises UnknownTicket."""
    found = await session.scalar(select(Ticket.id).where(Ticket.number == number))
    return await access_ticket(session, actor, found or 0)


async def oldest_open(session: AsyncSession, actor: Actor, *, limit: int = 100) -> list[Sheet]:
    """Open tickets by age, oldest first: nobody's queue is a black hole."""
    query = with_names().where(worked_on_by(actor), Ticket.status.in_(OPEN))
    found = query.order_by(Ticket.created_at, Ticket.id).limit(limit)
    return [Sheet(*row) for row in await session.execute(found)]


async def sheet(session: AsyncSession, ticket: Ticket) -> Sheet:
    """The names that belong to a ticket already accessed."""
    return (await _sheets(session, Ticket.id == ticket.id))[0]


async def queue(
    session: AsyncSession,
    actor: Actor,
    statuses: Collection[Status] = OPEN,
    *,
    limit: int = 100,
    offset: int = 0,
) -> list[Sheet]:
    """The tickets an actor works on, oldest due first; nothing for those who work on none."""
    query = with_names().where(worked_on_by(actor), Ticket.status.in_(statuses))
    found = query.order_by(Ticket.due_at, Ticket.id).limit(limit).offset(offset)
    return [Sheet(*row) for row in await session.execute(found)]


async def queue_counts(session: AsyncSession, actor: Actor) -> dict[Status, int]:
    """How many of the tickets an actor works on stand where."""
    found = await session.execute(
        select(Ticket.status, func.count()).where(worked_on_by(actor)).group_by(Ticket.status)
    )
    return {Status(status): count for status, count in found}


async def mine(session: AsyncSession, contact_id: int, *, limit: int = 8) -> Sequence[Ticket]:
    """A person's own tickets, newest first."""
    query = select(Ticket).where(Ticket.contact_id == contact_id)
    return (await session.scalars(query.order_by(Ticket.id.desc()).limit(limit))).all()


async def open_of_contact(session: AsyncSession, contact_id: int) -> Sequence[Ticket]:
    """A person's tickets that still wait for an answer, oldest first."""
    query = select(Ticket).where(Ticket.contact_id == contact_id, Ticket.status.in_(OPEN))
    return (await session.scalars(query.order_by(Ticket.id))).all()


async def timeline(session: AsyncSession, actor: Actor, ticket: Ticket) -> list[Line]:
    """The ticket's past, oldest first, as far as the actor may see it.

    Staff see everything. The asker sees the lines meant for them, without the experts' names;
    the expert sees the same lines without anything that tells who asks. The timelines of merged
    tickets are one; of another's words an asker sees nothing.
    """
    viewer = party_of(actor, ticket)
    merged = await family(session, ticket)
    ids = [one.id for one in merged]
    query = select(TicketEvent).where(TicketEvent.ticket_id.in_(ids)).order_by(TicketEvent.id)
    if viewer is not Party.STAFF:
        query = query.where(TicketEvent.visible_to_asker)
    if viewer is Party.ASKER:
        own = TicketEvent.ticket_id == ticket.id
        query = query.where(or_(own, TicketEvent.kind.in_(SHARED)))
    events = (await session.scalars(query)).all()
    if viewer is Party.STAFF:
        return [Line(e.kind, e.at, e.actor_kind, e.actor_name, e.text, e.note) for e in events]
    hide = await identity_of(session, merged[0]) if viewer is Party.EXPERT else []
    return [
        Line(
            e.kind,
            e.at,
            e.actor_kind,
            e.actor_name if e.actor_kind == Party.STAFF else "",
            masked(e.text, hide) if viewer is Party.EXPERT else e.text,
        )
        for e in events
    ]


async def identity_of(session: AsyncSession, ticket: Ticket) -> list[str | None]:
    """The words that would tell an expert who asks."""
    words = [ticket.person_name, ticket.phone]
    for other in await merged_tickets(session, ticket):
        words += [other.person_name, other.phone]
    if ticket.enterprise_id is not None:
        enterprise = await session.get_one(Enterprise, ticket.enterprise_id)
        words += [enterprise.name, enterprise.uscc]
    return words


async def words_of(session: AsyncSession, ticket: Ticket, *kinds: str) -> list[str]:
    """The texts of the timeline lines of these kinds, oldest first."""
    found = await session.scalars(
        select(TicketEvent.text)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind.in_(kinds))
        .order_by(TicketEvent.id)
    )
    return list(found)


async def briefing(session: AsyncSession, ticket: Ticket) -> str:
    """What staff wanted the present expert to know."""
    found = await session.scalar(
        select(TicketEvent.note)
        .where(TicketEvent.ticket_id == ticket.id, TicketEvent.kind == "pass_on")
        .order_by(TicketEvent.id.desc())
        .limit(1)
    )
    return found or ""


async def opened_by(session: AsyncSession, event: str) -> Ticket | None:
    """The ticket that this event opened, if it did."""
    return await session.scalar(select(Ticket).where(Ticket.opened_by == event))


async def confidential_chats(session: AsyncSession) -> set[tuple[str, str]]:
    """Channel and chat of those who have a confidential ticket."""
    found = await session.execute(
        select(Ticket.channel, Ticket.chat).where(Ticket.confidential).distinct()
    )
    return {(channel, chat) for channel, chat in found if channel and chat}


async def has_confidential(session: AsyncSession, contact_id: int) -> bool:
    """Whether a ticket of this contact is confidential."""
    found = select(Ticket.id).where(Ticket.contact_id == contact_id, Ticket.confidential)
    return await session.scalar(found.limit(1)) is not None


async def load_of_experts(session: AsyncSession) -> dict[int, int]:
    """How many tickets are with each expert now; experts without any are left out."""
    found = await session.execute(
        select(Ticket.expert_id, func.count())
        .where(Ticket.status == Status.WITH_EXPERT, Ticket.expert_id.is_not(None))
        .group_by(Ticket.expert_id)
    )
    return {expert_id: count for expert_id, count in found if expert_id is not None}


async def experts_tried(session: AsyncSession, ticket: Ticket) -> set[int]:
    """Experts who gave this ticket back or let it lapse."""
    found = await session.scalars(
        select(TicketEvent.expert_id).where(
            TicketEvent.ticket_id == ticket.id,
            TicketEvent.kind.in_(("expert_decline", "recall")),
            TicketEvent.expert_id.is_not(None),
        )
    )
    return {expert_id for expert_id in found if expert_id is not None}


def worked_on_by(actor: Actor) -> ColumnElement[bool]:
    """The condition that a ticket is one the actor works on."""
    if actor.is_province:
        return true()
    if actor.may_see_center(actor.center_id):
        return Ticket.center_id == actor.center_id
    return Ticket.expert_id == actor.expert_id if actor.expert_id is not None else false()


def with_names() -> Select[*_Names]:
    """Tickets with the names that belong to a ``Sheet``."""
    return (
        select(Ticket, Center, Enterprise, Account, Expert)
        .join(Center, Center.id == Ticket.center_id)
        .outerjoin(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .outerjoin(Account, Account.id == Ticket.assignee_id)
        .outerjoin(Expert, Expert.id == Ticket.expert_id)
    )


async def _sheets(session: AsyncSession, condition: ColumnElement[bool]) -> list[Sheet]:
    return [Sheet(*row) for row in await session.execute(with_names().where(condition))]
