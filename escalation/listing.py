"""The queue in pages: narrowed, in the order of due dates, by key and never by offset.

Each status is read by itself along an index and the pieces are merged, so that the time a page
takes depends on the page and not on how many tickets there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, literal, select, tuple_, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import at_local
from core.database import Instant
from directory.actor import Actor
from escalation.model import Status, Ticket
from escalation.queries import Sheet, with_names, worked_on_by

Key = tuple[datetime, int]


@dataclass(frozen=True)
class Wanted:
    """Which tickets. Empty fields do not narrow.

    assignee_id: 0 for those that nobody has taken. enterprises: none of them where it is an empty
    tuple. since, until: days on which the matter was brought. due_before, due_from: the answer's.
    """

    statuses: tuple[Status, ...]
    area: str = ""
    source: str = ""
    channel: str = ""
    assignee_id: int | None = None
    enterprises: tuple[int, ...] | None = None
    since: date | None = None
    until: date | None = None
    due_from: datetime | None = None
    due_before: datetime | None = None
    newest_first: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        """As conditions on the columns."""
        found: list[ColumnElement[bool]] = []
        for column, value in ((Ticket.area, self.area), (Ticket.source, self.source)):
            if value:
                found.append(column == value)
        if self.channel:
            found.append(Ticket.channel == (None if self.channel == WINDOW else self.channel))
        if self.assignee_id is not None:
            found.append(Ticket.assignee_id == (self.assignee_id or None))
        if self.enterprises is not None:
            found.append(Ticket.enterprise_id.in_(self.enterprises))
        if self.since is not None:
            found.append(Ticket.created_at >= at_local(self.since))
        if self.until is not None:
            found.append(Ticket.created_at < at_local(self.until + timedelta(days=1)))
        if self.due_from is not None:
            found.append(Ticket.due_at >= self.due_from)
        if self.due_before is not None:
            found.append(Ticket.due_at < self.due_before)
        return found


WINDOW = "window"  # no channel: it came over the counter


@dataclass(frozen=True)
class Page:
    """Part of the list. ``before``, ``after``: the keys that lead on; None at an end."""

    sheets: list[Sheet]
    before: Key | None
    after: Key | None


async def page(
    session: AsyncSession,
    actor: Actor,
    wanted: Wanted,
    *,
    size: int,
    after: Key | None = None,
    before: Key | None = None,
) -> Page:
    """The page that follows ``after`` or precedes ``before``; the first without either."""
    back = before is not None
    key = before if back else after
    ids = await _ids(session, actor, wanted, size + 1, key, back=back)
    more, shown = len(ids) > size, ids[:size]
    if back:
        shown.reverse()
    found = await session.execute(with_names().where(Ticket.id.in_(shown)))
    by_id = {row[0].id: Sheet(*row) for row in found}
    sheets = [by_id[ticket_id] for ticket_id in shown if ticket_id in by_id]
    if not sheets:
        return Page([], None, None)
    first, last = sheets[0].ticket, sheets[-1].ticket
    return Page(
        sheets,
        before=(first.due_at, first.id) if (more if back else after is not None) else None,
        after=(last.due_at, last.id) if (back or more) else None,
    )


async def _ids(
    session: AsyncSession, actor: Actor, wanted: Wanted, limit: int, key: Key | None, *, back: bool
) -> list[int]:
    falling = wanted.newest_first != back
    branches: Sequence[Select[int, datetime]] = [
        _branch(actor, wanted, status, limit, key, falling=falling) for status in wanted.statuses
    ]
    pieces = [select(branch.subquery()) for branch in branches]
    merged = union_all(*pieces).subquery()
    order = (merged.c.due_at, merged.c.id)
    query = select(merged.c.id).order_by(*(c.desc() if falling else c for c in order))
    return list(await session.scalars(query.limit(limit)))


def _branch(
    actor: Actor, wanted: Wanted, status: Status, limit: int, key: Key | None, *, falling: bool
) -> Select[int, datetime]:
    query = select(Ticket.id, Ticket.due_at).where(
        worked_on_by(actor), Ticket.status == status, *wanted.conditions()
    )
    if key is not None:
        here = tuple_(Ticket.due_at, Ticket.id)
        there = tuple_(literal(key[0], Instant()), literal(key[1]))
        query = query.where(here < there if falling else here > there)
    order = (Ticket.due_at, Ticket.id)
    return query.order_by(*(c.desc() if falling else c for c in order)).limit(limit)
