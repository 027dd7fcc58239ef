"""Tables of the desk itself: what an account has arranged for its own work."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class Bell(Base):
    """Up to which line of the timelines an account has looked at its news."""

    __tablename__ = "desk_bells"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)
    seen_id: Mapped[int] = mapped_column(default=0)


class SavedView(Base):
    """A filter of the queue under a name. ``query``: the address's parameters.

    shared: the whole sub-center sees it (of the province: all its accounts).
    """

    __tablename__ = "desk_views"
    __table_args__ = (
        UniqueConstraint("account_id", "name"),
        Index("ix_desk_views_center", "center_id", "shared"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("centers.id"))
    name: Mapped[str] = mapped_column(String(24))
    query: Mapped[str] = mapped_column(String(400))
    shared: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(Instant)
