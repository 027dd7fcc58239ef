"""Tables of the curated base: versions of entries, their audit trail, flags, exams."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class State(StrEnum):
    """Where a version stands: draft → reviewed → published → expired; withdrawn before that."""

    DRAFT = "draft"  # 草稿
    REVIEWED = "reviewed"  # 已复核
    PUBLISHED = "published"  # 已发布
    EXPIRED = "expired"  # 已失效：有了新版本，或已下线
    WITHDRAWN = "withdrawn"  # 已撤回


class Why(StrEnum):
    """Why a question counts as one without a good answer."""

    UNSURE = "unsure"  # 没把握，没有回答
    UNCLEAR = "unclear"  # 没看懂
    REJECTED = "rejected"  # 给出的选择都不是
    UNHELPFUL = "unhelpful"  # 回答了，没解决


OPEN = (State.DRAFT, State.REVIEWED)


class EntryVersion(Base):
    """One version of an entry: the exact texts of its files, base text and ``@day`` texts.

    number: counts the versions of an entry from 1.
    files: text by name relative to the folder, e.g. ``trademark/oppose@2027-01-01.md``.
    fingerprint: hash of the files. title: the question, for lists.
    based_on: number of the version that was published when the draft was begun.
    source: where the words came from: ``desk``, ``import``, or what a draft was made of.
    moves: how often it changed; every change is conditional on it.
    """

    __tablename__ = "kb_versions"
    __table_args__ = (
        UniqueConstraint("entry_id", "number"),
        Index("ix_kb_versions_state", "state", "entry_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(80))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default=State.DRAFT)
    files: Mapped[dict[str, str]] = mapped_column(JSON)
    fingerprint: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(80), default="")
    based_on: Mapped[int | None]
    why: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(40), default="desk")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    author: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant)
    reviewer_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    reviewer: Mapped[str] = mapped_column(String(40), default="")
    review_note: Mapped[str] = mapped_column(Text, default="")
    reviewed_at: Mapped[datetime | None] = mapped_column(Instant)
    publisher_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    publisher: Mapped[str] = mapped_column(String(40), default="")
    published_at: Mapped[datetime | None] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    moves: Mapped[int] = mapped_column(default=0)


class EntryEvent(Base):
    """One line of the audit trail: who did what to an entry, when, why, and what it changed.

    verb: draft, edit, review, send_back, withdraw, publish, expire, import, flag, unflag, exam.
    diff: unified difference of the files, where words changed.
    """

    __tablename__ = "kb_events"
    __table_args__ = (Index("ix_kb_events_entry", "entry_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(80))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("kb_versions.id"))
    verb: Mapped[str] = mapped_column(String(10))
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    actor: Mapped[str] = mapped_column(String(40))
    why: Mapped[str] = mapped_column(Text, default="")
    diff: Mapped[str] = mapped_column(Text, default="")


class Edition(Base):
    """One row that counts what changes the answers. Its lock makes publications take turns."""

    __tablename__ = "kb_edition"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(default=0)
    changed_at: Mapped[datetime] = mapped_column(Instant)


class Flag(Base):
    """An entry to look at, because an article it cites changes (or a whole law: no article).

    from_day: from when its texts of before are not stated as certain any more.
    cleared: how it was settled: ``published`` (a new version) or ``unchanged`` (looked at).
    """

    __tablename__ = "kb_flags"
    __table_args__ = (
        UniqueConstraint("entry_id", "law", "article", "from_day"),
        Index("ix_kb_flags_open", "cleared_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[str] = mapped_column(String(80))
    law: Mapped[str] = mapped_column(String(80))
    article: Mapped[str] = mapped_column(String(20), default="")
    from_day: Mapped[date]
    why: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    actor: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Instant)
    cleared_at: Mapped[datetime | None] = mapped_column(Instant)
    cleared_by: Mapped[str] = mapped_column(String(40), default="")
    cleared: Mapped[str] = mapped_column(String(10), default="")
    note: Mapped[str] = mapped_column(Text, default="")


class Gap(Base):
    """A question that was asked without a good answer. Who asked is not kept.

    mark: of a chat, a day and a question, so that one person asking again and again counts once.
    why: see ``Why``. entry_id: the entry that was given, where one was.
    handled: ``draft`` (a new entry), ``asks`` (ways of asking of an entry) or ``left``.
    """

    __tablename__ = "kb_gaps"
    __table_args__ = (Index("ix_kb_gaps_open", "handled_at", "id"), Index("ix_kb_gaps_day", "day"))

    id: Mapped[int] = mapped_column(primary_key=True)
    mark: Mapped[str] = mapped_column(String(64), unique=True)
    day: Mapped[date]
    question: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(String(10))
    entry_id: Mapped[str | None] = mapped_column(String(80))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("centers.id"))
    handled_at: Mapped[datetime | None] = mapped_column(Instant)
    handled_by: Mapped[str] = mapped_column(String(40), default="")
    handled: Mapped[str] = mapped_column(String(10), default="")
    note: Mapped[str] = mapped_column(Text, default="")


class Exam(Base):
    """What a version would change in the answers, found before it is published.

    base: fingerprint of the whole base as it would be; any other publication makes it stale.
    done, total: questions replayed. result: counts, and the questions answered differently.
    """

    __tablename__ = "kb_exams"
    __table_args__ = (Index("ix_kb_exams_version", "version_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("kb_versions.id"))
    base: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime] = mapped_column(Instant)
    started_by: Mapped[str] = mapped_column(String(40))
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    finished_at: Mapped[datetime | None] = mapped_column(Instant)
    failed: Mapped[str] = mapped_column(Text, default="")
    result: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)
    seen_by: Mapped[str] = mapped_column(String(40), default="")
