"""Warnings on the desk: raised once for each run of a ticket's clock, done with what they ask."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, false, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import insert_or_ignore
from core.texts import plain
from directory.actor import Actor
from escalation.model import AlertKind, Ticket, TicketAlert

# Warnings that no longer matter once the ticket is answered or gone.
OF_OPEN = frozenset({AlertKind.HALF, AlertKind.LATE_SOON, AlertKind.NOT_TAKEN, AlertKind.CALL})


@dataclass(frozen=True)
class Warned:
    """An open warning and its ticket."""

    alert: TicketAlert
    ticket: Ticket

    @property
    def words(self) -> str:
        """What the warning asks for, as the desk says it."""
        return plain(f"ticketlife.alert.{self.alert.kind}")


async def raise_alert(
    session: AsyncSession,
    ticket: Ticket,
    kind: AlertKind,
    *,
    since: datetime,
    due_at: datetime,
    now: datetime,
) -> bool:
    """Warn whoever is in charge. True when this call did; the same run is warned of once."""
    return await insert_or_ignore(
        session,
        TicketAlert,
        ticket_id=ticket.id,
        kind=kind,
        since=since,
        account_id=ticket.assignee_id,
        at=now,
        due_at=due_at,
    )


async def finish_alerts(
    session: AsyncSession, ticket: Ticket, kinds: Collection[AlertKind], *, now: datetime
) -> None:
    """What these warnings ask for is done, or no longer matters."""
    await session.execute(
        update(TicketAlert)
        .where(
            TicketAlert.ticket_id == ticket.id,
            TicketAlert.kind.in_(kinds),
            TicketAlert.done_at.is_(None),
        )
        .values(done_at=now)
    )


async def move_alerts(session: AsyncSession, ticket_id: int, *, to: int | None) -> None:
    """Open warnings follow the ticket into other hands."""
    await session.execute(
        update(TicketAlert)
        .where(TicketAlert.ticket_id == ticket_id, TicketAlert.done_at.is_(None))
        .values(account_id=to)
    )


async def open_alerts(session: AsyncSession, actor: Actor, *, limit: int = 100) -> list[Warned]:
    """What the actor is warned of, most pressing first: their own, and what nobody has in hand.

    The province sees every warning.
    """
    query = (
        select(TicketAlert, Ticket)
        .join(Ticket, Ticket.id == TicketAlert.ticket_id)
        .where(TicketAlert.done_at.is_(None), _for(actor))
        .order_by(TicketAlert.due_at, TicketAlert.id)
        .limit(limit)
    )
    return [Warned(*row) for row in await session.execute(query)]


def _for(actor: Actor) -> ColumnElement[bool]:
    if actor.is_province:
        return true()
    if not actor.may_see_center(actor.center_id):
        return false()
    mine = or_(TicketAlert.account_id == actor.id, TicketAlert.account_id.is_(None))
    return (Ticket.center_id == actor.center_id) & mine


async def alerts_of(session: AsyncSession, ticket: Ticket) -> list[Warned]:
    """The open warnings of a ticket already accessed, most pressing first."""
    query = (
        select(TicketAlert)
        .where(TicketAlert.ticket_id == ticket.id, TicketAlert.done_at.is_(None))
        .order_by(TicketAlert.due_at)
    )
    return [Warned(alert, ticket) for alert in await session.scalars(query)]
