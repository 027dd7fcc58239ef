"""Tables of the conversation."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class Inbox(Base):
    """An event that was handled. Its unique key is what makes a repeat change nothing."""

    __tablename__ = "inbox"
    __table_args__ = (
        UniqueConstraint("channel", "event_id"),
        Index("ix_inbox_chat", "channel", "chat", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(80))
    chat: Mapped[str] = mapped_column(String(80))
    text: Mapped[str] = mapped_column(Text)
    received_at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(20), default="")


class Conversation(Base):
    """One chat. Its row is locked while a message of the chat is handled.

    flow, step, data, trail: the multi-step flow under way, and the steps behind it (返回).
    session_*: the bot session (会话) that Z02 counts; 30 minutes of silence end it.
    """

    __tablename__ = "conversations"
    __table_args__ = (UniqueConstraint("channel", "chat"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(80))
    lang: Mapped[str] = mapped_column(String(5), default="zh")
    center_id: Mapped[int | None] = mapped_column(ForeignKey("centers.id"))
    asked_center: Mapped[bool] = mapped_column(default=False)
    flow: Mapped[str | None] = mapped_column(String(20))
    step: Mapped[str | None] = mapped_column(String(20))
    data: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    trail: Mapped[list[Any]] = mapped_column(JSON, default=list)
    last_question: Mapped[str | None] = mapped_column(Text)
    last_entry: Mapped[str | None] = mapped_column(String(80))
    last_at: Mapped[datetime] = mapped_column(Instant)
    session_started_at: Mapped[datetime] = mapped_column(Instant)
    session_answered: Mapped[bool] = mapped_column(default=False)
    session_counted: Mapped[bool] = mapped_column(default=False)
