"""Reminders of a deadline that was worked out in the chat: our promise, beside people's calendars.

A reminder is sent at nine in the morning of the working day on or before the day asked for.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import groupby

from sqlalchemy import Date, Index, String, UniqueConstraint, delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core import outbox
from core.clock import at_local, local_day
from core.database import Base, Instant, changed, insert_or_ignore
from core.errors import Refusal
from core.messages import Address, Button, Message, column
from core.worktime import Worktime

DAYS = (7, 3, 1)
HOUR = 9
MOST_OPEN = 50
KEPT = timedelta(days=30)  # after the last day; then nobody needs to know of it any more
BATCH = 200


class DeadlineReminder(Base):
    """One promised reminder. ``due_at``: when it goes out; ``name``: the term as it was shown."""

    __tablename__ = "deadline_reminders"
    __table_args__ = (
        UniqueConstraint("channel", "chat", "kind", "last_day", "days_before"),
        Index("ix_deadline_reminders_due", "sent_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(80))
    lang: Mapped[str] = mapped_column(String(5))
    kind: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(200))
    last_day: Mapped[date] = mapped_column(Date)
    days_before: Mapped[int]
    due_at: Mapped[datetime] = mapped_column(Instant)
    made_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)
    cancelled_at: Mapped[datetime | None] = mapped_column(Instant)

    @property
    def to(self) -> Address:
        """The chat that asked for it."""
        return Address(self.channel, self.chat, self.lang)


class TooLate(Refusal):
    """Every day asked for has passed already. ``last_day``."""

    key = "remind.too_late"


class TooMany(Refusal):
    """A chat has ``most`` open reminders already."""

    key = "remind.too_many"


class Gone(Refusal):
    """No such reminder of this chat is open any more."""

    key = "remind.gone"


def goes_out(last_day: date, days_before: int, worktime: Worktime) -> datetime:
    """When it is sent: a working day, the one before where the day itself is a rest day."""
    day = last_day - timedelta(days=days_before)
    while not worktime.is_workday(day):
        day -= timedelta(days=1)
    return at_local(day, HOUR)


def possible(last_day: date, worktime: Worktime, *, now: datetime) -> tuple[int, ...]:
    """How many days before one can still be reminded, farthest first."""
    return tuple(days for days in DAYS if goes_out(last_day, days, worktime) > now)


async def ask_for(
    session: AsyncSession,
    to: Address,
    *,
    kind: str,
    name: str,
    last_day: date,
    days: Sequence[int],
    worktime: Worktime,
    now: datetime,
) -> tuple[DeadlineReminder, ...]:
    """Promise reminders so many days before; asked for twice, each stays one. Returns those that
    stand now. Raises TooLate where all have passed, and TooMany."""
    wanted = [n for n in days if goes_out(last_day, n, worktime) > now]
    if not wanted:
        raise TooLate(last_day=last_day)
    if len(await open_of(session, to)) + len(wanted) > MOST_OPEN:
        raise TooMany(most=MOST_OPEN)
    for days_before in wanted:
        due_at = goes_out(last_day, days_before, worktime)
        values = {"lang": to.lang, "name": name, "due_at": due_at, "made_at": now}
        key = {
            "channel": to.channel,
            "chat": to.chat,
            "kind": kind,
            "last_day": last_day,
            "days_before": days_before,
        }
        if not await insert_or_ignore(session, DeadlineReminder, **key, **values):
            again = update(DeadlineReminder).filter_by(**key)
            again = again.where(DeadlineReminder.cancelled_at.is_not(None))
            await session.execute(again.values(cancelled_at=None, sent_at=None, **values))
    stand = await open_of(session, to)
    return tuple(
        row
        for row in stand
        if (row.kind, row.last_day) == (kind, last_day) and row.days_before in wanted
    )


async def open_of(session: AsyncSession, to: Address) -> Sequence[DeadlineReminder]:
    """What a chat is still promised, soonest first."""
    found = await session.scalars(
        select(DeadlineReminder)
        .where(
            DeadlineReminder.channel == to.channel,
            DeadlineReminder.chat == to.chat,
            DeadlineReminder.sent_at.is_(None),
            DeadlineReminder.cancelled_at.is_(None),
        )
        .order_by(DeadlineReminder.due_at, DeadlineReminder.id)
        .execution_options(populate_existing=True)
    )
    return found.all()


async def cancel(
    session: AsyncSession, to: Address, reminder_id: int, *, now: datetime
) -> DeadlineReminder:
    """Take one back. Raises Gone where it is another chat's, sent or cancelled already."""
    result = await session.execute(
        update(DeadlineReminder)
        .where(
            DeadlineReminder.id == reminder_id,
            DeadlineReminder.channel == to.channel,
            DeadlineReminder.chat == to.chat,
            DeadlineReminder.sent_at.is_(None),
            DeadlineReminder.cancelled_at.is_(None),
        )
        .values(cancelled_at=now)
    )
    if not changed(result):
        raise Gone
    return await session.get_one(DeadlineReminder, reminder_id)


async def send_due_reminders(session: AsyncSession, now: datetime) -> None:
    """Job: queue what is due, several of one term as one message; forget what is long over."""
    due = await session.scalars(
        select(DeadlineReminder)
        .where(
            DeadlineReminder.due_at <= now,
            DeadlineReminder.sent_at.is_(None),
            DeadlineReminder.cancelled_at.is_(None),
        )
        .order_by(
            DeadlineReminder.channel,
            DeadlineReminder.chat,
            DeadlineReminder.kind,
            DeadlineReminder.last_day,
            DeadlineReminder.id,
        )
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    for _, rows in groupby(due.all(), lambda r: (r.channel, r.chat, r.kind, r.last_day)):
        claimed = [row for row in rows if await _claim(session, row, now)]
        if claimed:
            outbox.put(session, claimed[0].to, _message(claimed[0], now), now=now)
    await session.execute(
        delete(DeadlineReminder).where(DeadlineReminder.last_day < local_day(now) - KEPT)
    )


async def _claim(session: AsyncSession, row: DeadlineReminder, now: datetime) -> bool:
    result = await session.execute(
        update(DeadlineReminder)
        .where(
            DeadlineReminder.id == row.id,
            DeadlineReminder.sent_at.is_(None),
            DeadlineReminder.cancelled_at.is_(None),
        )
        .values(sent_at=now)
    )
    return changed(result)


def _message(row: DeadlineReminder, now: datetime) -> Message:
    return Message(
        "remind.notice",
        {"name": row.name, "last_day": row.last_day, "left": (row.last_day - local_day(now)).days},
        column(
            Button("ask.button_person", "escalate.start"),
            Button("remind.button_mine", "remind.start"),
        ),
    )
