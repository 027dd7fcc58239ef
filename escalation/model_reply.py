"""Tables of answering: talk between people, drafts, canned replies, mentions, files, links."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class Side(StrEnum):
    """Who said a line of the conversation beside a ticket."""

    ASKER = "asker"
    STAFF = "staff"
    BOT = "bot"


class TicketMessage(Base):
    """A line of the asker's chat that belongs to a ticket: written down before it is acted on.

    text: as typed; of the bot our small Markdown. account_id: who of the staff said it.
    sealed: the text, encrypted, where the ticket is confidential.
    """

    __tablename__ = "ticket_messages"
    __table_args__ = (Index("ix_ticket_messages_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    side: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(40), default="")
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    text: Mapped[str] = mapped_column(Text)
    sealed: Mapped[str | None] = mapped_column(Text)


class Talk(Base):
    """A person of the staff talks in a chat and the bot stays silent; one row a chat.

    last_at: the last word or 接管 of the staff; the bot goes on when it is long ago.
    acknowledged: the asker was told once that their words reach a person.
    flow_since: the asker tapped or typed a command since, so a flow under way is what they want.
    """

    __tablename__ = "talks"
    __table_args__ = (
        UniqueConstraint("channel", "chat"),
        Index("ix_talks_silent", "ended_at", "last_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(80))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    by: Mapped[str] = mapped_column(String(40))
    since: Mapped[datetime] = mapped_column(Instant)
    last_at: Mapped[datetime] = mapped_column(Instant)
    acknowledged: Mapped[bool] = mapped_column(default=False)
    flow_since: Mapped[bool] = mapped_column(default=False)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)


class CannedReply(Base):
    """A reply kept for use again. Owned by an account, else by a center, else by the province."""

    __tablename__ = "canned_replies"
    __table_args__ = (Index("ix_canned_replies_owner", "center_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("centers.id"))
    title: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    changed_by: Mapped[str] = mapped_column(String(40))
    changed_at: Mapped[datetime] = mapped_column(Instant)
    changes: Mapped[int] = mapped_column(default=0)
    retired_at: Mapped[datetime | None] = mapped_column(Instant)


class ReplyDraft(Base):
    """What a person is writing on a ticket and has not sent; ``field``: in which box.

    sent_at: when the box was last sent; a page opened before then may not fill it again.
    sealed: the text, encrypted, where the ticket is confidential.
    """

    __tablename__ = "reply_drafts"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    field: Mapped[str] = mapped_column(String(12), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    sealed: Mapped[str | None] = mapped_column(Text)
    saved_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime | None] = mapped_column(Instant)


class Presence(Base):
    """A person has the ticket open; the lease runs out when their page stops saying so."""

    __tablename__ = "ticket_presence"

    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    writing: Mapped[bool] = mapped_column(default=False)
    until: Mapped[datetime] = mapped_column(Instant)


class Mention(Base):
    """@somebody in an internal note. ``seen_at``: when they opened it.

    note: of a confidential ticket a placeholder; the words are sealed in the timeline.
    """

    __tablename__ = "mentions"
    __table_args__ = (Index("ix_mentions_unseen", "account_id", "seen_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    by: Mapped[str] = mapped_column(String(40))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime | None] = mapped_column(Instant)


class Attachment(Base):
    """A file of a ticket. ``stored``: its random name below var; the content is encrypted there.

    name, kind: as the sender called it, and what its content was found to be.
    link_id: the upload link it came by; none where staff attached it.
    """

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_ticket", "ticket_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(8))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    stored: Mapped[str] = mapped_column(String(64), unique=True)
    by: Mapped[str] = mapped_column(String(40), default="")
    by_party: Mapped[str] = mapped_column(String(10))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    link_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(Instant)


class AttachmentUse(Base):
    """A download, written before the first byte goes out. Only grows."""

    __tablename__ = "attachment_uses"
    __table_args__ = (Index("ix_attachment_uses_attachment", "attachment_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id"))
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    link_id: Mapped[int | None]
    who: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(Instant)


class Purpose(StrEnum):
    """What a link without sign-in opens."""

    UPLOAD = "upload"  # the asker's page to add a file, once
    EXPERT = "expert"  # the expert's page of one ticket
    FILE = "file"  # one download of one file


class TicketLink(Base):
    """A link that opens one thing without sign-in. Only the fingerprint of its token is kept.

    browser: fingerprint of the cookie of the browser that opened it first; no other one may.
    used_at: when a one-time link was used up.
    for_event: the passing-on it was sent for, so that it is sent once.
    """

    __tablename__ = "ticket_links"
    __table_args__ = (Index("ix_ticket_links_ticket", "ticket_id", "purpose"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    purpose: Mapped[str] = mapped_column(String(8))
    ticket_id: Mapped[int] = mapped_column(ForeignKey("tickets.id"))
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"))
    attachment_id: Mapped[int | None] = mapped_column(ForeignKey("attachments.id"))
    for_event: Mapped[int | None] = mapped_column(ForeignKey("ticket_events.id"), unique=True)
    browser: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class LinkUse(Base):
    """An opening of a link, or an attempt at one. Only grows."""

    __tablename__ = "link_uses"
    __table_args__ = (Index("ix_link_uses_link", "link_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("ticket_links.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    outcome: Mapped[str] = mapped_column(String(16))
