"""Tables of the search over tickets."""

from sqlalchemy import String, Table, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base
from core.fulltext import make_searchable


class SearchRow(Base):
    """The words of a ticket, cut (see ``core.fulltext``), as one kind of reader may find them.

    kind: "desk" for its center and the province, "expert" for the expert it is with: without what
    tells who asks. lines: how many lines of the timeline are in it.
    """

    __tablename__ = "search_rows"
    __table_args__ = (UniqueConstraint("kind", "ticket_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    ticket_id: Mapped[int]
    lines: Mapped[int] = mapped_column(default=0)
    words: Mapped[str] = mapped_column(Text, default="")


class SearchMark(Base):
    """Up to which line of the timelines the search has read."""

    __tablename__ = "search_marks"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    last_id: Mapped[int] = mapped_column(default=0)


assert isinstance(SearchRow.__table__, Table)
make_searchable(SearchRow.__table__)
