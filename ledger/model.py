"""Tables of the ledger. Rows are never edited or deleted; a reversing row corrects."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class ServiceCount(Base):
    """One service done, or the reversal of one. ``source`` names the event that caused it."""

    __tablename__ = "service_counts"
    __table_args__ = (
        UniqueConstraint("code", "source"),
        Index("ix_service_counts_month", "center_id", "at"),
        Index("ix_service_counts_reverses", "reverses_id"),
        Index("ix_service_counts_enterprise", "enterprise_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(4))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("centers.id"))
    at: Mapped[datetime] = mapped_column(Instant)
    quantity: Mapped[int] = mapped_column(default=1)
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    handler: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(80))
    evidence: Mapped[str] = mapped_column(String(200), default="")
    channel: Mapped[str] = mapped_column(String(20))
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("service_counts.id"))


class ClosedMonth(Base):
    """A month (``2026-11``) whose figures were handed in; it accepts no more rows."""

    __tablename__ = "closed_months"

    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(Instant)
    closed_by: Mapped[str] = mapped_column(String(60))
