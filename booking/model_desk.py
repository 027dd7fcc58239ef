"""Tables of the booking room that only the desk and calendars use."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class CalendarFeed(Base):
    """An advisor's private calendar subscription. Only the fingerprint of its token is kept."""

    __tablename__ = "calendar_feeds"

    id: Mapped[int] = mapped_column(primary_key=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisors.id"), unique=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(Instant)


class BusySource(Base):
    """An advisor's calendar elsewhere, by its ICS address.

    due_at: when it is to be read next. read_at: when what is kept was read.
    trouble: the key of a text that says why the last reading failed; empty when it did not.
    """

    __tablename__ = "busy_sources"
    __table_args__ = (Index("ix_busy_sources_due", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisors.id"), unique=True)
    url: Mapped[str] = mapped_column(String(500))
    due_at: Mapped[datetime] = mapped_column(Instant)
    read_at: Mapped[datetime | None] = mapped_column(Instant)
    tried_at: Mapped[datetime | None] = mapped_column(Instant)
    trouble: Mapped[str] = mapped_column(String(60), default="")


class BusySpan(Base):
    """A time at which an advisor is busy elsewhere; nothing else of that calendar is kept."""

    __tablename__ = "busy_spans"
    __table_args__ = (Index("ix_busy_spans_advisor", "advisor_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(ForeignKey("busy_sources.id"), index=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisors.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)


class ImportedRow(Base):
    """A row of a liaison's list that was booked; the unique key makes the same list harmless.

    fingerprint: of the center and of what the row says.
    """

    __tablename__ = "booking_imports"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"))


class IncentiveWeights(Base):
    """A center's own weights for the incentive summary, in points; set by its director.

    attended, no_show: for each; no_show is taken off. rating: for each star of the mean.
    prompt: where requests were answered in time on average.
    """

    __tablename__ = "incentive_weights"

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"), unique=True)
    attended: Mapped[int] = mapped_column(default=0)
    no_show: Mapped[int] = mapped_column(default=0)
    rating: Mapped[int] = mapped_column(default=0)
    prompt: Mapped[int] = mapped_column(default=0)
    set_at: Mapped[datetime] = mapped_column(Instant)
    set_by: Mapped[str] = mapped_column(String(60))
