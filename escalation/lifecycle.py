"""The life of a ticket: what leads where, by whom, in one table; and the one way to move it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import changed
from core.errors import Refusal
from directory.actor import Actor
from escalation.model import OPEN, Status, Ticket, TicketEvent


class Party(StrEnum):
    """What an actor is to one ticket."""

    ASKER = "asker"  # the person who asked
    STAFF = "staff"  # the center's people, or the province
    EXPERT = "expert"  # the expert the ticket is with
    SYSTEM = "system"


class NotYours(Refusal):
    key = "escalation.not_yours"


class NotPossible(Refusal):
    """The ticket stands where this step does not start; the text says what can be done there."""

    def __init__(self, ticket: Ticket) -> None:
        super().__init__(f"escalation.not_possible.{ticket.status}", number=ticket.number)


class Overtaken(Refusal):
    """Somebody else moved the ticket first."""

    key = "escalation.overtaken"


@dataclass(frozen=True)
class Step:
    """A kind of move: who may make it, and from where to where."""

    who: frozenset[Party]
    leads: Mapping[Status, Status]


def _step(who: set[Party], target: Status, *sources: Status) -> Step:
    return Step(frozenset(who), dict.fromkeys(sources, target))


_ASKER, _STAFF, _EXPERT, _SYSTEM = ({party} for party in Party)
_IN_HAND = (Status.ACCEPTED, Status.IN_PROGRESS)
_STAY = (Status.NEW, Status.ACCEPTED, Status.IN_PROGRESS, Status.WITH_EXPERT)
_DONE = (Status.ANSWERED, Status.RATED, Status.CLOSED)

TRANSITIONS: Mapping[str, Step] = {
    "take": _step(_STAFF, Status.ACCEPTED, Status.NEW),  # 受理
    "reassign": Step(  # 改派
        frozenset(_STAFF | _SYSTEM), {status: status for status in OPEN}
    ),
    "answer": _step(_STAFF, Status.ANSWERED, *_IN_HAND),  # 答复
    "ask_back": _step(_STAFF, Status.WAITING_ASKER, *_IN_HAND),  # 请用户补充
    "supplement": Step(  # 补充说明: ends the waiting, and changes nothing elsewhere
        frozenset(_ASKER),
        {Status.WAITING_ASKER: Status.IN_PROGRESS, **{status: status for status in _STAY}},
    ),
    "pass_on": _step(_STAFF | _SYSTEM, Status.WITH_EXPERT, *_IN_HAND),  # 转专家
    "expert_accept": _step(_EXPERT, Status.WITH_EXPERT, Status.WITH_EXPERT),  # 专家接受
    "expert_decline": _step(_EXPERT, Status.IN_PROGRESS, Status.WITH_EXPERT),  # 专家谢绝
    "expert_answer": _step(_EXPERT, Status.ANSWERED, Status.WITH_EXPERT),  # 专家解答
    "recall": _step(_STAFF | _SYSTEM, Status.IN_PROGRESS, Status.WITH_EXPERT),  # 收回
    "rate": Step(  # 评价: still welcome after the matter was closed
        frozenset(_ASKER), {Status.ANSWERED: Status.RATED, Status.CLOSED: Status.CLOSED}
    ),
    "close": _step(_STAFF, Status.CLOSED, Status.ANSWERED, Status.RATED),  # 办结
    "reopen": _step(_ASKER | _STAFF, Status.IN_PROGRESS, *_DONE),  # 重开
    "withdraw": _step(_ASKER, Status.WITHDRAWN, *_STAY, Status.WAITING_ASKER),  # 撤回
}


def party_of(actor: Actor, ticket: Ticket) -> Party | None:
    """What the actor is to the ticket; None when it is not their business."""
    if actor.kind == "system":
        return Party.SYSTEM
    if actor.kind == "desk" and actor.may_see_center(ticket.center_id):
        return Party.STAFF
    if actor.expert_id is not None and actor.expert_id == ticket.expert_id:
        return Party.EXPERT
    if actor.kind != "desk" and actor.id is not None and actor.id == ticket.contact_id:
        return Party.ASKER
    return None


def target_of(actor: Actor, ticket: Ticket, verb: str) -> Status:
    """Where the step would lead. Raises NotYours or NotPossible."""
    step = TRANSITIONS[verb]
    if party_of(actor, ticket) not in step.who:
        raise NotYours
    target = step.leads.get(Status(ticket.status))
    if target is None:
        raise NotPossible(ticket)
    return target


async def move(
    session: AsyncSession,
    ticket: Ticket,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    text: str = "",
    note: str = "",
    expert_id: int | None = None,
    changes: Mapping[str, Any] | None = None,
) -> None:
    """Make a step of TRANSITIONS, set further columns (``changes``), and write the timeline.

    Conditional on the ticket being as it was read: of two people at once exactly one succeeds.
    Raises NotYours, NotPossible, Overtaken.
    """
    party = party_of(actor, ticket)
    await _update(session, ticket, {**(changes or {}), "status": target_of(actor, ticket, verb)})
    write_event(
        session,
        ticket,
        verb,
        actor=actor,
        party=party,
        now=now,
        text=text,
        note=note,
        expert_id=expert_id,
    )
    await session.flush()


async def _update(session: AsyncSession, ticket: Ticket, values: dict[str, Any]) -> None:
    if values.get("due_at", ticket.due_at) != ticket.due_at:
        values["overdue_told_at"] = None  # a new promise, which may be broken anew
    result = await session.execute(
        update(Ticket)
        .where(Ticket.id == ticket.id, Ticket.status == ticket.status, Ticket.moves == ticket.moves)
        .values({**values, "moves": Ticket.moves + 1})
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise Overtaken(number=ticket.number)
    await session.refresh(ticket)


def write_event(
    session: AsyncSession,
    ticket: Ticket,
    kind: str,
    *,
    actor: Actor,
    now: datetime,
    party: Party | None = None,
    text: str = "",
    note: str = "",
    expert_id: int | None = None,
    shown: bool = True,
) -> None:
    """Add a line to the timeline. ``note`` is for staff; ``shown``: the asker sees the line."""
    session.add(
        TicketEvent(
            ticket_id=ticket.id,
            kind=kind,
            at=now,
            actor_kind=party or party_of(actor, ticket) or actor.kind,
            actor_id=actor.id,
            actor_name=actor.name[:40],
            expert_id=expert_id,
            text=text,
            note=note,
            visible_to_asker=shown,
        )
    )
