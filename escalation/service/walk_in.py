"""窗口登记: a question that staff answered face to face or on the phone, written down after."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.errors import Refusal
from directory.actor import Actor
from escalation.counting import count_closing
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import NotYours, write_event
from escalation.model import Source, Status, Ticket
from escalation.service.answer import words
from escalation.service.open import Matter, create


class InTheFuture(Refusal):
    key = "escalation.in_the_future"


async def record_walk_in(
    session: AsyncSession,
    *,
    actor: Actor,
    matter: Matter,
    answer: str,
    at: datetime,
    event: str,
    levels: ServiceLevels,
    now: datetime,
    source: Source = Source.WALK_IN,
) -> Ticket:
    """Keep the matter as a closed ticket of the actor's own sub-center and count Z01, dated ``at``.

    ``event``: the form that was filled in, which records once.
    Raises NotYours, NoWords, InTheFuture, QuestionTooShort, UnknownTopic, MonthClosed.
    """
    said, center_id = words(answer), _own_center(actor)
    _require_past(at, now)
    ticket, fresh = await create(
        session,
        actor=actor,
        matter=replace(matter, center_id=center_id),
        event=event,
        day=local_day(at),
        now=at,
        source=source,
        status=Status.CLOSED,
        assignee_id=actor.id,
        due_at=at,
        created_at=at,
        answered_at=at,
        closed_at=now,
    )
    if fresh:
        write_event(session, ticket, "answer", actor=actor, now=at, text=said)
        write_event(session, ticket, "close", actor=actor, now=now)
        within = levels.merge_within
        await count_closing(session, ticket, actor=actor, merge_within=within, now=now, at=at)
    return ticket


def _require_past(at: datetime, now: datetime) -> None:
    if at > now:
        raise InTheFuture


def _own_center(actor: Actor) -> int:
    if actor.center_id is None or not actor.may_see_center(actor.center_id):
        raise NotYours
    return actor.center_id
