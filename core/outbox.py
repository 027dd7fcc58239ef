"""The outbox: every message to a person is a row first, and is sent after the commit.

A row is claimed by conditional update with a lease, so a crash while sending frees it again.
Within a chat the oldest goes first and nothing overtakes. A failure that may pass is retried
with growing delays; a permanent one parks the row with its error.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Index, Select, String, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from core.database import Base, Instant, changed
from core.errors import DeliveryError
from core.messages import Address, Message


class OutboxState(StrEnum):
    """waiting → sending → sent, or parked after a permanent failure."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    PARKED = "parked"


OPEN = (OutboxState.WAITING, OutboxState.SENDING)


class OutboxRow(Base):
    """One message on its way to one chat.

    progress: parts of a message too long for the channel that arrived before a failure.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_open", "channel", "state", "due_at"),
        Index("ix_outbox_chat", "channel", "chat", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    menu: Mapped[str | None] = mapped_column(String(12), unique=True)
    state: Mapped[str] = mapped_column(String(10), default=OutboxState.WAITING)
    created_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    attempts: Mapped[int] = mapped_column(default=0)
    progress: Mapped[int] = mapped_column(default=0)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    error: Mapped[str | None] = mapped_column(String(300))


@dataclass(frozen=True)
class RetryPolicy:
    """How long a claim lasts and how long to wait before each further try."""

    lease: timedelta
    delays: tuple[timedelta, ...]

    def next_try(self, failed_attempts: int, error: DeliveryError) -> timedelta | None:
        """The delay before the next try, or None to park the row."""
        if error.permanent:
            return None
        if error.retry_after is not None:
            return error.retry_after
        if failed_attempts > len(self.delays):
            return None
        return self.delays[failed_attempts - 1]


def put(session: AsyncSession, to: Address, message: Message, *, now: datetime) -> OutboxRow:
    """Queue ``message``; it is sent after the caller's transaction commits."""
    payload = message.render(to.lang)
    row = OutboxRow(
        channel=to.channel,
        chat=to.chat,
        payload=payload,
        menu=secrets.token_urlsafe(6) if payload["buttons"] else None,
        created_at=now,
        due_at=now,
    )
    session.add(row)
    return row


async def action_of(session: AsyncSession, to: Address, menu: str, index: int) -> str | None:
    """The action behind button ``index`` of ``menu``, or None if this chat was never shown it."""
    button = await button_of(session, to, menu, index)
    return None if button is None else button["do"]


async def button_of(
    session: AsyncSession, to: Address, menu: str, index: int
) -> dict[str, str] | None:
    """Button ``index`` of ``menu``: its label and its action."""
    row = await session.scalar(
        select(OutboxRow).where(
            OutboxRow.menu == menu, OutboxRow.channel == to.channel, OutboxRow.chat == to.chat
        )
    )
    if row is None:
        return None
    buttons: list[dict[str, str]] = [b for line in row.payload["buttons"] for b in line]
    return buttons[index] if 0 <= index < len(buttons) else None


async def latest_menu(session: AsyncSession, to: Address) -> list[dict[str, str]]:
    """The buttons last shown in a chat, in order, so that they can be typed instead."""
    row = await session.scalar(
        select(OutboxRow)
        .where(
            OutboxRow.channel == to.channel, OutboxRow.chat == to.chat, OutboxRow.menu.is_not(None)
        )
        .order_by(OutboxRow.id.desc())
        .limit(1)
    )
    return [] if row is None else [b for line in row.payload["buttons"] for b in line]


async def claim(
    session: AsyncSession,
    channel: str,
    *,
    now: datetime,
    policy: RetryPolicy,
    chat: str | None = None,
    chat_interval: timedelta = timedelta(),
    limit: int = 20,
) -> list[OutboxRow]:
    """Take up to ``limit`` due rows of a channel, at most one a chat, oldest first.

    A chat that got a message within ``chat_interval`` waits, on every replica.
    chat: only that one, where the process speaks to nobody else.
    """
    first = _first_in_their_chats(channel, now, chat_interval)
    if chat is not None:
        first = first.where(OutboxRow.chat == chat)
    candidates = await session.scalars(first.order_by(OutboxRow.id).limit(limit))
    taken = []
    for row_id in candidates.all():
        result = await session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == row_id, _due(now))
            .values(
                state=OutboxState.SENDING,
                lease_until=now + policy.lease,
                attempts=OutboxRow.attempts + 1,
            )
        )
        if changed(result):
            taken.append(row_id)
    claimed = await session.scalars(
        select(OutboxRow)
        .where(OutboxRow.id.in_(taken))
        .order_by(OutboxRow.id)
        .execution_options(populate_existing=True)
    )
    return list(claimed)


def _first_in_their_chats(channel: str, now: datetime, chat_interval: timedelta) -> Select[int]:
    earlier = aliased(OutboxRow)
    return select(OutboxRow.id).where(
        OutboxRow.channel == channel,
        _due(now),
        ~exists().where(
            earlier.channel == OutboxRow.channel,
            earlier.chat == OutboxRow.chat,
            earlier.id < OutboxRow.id,
            or_(earlier.state.in_(OPEN), earlier.sent_at > now - chat_interval),
        ),
    )


def _due(now: datetime) -> Any:
    return or_(
        and_(OutboxRow.state == OutboxState.WAITING, OutboxRow.due_at <= now),
        and_(OutboxRow.state == OutboxState.SENDING, OutboxRow.lease_until < now),
    )


async def mark_sent(session: AsyncSession, row_id: int, *, now: datetime) -> None:
    """The other side has it."""
    await session.execute(
        update(OutboxRow)
        .where(OutboxRow.id == row_id)
        .values(state=OutboxState.SENT, sent_at=now, lease_until=None, error=None)
    )


async def mark_failed(
    session: AsyncSession,
    row: OutboxRow,
    error: DeliveryError,
    *,
    now: datetime,
    policy: RetryPolicy,
) -> None:
    """Schedule the next try, or park the row. Changes nothing when the claim was lost meanwhile:
    whoever has the row now may have sent it."""
    delay = policy.next_try(row.attempts, error)
    await session.execute(
        update(OutboxRow)
        .where(
            OutboxRow.id == row.id,
            OutboxRow.state == OutboxState.SENDING,
            OutboxRow.attempts == row.attempts,
        )
        .values(
            state=OutboxState.PARKED if delay is None else OutboxState.WAITING,
            due_at=now + (delay or timedelta()),
            lease_until=None,
            progress=max(row.progress, error.progress),
            error=error.reason[:300],
        )
    )
