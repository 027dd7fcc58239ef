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
from escalation.alerts import OF_OPEN, finish_alerts
from escalation.model import OPEN, AlertKind, Status, Ticket, TicketEvent
from escalation.sealing import put_words


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
_WITH_STAFF = (Status.NEW, *_IN_HAND, Status.WAITING_ASKER)
_DONE = (Status.ANSWERED, Status.RATED, Status.CLOSED)
_GONE = (Status.RETURNED, Status.TRANSFERRED)
_EVERY = (*OPEN, *_DONE)


FOR_STAFF = frozenset({"oppose", "contact"})  # lines that the asker does not see


def _stays(who: set[Party], *statuses: Status) -> Step:
    """A step that is written down and leads nowhere else."""
    return Step(frozenset(who), {status: status for status in statuses})


TRANSITIONS: Mapping[str, Step] = {
    "take": _step(_STAFF, Status.ACCEPTED, Status.NEW),  # 受理
    "reassign": _stays(_STAFF | _SYSTEM, *OPEN),  # 改派、交接
    "answer": _step(_STAFF, Status.ANSWERED, *_IN_HAND),  # 答复
    "ask_back": _step(_STAFF, Status.WAITING_ASKER, *_IN_HAND),  # 请用户补充
    "supplement": Step(  # 补充说明: ends the waiting, and changes nothing elsewhere
        frozenset(_ASKER | _SYSTEM),  # the system: facts that came by a merged ticket
        {
            Status.WAITING_ASKER: Status.IN_PROGRESS,
            **{status: status for status in (*_STAY, Status.MERGED)},
        },
    ),
    "supplement_expert": _step(  # 补充说明 that an expert asked for
        _ASKER | _SYSTEM, Status.WITH_EXPERT, Status.WAITING_ASKER
    ),
    "lapse": _step(_SYSTEM, Status.CLOSED, Status.WAITING_ASKER),  # 逾期未补充，关闭
    "extend": _stays(_STAFF, *_IN_HAND, Status.WITH_EXPERT),  # 延期
    "call": _stays(_STAFF, *OPEN),  # 电话联系
    "oppose": _stays(_STAFF, *OPEN),  # 登记对方
    "pass_on": _step(_STAFF | _SYSTEM, Status.WITH_EXPERT, *_IN_HAND),  # 转专家
    "panel": _step(_STAFF, Status.WITH_EXPERT, *_IN_HAND),  # 专家会诊
    "expert_accept": _step(_EXPERT, Status.WITH_EXPERT, Status.WITH_EXPERT),  # 专家接受
    "expert_ask": _step(_EXPERT, Status.WAITING_ASKER, Status.WITH_EXPERT),  # 专家请补充
    "expert_decline": _step(_EXPERT, Status.IN_PROGRESS, Status.WITH_EXPERT),  # 专家谢绝
    "expert_answer": _step(_EXPERT, Status.ANSWERED, Status.WITH_EXPERT),  # 专家解答
    "recall": _step(_STAFF | _SYSTEM, Status.IN_PROGRESS, Status.WITH_EXPERT),  # 收回
    "rate": Step(  # 评价: still welcome after the matter was closed
        frozenset(_ASKER), {Status.ANSWERED: Status.RATED, Status.CLOSED: Status.CLOSED}
    ),
    "contact": _stays(_STAFF, *_EVERY),  # 低分回访
    "settle": _stays(_STAFF, *_EVERY),  # 低分办结
    "close": _step(_STAFF, Status.CLOSED, Status.ANSWERED, Status.RATED),  # 办结
    "reopen": _step(_ASKER | _STAFF, Status.IN_PROGRESS, *_DONE, *_GONE),  # 重开
    "withdraw": _step(_ASKER, Status.WITHDRAWN, *_STAY, Status.WAITING_ASKER),  # 撤回
    "return": _step(_STAFF, Status.RETURNED, *_WITH_STAFF),  # 退回
    "transfer": _step(_STAFF, Status.TRANSFERRED, *_WITH_STAFF),  # 转出
    "move_center": _step(_STAFF, Status.NEW, *_WITH_STAFF),  # 转其他分中心
    "merge": _step(_STAFF, Status.MERGED, *_WITH_STAFF),  # 合并
    "unmerge": _step(_STAFF, Status.IN_PROGRESS, Status.MERGED),  # 取消合并
    "split": _stays(_STAFF, *_WITH_STAFF),  # 拆分
    "seal": _stays(_STAFF, *_EVERY),  # 转为保密
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
        shown=verb not in FOR_STAFF,
    )
    await session.flush()
    if ticket.status not in OPEN:
        await finish_alerts(session, ticket, OF_OPEN, now=now)
    elif verb == "take":
        await finish_alerts(session, ticket, {AlertKind.NOT_TAKEN}, now=now)


async def _update(session: AsyncSession, ticket: Ticket, values: dict[str, Any]) -> None:
    if values.get("due_at", ticket.due_at) != ticket.due_at:
        values["overdue_told_at"] = None  # a new promise, which may be broken anew
        values["alert_at"] = None
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
    """Add a line to the timeline. ``note`` is for staff; ``shown``: the asker sees the line.

    Of a confidential ticket the words are sealed.
    """
    event = TicketEvent(
        ticket_id=ticket.id,
        kind=kind,
        at=now,
        actor_kind=party or party_of(actor, ticket) or actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:40],
        expert_id=expert_id,
        visible_to_asker=shown,
    )
    put_words(session, ticket, event, text=text, note=note)
    session.add(event)


def write_opening(
    session: AsyncSession,
    ticket: Ticket,
    *,
    actor: Actor,
    now: datetime,
    party: Party | None = None,
) -> None:
    """Write down who reads the words of a confidential ticket."""
    write_event(session, ticket, "opened_sealed", actor=actor, party=party, now=now, shown=False)
