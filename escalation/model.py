"""Tables of escalation. Rows are never deleted; a ticket's past is its timeline."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class Status(StrEnum):
    """Where a ticket stands. ``lifecycle.TRANSITIONS`` says what leads where."""

    NEW = "new"  # 新建
    ACCEPTED = "accepted"  # 受理
    IN_PROGRESS = "in_progress"  # 处理中
    WAITING_ASKER = "waiting_asker"  # 待用户补充
    WITH_EXPERT = "with_expert"  # 转专家
    ANSWERED = "answered"  # 已答复
    RATED = "rated"  # 已评价
    CLOSED = "closed"  # 办结
    WITHDRAWN = "withdrawn"  # 撤回


OPEN = (
    Status.NEW,
    Status.ACCEPTED,
    Status.IN_PROGRESS,
    Status.WAITING_ASKER,
    Status.WITH_EXPERT,
)


class Complexity(StrEnum):
    """How hard the question is; decides the answer's due date."""

    SIMPLE = "simple"
    ORDINARY = "ordinary"
    COMPLEX = "complex"


class Source(StrEnum):
    """What the ticket came from."""

    REQUEST = "request"  # 转人工
    HANDOFF = "handoff"  # the bot had no answer
    BAD_RATING = "bad_rating"  # the bot's answer did not help
    WALK_IN = "walk_in"  # front-desk record
    PHONE = "phone"  # a call, written down at the desk


class Ticket(Base):
    """One matter (件). ``number`` is what people quote: ``YLD-20261122-003``.

    channel, chat, lang: where the asker hears about it; none for a walk-in.
    person_name, phone: as passed on with the asker's agreement, never shown to an expert.
    bot_question, bot_entry: what the asker had asked the bot last, and the entry it answered with.
    assignee_id: the account in charge. expert_*: the expert it is, or last was, with.
    waiting_since: since when the asker owes facts (the clock stands still).
    merged_into_id: the earlier ticket whose Z01 covers this one as a follow-up.
    opened_by: the event that opened it; unique, so that a repeat opens nothing.
    moves: how often it moved; every move is conditional on it.
    """

    __tablename__ = "tickets"
    __table_args__ = (
        Index(  # covers what the queue is narrowed by, so that rows are read for one page only
            "ix_tickets_queue",
            *("center_id", "status", "due_at", "id", "area", "source", "channel"),
            *("assignee_id", "enterprise_id", "created_at"),
        ),
        Index("ix_tickets_province", "status", "due_at", "id"),
        Index("ix_tickets_enterprise", "enterprise_id", "id"),
        Index("ix_tickets_expert", "expert_id", "status"),
        Index("ix_tickets_contact", "contact_id", "area"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(40), unique=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    channel: Mapped[str | None] = mapped_column(String(20))
    chat: Mapped[str | None] = mapped_column(String(80))
    lang: Mapped[str] = mapped_column(String(5), default="zh")
    person_name: Mapped[str | None] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(20))
    area: Mapped[str] = mapped_column(String(20))
    complexity: Mapped[str] = mapped_column(String(10), default=Complexity.ORDINARY)
    question: Mapped[str] = mapped_column(Text)
    bot_question: Mapped[str | None] = mapped_column(Text)
    bot_entry: Mapped[str | None] = mapped_column(String(80))
    source: Mapped[str] = mapped_column(String(12))
    status: Mapped[str] = mapped_column(String(14), default=Status.NEW)
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"))
    expert_accepted_at: Mapped[datetime | None] = mapped_column(Instant)
    expert_due_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    overdue_told_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    rating: Mapped[int | None]
    rating_reason: Mapped[str | None] = mapped_column(Text)
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    opened_by: Mapped[str] = mapped_column(String(80), unique=True)
    moves: Mapped[int] = mapped_column(default=0)


class TicketEvent(Base):
    """One line of a ticket's timeline (经过): who did what, when, and the words that go with it.

    kind: "opened", "overdue", "merged", or the verb of ``lifecycle.TRANSITIONS`` that was done.
    actor_kind: the ``lifecycle.Party``; actor_id: the contact's or account's id.
    expert_id: the expert concerned, where one is.
    text: words for everybody who may see the line. note: words for staff alone.
    """

    __tablename__ = "ticket_events"
    __table_args__ = (Index("ix_ticket_events_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime] = mapped_column(Instant)
    actor_kind: Mapped[str] = mapped_column(String(10))
    actor_id: Mapped[int | None]
    actor_name: Mapped[str] = mapped_column(String(40), default="")
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"))
    text: Mapped[str] = mapped_column(Text, default="")
    note: Mapped[str] = mapped_column(Text, default="")
    visible_to_asker: Mapped[bool] = mapped_column(default=True)


class TicketCounter(Base):
    """The last running number given out at a center on a day."""

    __tablename__ = "ticket_counters"

    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
