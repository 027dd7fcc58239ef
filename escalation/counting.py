"""What a ticket counts as in the ledger, and when. One rule an inspector can check row by row:

- Z04 专家解答: an expert's answer reached the asker. Counted once a ticket, in the transaction that
  queues the answer for the asker's chat; without a chat (walk-in), when staff close the ticket,
  having handed the answer over.
- Z01 人工咨询: a matter was closed by a person of the center. Counted once a ticket, on its first
  closing, whoever answered it: an expert's answer (Z04, evidence: the answer) and the center's
  handling of the matter (Z01, evidence: the timeline) are two services of the catalogue.
- A follow-up adds no second Z01: same center, same area, same person (contact, or telephone for a
  walk-in), opened within the merging time after the earlier ticket was counted, or while it was
  open. The timeline names the ticket it merged into. Only counted tickets swallow others, so a
  chain of follow-ups cannot swallow more than the merging time.
- S01 满意度: the first rating of a matter, in points. A later one after a reopening is in the
  timeline and changes no count.
- Tickets withdrawn, returned, transferred, merged or lapsed count nothing. Reopening changes no
  count.
"""

from datetime import datetime, timedelta

from sqlalchemy import String, cast, exists, false, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from directory.actor import Actor
from directory.model import Account, Contact, Expert
from escalation.lifecycle import write_event
from escalation.model import Ticket
from ledger import service as ledger
from ledger.model import ServiceCount

DESK = "desk"


def source_of(ticket: Ticket) -> str:
    """The ledger's name for the ticket; one count of each code."""
    return f"ticket:{ticket.id}"


async def count_expert_answer(
    session: AsyncSession, ticket: Ticket, expert_id: int, *, now: datetime
) -> None:
    """Z04, for the center of the asker, in the expert's name. Raises MonthClosed."""
    expert = await session.get_one(Expert, expert_id)
    await _record(session, "Z04", ticket, expert.name, now=now)


async def count_closing(
    session: AsyncSession,
    ticket: Ticket,
    *,
    actor: Actor,
    merge_within: timedelta,
    now: datetime,
    at: datetime | None = None,
) -> None:
    """Z01, unless the ticket is a follow-up. ``at``: when the service was done, if earlier.

    Raises MonthClosed.
    """
    if ticket.contact_id is not None:  # two follow-ups closed at once see each other
        await session.get_one(Contact, ticket.contact_id, with_for_update=True)
    if ticket.merged_into_id is not None or await _is_counted(session, ticket):
        return
    earlier = await _counted_before(session, ticket, merge_within)
    if earlier is None:
        await _record(session, "Z01", ticket, actor.name, now=now, at=at)
        return
    await session.execute(
        update(Ticket).where(Ticket.id == ticket.id).values(merged_into_id=earlier.id)
    )
    write_event(session, ticket, "merged", actor=actor, now=now, text=earlier.number, shown=False)


async def count_rating(
    session: AsyncSession, ticket: Ticket, rating: int, *, now: datetime
) -> None:
    """S01, in the name of who is in charge. Raises MonthClosed."""
    handler = ""
    if ticket.assignee_id is not None:
        handler = (await session.get_one(Account, ticket.assignee_id)).name
    await _record(session, "S01", ticket, handler, now=now, quantity=rating)


async def _record(
    session: AsyncSession,
    code: str,
    ticket: Ticket,
    handler: str,
    *,
    now: datetime,
    at: datetime | None = None,
    quantity: int = 1,
) -> None:
    await ledger.record(
        session,
        code=code,
        center_id=ticket.center_id,
        enterprise_id=ticket.enterprise_id,
        source=source_of(ticket),
        handler=handler,
        channel=ticket.channel or DESK,
        evidence=ticket.number,
        quantity=quantity,
        now=now,
        at=at,
    )


async def _is_counted(session: AsyncSession, ticket: Ticket) -> bool:
    found = select(ServiceCount.id).where(
        ServiceCount.code == "Z01", ServiceCount.source == source_of(ticket)
    )
    return await session.scalar(found) is not None


async def _counted_before(
    session: AsyncSession, ticket: Ticket, merge_within: timedelta
) -> Ticket | None:
    """The ticket whose standing Z01 this one follows up, if one does."""
    same_person = []
    if ticket.contact_id is not None:
        same_person.append(Ticket.contact_id == ticket.contact_id)
    if ticket.phone:
        same_person.append(Ticket.phone == ticket.phone)
    reversal = aliased(ServiceCount)
    return await session.scalar(
        select(Ticket)
        .join(ServiceCount, ServiceCount.source == literal("ticket:") + cast(Ticket.id, String))
        .where(
            ServiceCount.code == "Z01",
            ServiceCount.at >= ticket.created_at - merge_within,
            ~exists().where(reversal.reverses_id == ServiceCount.id),
            Ticket.id != ticket.id,
            Ticket.center_id == ticket.center_id,
            Ticket.area == ticket.area,
            or_(false(), *same_person),
        )
        .order_by(ServiceCount.at.desc())
        .limit(1)
    )
