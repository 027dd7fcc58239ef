"""转人工: the asker has seen what will be passed on and agreed; a ticket is opened."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.database import insert_or_ignore
from core.errors import Refusal
from core.messages import Address, rows
from directory.actor import Actor
from directory.model import Center, Enterprise
from escalation.calling import announce_call
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import write_event
from escalation.model import Complexity, Source, Ticket, TicketCounter
from escalation.promises import levels_at
from escalation.queries import opened_by
from escalation.staffing import choose_staff
from escalation.telling import show_button, supplement_button, tell_asker, when
from knowledge.entry import AREAS

TOPICS = (*AREAS, "other")
SHORTEST = 4


class QuestionTooShort(Refusal):
    key = "escalation.question_too_short"


class UnknownTopic(Refusal):
    key = "escalation.unknown_topic"


@dataclass(frozen=True)
class Matter:
    """What is passed on: exactly what the asker saw and agreed to, or the desk wrote down."""

    question: str
    area: str
    center_id: int
    enterprise_id: int | None = None
    person_name: str | None = None
    phone: str | None = None
    bot_question: str | None = None
    bot_entry: str | None = None
    legal_due: date | None = None


async def open_ticket(
    session: AsyncSession,
    *,
    actor: Actor,
    matter: Matter,
    to: Address,
    event: str,
    source: Source,
    levels: ServiceLevels,
    now: datetime,
) -> Ticket:
    """Open a ticket for a chat contact and tell them its number and date.

    ``event`` names the agreement; the same one opens nothing more and returns the first ticket.
    A known enterprise's own sub-center outranks the matter's.
    Raises QuestionTooShort, UnknownTopic.
    """
    if matter.enterprise_id is not None:
        enterprise = await session.get_one(Enterprise, matter.enterprise_id)
        matter = replace(matter, center_id=enterprise.center_id)
    ticket, fresh = await create(
        session,
        actor=actor,
        matter=matter,
        event=event,
        day=local_day(now),
        now=now,
        contact_id=actor.id,
        channel=to.channel,
        chat=to.chat,
        lang=to.lang,
        source=source,
        created_at=now,
        **await _promised(session, matter, to.lang, levels=levels, now=now),
    )
    if fresh:
        await _tell_opened(session, ticket, levels=levels, now=now)
    return ticket


async def _tell_opened(
    session: AsyncSession, ticket: Ticket, *, levels: ServiceLevels, now: datetime
) -> None:
    buttons = rows([show_button(ticket), supplement_button(ticket)], 2)
    reply = when(ticket.reply_due_at, ticket.lang)
    await tell_asker(session, ticket, "escalation.opened", now=now, buttons=buttons, reply=reply)
    if ticket.urgent:
        await announce_call(session, ticket, levels=levels, now=now)


async def _promised(
    session: AsyncSession, matter: Matter, lang: str, *, levels: ServiceLevels, now: datetime
) -> dict[str, Any]:
    """Who is asked to take it, and by when what happens."""
    there = await levels_at(session, matter.center_id, levels)
    steps = [there.answer_step(Complexity.ORDINARY, now)]
    chosen = await choose_staff(
        session, center_id=matter.center_id, area=matter.area, lang=lang, day=local_day(now)
    )
    return {
        "assignee_id": None if chosen is None else chosen.id,
        "reply_due_at": there.first_reply(now),
        "due_steps": steps,
        "due_at": there.due(steps),
        "urgent": matter.legal_due is not None and there.is_near(matter.legal_due, now),
    }


async def create(
    session: AsyncSession,
    *,
    actor: Actor,
    matter: Matter,
    event: str,
    day: date,
    now: datetime,
    **columns: Any,
) -> tuple[Ticket, bool]:
    """The ticket of ``event`` and whether this call made it, with its first timeline line.

    Raises QuestionTooShort, UnknownTopic.
    """
    if len(matter.question.strip()) < SHORTEST:
        raise QuestionTooShort
    if matter.area not in TOPICS:
        raise UnknownTopic
    center = await session.get_one(Center, matter.center_id)
    counter = await _lock_counter(session, center, day)
    repeated = await opened_by(session, event)  # looked up under the lock
    if repeated is not None:
        return repeated, False
    counter.last += 1
    ticket = Ticket(
        **vars(matter),
        **columns,
        number=f"{center.code.upper()}-{day:%Y%m%d}-{counter.last:03d}",
        opened_by=event,
    )
    session.add(ticket)
    await session.flush()
    write_event(session, ticket, "opened", actor=actor, now=now, text=matter.question)
    return ticket, True


async def _lock_counter(session: AsyncSession, center: Center, day: date) -> TicketCounter:
    """The running number's row, locked until the transaction ends."""
    await insert_or_ignore(session, TicketCounter, center_id=center.id, day=day, last=0)
    return (
        await session.scalars(
            select(TicketCounter)
            .where(TicketCounter.center_id == center.id, TicketCounter.day == day)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()
