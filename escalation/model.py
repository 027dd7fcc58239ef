"""Tables of escalation. Rows are never deleted; a ticket's past is its timeline."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
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
    RETURNED = "returned"  # 退回: not for us
    TRANSFERRED = "transferred"  # 转出: to the court or an office outside
    MERGED = "merged"  # 合并: goes on in another ticket


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
    due_steps: what ``due_at`` follows from (``deadlines.Step``), so that it can be computed anew.
    reply_due_at: until when a person first replies; first_reply_at: when one did.
    legal_due: the asker's own legal deadline. urgent: it is near, so that a person calls.
    alert_at: when the job next looks at this ticket's warnings; none: at once.
    opponent_id: the other side of a dispute, whose experts are kept away.
    merged_into_id: the ticket that this one goes on in (status merged), or the earlier one whose
        Z01 covers it as a follow-up.
    confidential: its words are only in ``sealed`` (see ``sealing``); the text columns say so.
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
        Index("ix_tickets_merged", "merged_into_id"),
        Index("ix_tickets_oldest", "status", "created_at"),
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
    expert_accept_due_at: Mapped[datetime | None] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    due_steps: Mapped[list[list[str | int]]] = mapped_column(JSON, default=list)
    reply_due_at: Mapped[datetime | None] = mapped_column(Instant)
    first_reply_at: Mapped[datetime | None] = mapped_column(Instant)
    legal_due: Mapped[date | None]
    urgent: Mapped[bool] = mapped_column(default=False)
    alert_at: Mapped[datetime | None] = mapped_column(Instant)
    extended_at: Mapped[datetime | None] = mapped_column(Instant)
    waiting_since: Mapped[datetime | None] = mapped_column(Instant)
    waiting_reminded_at: Mapped[datetime | None] = mapped_column(Instant)
    overdue_told_at: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    closed_at: Mapped[datetime | None] = mapped_column(Instant)
    rating: Mapped[int | None]
    rating_reason: Mapped[str | None] = mapped_column(Text)
    opponent_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("tickets.id"))
    confidential: Mapped[bool] = mapped_column(default=False)
    sealed: Mapped[str | None] = mapped_column(Text)
    opened_by: Mapped[str] = mapped_column(String(80), unique=True)
    moves: Mapped[int] = mapped_column(default=0)


class TicketEvent(Base):
    """One line of a ticket's timeline (经过): who did what, when, and the words that go with it.

    kind: "opened", "overdue", "merged", or the verb of ``lifecycle.TRANSITIONS`` that was done.
    actor_kind: the ``lifecycle.Party``; actor_id: the contact's or account's id.
    expert_id: the expert concerned, where one is.
    text: words for everybody who may see the line. note: words for staff alone.
    sealed: both, encrypted, where the ticket is confidential.
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
    sealed: Mapped[str | None] = mapped_column(Text)


class AlertKind(StrEnum):
    """What somebody at the desk must know before it is too late."""

    HALF = "half"  # 50% of the time to the answer is gone
    LATE_SOON = "late_soon"  # 80% is gone
    NOT_TAKEN = "not_taken"  # nobody took it in time
    CALL = "call"  # urgent: call the asker
    CONTACT = "contact"  # a bad rating: contact the asker
    SETTLE = "settle"  # a bad rating: settle the matter


class TicketAlert(Base):
    """A warning on the desk, one of each kind for each run of the clock.

    account_id: the person in charge; none: everybody of the center. since: the start of the run.
    due_at: until when it must be done; done_at: when it was, or no longer mattered.
    """

    __tablename__ = "ticket_alerts"
    __table_args__ = (
        UniqueConstraint("ticket_id", "kind", "since"),
        Index("ix_ticket_alerts_open", "done_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    kind: Mapped[str] = mapped_column(String(12))
    since: Mapped[datetime] = mapped_column(Instant)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    done_at: Mapped[datetime | None] = mapped_column(Instant)


class Opinion(Base):
    """One expert's seat on a ticket's panel (会诊), and what they think.

    The reporter is the ticket's ``expert_id`` and sends the answer.
    text: of a confidential ticket a placeholder; the words are sealed in the timeline.
    """

    __tablename__ = "ticket_opinions"
    __table_args__ = (
        UniqueConstraint("ticket_id", "expert_id", "since"),
        Index("ix_ticket_opinions_expert", "expert_id", "given_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    expert_id: Mapped[int] = mapped_column(ForeignKey("experts.id"))
    since: Mapped[datetime] = mapped_column(Instant)
    stance: Mapped[str | None] = mapped_column(String(10))
    text: Mapped[str] = mapped_column(Text, default="")
    given_at: Mapped[datetime | None] = mapped_column(Instant)


class TicketCounter(Base):
    """The last running number given out at a center on a day."""

    __tablename__ = "ticket_counters"

    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)
