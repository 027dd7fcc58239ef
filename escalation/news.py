"""What has happened to tickets, as the people at the desk are told of it while they work."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.actor import Actor
from escalation.lifecycle import Party
from escalation.model import Ticket, TicketEvent
from escalation.model_reply import Side, TicketMessage
from escalation.queries import worked_on_by

FAR_BACK = 20_000  # events of all centers; whoever was away longer is told of the newest ones
_TO_THE_EXPERT = ("pass_on", "recall", "supplement")
_TO_THE_PROVINCE = ("overdue",)
_HANDED = "reassign"


@dataclass(frozen=True)
class News:
    """One line of a timeline as news: never the words of the matter."""

    id: int
    ticket_id: int
    number: str
    kind: str
    at: datetime
    center_id: int
    expert_id: int | None
    assignee_id: int | None
    actor_kind: str
    actor_id: int | None
    shown: bool
    stream: str = "line"  # ids count up in each stream on its own

    @property
    def key(self) -> str:
        """What a page knows the news by."""
        return f"{self.stream}:{self.id}"

    def concerns(self, actor: Actor) -> bool:
        """Whether the ticket is this actor's business, and the line one the actor may see."""
        if actor.may_see_center(self.center_id):
            return True
        return self.shown and actor.expert_id is not None and actor.expert_id == self.expert_id

    def rings(self, actor: Actor) -> bool:
        """Whether the actor should look up: others did something, and it falls to this actor."""
        if not self.concerns(actor):
            return False
        if actor.expert_id is not None:
            return self.kind in _TO_THE_EXPERT
        if self.kind == _HANDED:
            return self.assignee_id == actor.id != self.actor_id
        if self.actor_kind in (Party.STAFF, "desk") or self.kind == "merged":
            return False
        if self.assignee_id is not None:
            return self.assignee_id == actor.id
        return not actor.is_province or self.kind in _TO_THE_PROVINCE


async def news_after(session: AsyncSession, floor: int, known: Collection[int] = ()) -> list[News]:
    """Every line above ``floor`` that is not known yet, oldest first."""
    query = _news(TicketEvent.id > floor, TicketEvent.id.not_in(list(known)))
    return [News(*row) for row in await session.execute(query.order_by(TicketEvent.id))]


async def news_for(
    session: AsyncSession, actor: Actor, floor: int, *, limit: int = 200
) -> list[News]:
    """The newest lines above ``floor`` that concern the actor, newest first."""
    least = max(floor, await latest_news(session) - FAR_BACK)
    query = _news(TicketEvent.id > least, worked_on_by(actor))
    rows = await session.execute(query.order_by(TicketEvent.id.desc()).limit(limit))
    return [news for row in rows if (news := News(*row)).concerns(actor)]


async def messages_after(
    session: AsyncSession, floor: int, known: Collection[int] = ()
) -> list[News]:
    """What was said in a talk since ``floor`` and is not known yet, as news of kind ``said``."""
    found = await session.execute(
        select(TicketMessage, Ticket)
        .join(Ticket, Ticket.id == TicketMessage.ticket_id)
        .where(TicketMessage.id > floor, TicketMessage.id.not_in(list(known)))
        .order_by(TicketMessage.id)
    )
    return [
        News(
            id=line.id,
            ticket_id=ticket.id,
            number=ticket.number,
            kind="said",
            at=line.at,
            center_id=ticket.center_id,
            expert_id=ticket.expert_id,
            assignee_id=ticket.assignee_id,
            actor_kind="asker" if line.side == Side.ASKER else "desk",
            actor_id=line.account_id,
            shown=False,
            stream="message",
        )
        for line, ticket in found
    ]


async def latest_message(session: AsyncSession) -> int:
    """The id of the newest line of a talk there is."""
    return await session.scalar(select(func.max(TicketMessage.id))) or 0


async def latest_news(session: AsyncSession) -> int:
    """The id of the newest line there is."""
    return await session.scalar(select(func.max(TicketEvent.id))) or 0


def _news(
    *conditions: ColumnElement[bool],
) -> Select[int, int, str, str, datetime, int, int | None, int | None, str, int | None, bool]:
    return (
        select(
            TicketEvent.id,
            Ticket.id,
            Ticket.number,
            TicketEvent.kind,
            TicketEvent.at,
            Ticket.center_id,
            Ticket.expert_id,
            Ticket.assignee_id,
            TicketEvent.actor_kind,
            TicketEvent.actor_id,
            TicketEvent.visible_to_asker,
        )
        .join(Ticket, Ticket.id == TicketEvent.ticket_id)
        .where(*conditions)
    )
