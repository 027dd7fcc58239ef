"""Job: what was written on tickets becomes findable, within seconds and in batches.

It reads what the timelines show to be new, so no service has to remember to tell it. Ids are given
out before the commit; a look back over the last lines takes up those that became visible late.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import insert_or_ignore
from core.fulltext import cut_words, replace_rows
from core.masking import masked
from core.texts import plain
from directory.model import Enterprise
from escalation.model import Ticket, TicketEvent
from escalation.model_search import SearchMark, SearchRow
from escalation.queries import identity_of

MARK = "tickets"
BATCH = 2000
LOOK_BACK = 300
DESK, EXPERT = "desk", "expert"


async def index_changed(session: AsyncSession, now: datetime) -> None:
    """Read the next lines, and index the tickets they belong to."""
    await insert_or_ignore(session, SearchMark, name=MARK, last_id=0)
    mark = await session.get_one(SearchMark, MARK, populate_existing=True)
    least = mark.last_id - LOOK_BACK
    lines = (
        await session.execute(
            select(TicketEvent.id, TicketEvent.ticket_id)
            .where(TicketEvent.id > least)
            .order_by(TicketEvent.id)
            .limit(BATCH)
        )
    ).all()
    if not lines:
        return
    await _index(session, {line.ticket_id for line in lines})
    last = lines[-1].id
    await session.execute(
        update(SearchMark)
        .where(SearchMark.name == MARK, SearchMark.last_id < last)
        .values(last_id=last)
    )


async def _index(session: AsyncSession, ids: Collection[int]) -> None:
    """Index those of the tickets that have lines which are not indexed yet."""
    counted = await session.execute(
        select(TicketEvent.ticket_id, func.count())
        .where(TicketEvent.ticket_id.in_(ids))
        .group_by(TicketEvent.ticket_id)
    )
    indexed = await session.execute(
        select(SearchRow.ticket_id, SearchRow.lines).where(
            SearchRow.kind == DESK, SearchRow.ticket_id.in_(ids)
        )
    )
    known = {row.ticket_id: row.lines for row in indexed}
    changed = {row[0]: row[1] for row in counted if known.get(row[0]) != row[1]}
    if not changed:
        return
    # In one order, so that two replicas at work on the same tickets wait and never deadlock.
    query = select(Ticket).where(Ticket.id.in_(changed)).order_by(Ticket.id)
    tickets = await session.scalars(query)
    texts = await _texts(session, changed)
    names = await _enterprises(session, changed)
    rows = []
    for ticket in tickets:
        lines, said = changed[ticket.id], texts.get(ticket.id, [])
        words = _for_desk(ticket, said, names.get(ticket.id, ()))
        rows.append({"kind": DESK, "ticket_id": ticket.id, "lines": lines, "words": words})
        if ticket.expert_id is not None:
            words = _for_expert(ticket, said, await identity_of(session, ticket))
            rows.append({"kind": EXPERT, "ticket_id": ticket.id, "lines": lines, "words": words})
    await replace_rows(session, SearchRow, rows, key=("kind", "ticket_id"))


def _for_desk(ticket: Ticket, said: Iterable[TicketEvent], enterprise: Iterable[str | None]) -> str:
    who = (ticket.number, ticket.person_name, ticket.phone, *enterprise)
    lines = (one for line in said for one in (line.text, line.note))
    scopes = ("every", f"center{ticket.center_id}")
    return cut_words([*who, *_matter(ticket), *lines], scopes)


def _for_expert(ticket: Ticket, said: Iterable[TicketEvent], hide: list[str | None]) -> str:
    shown = [line.text for line in said if line.visible_to_asker]
    words = [masked(one or "", hide) for one in (*_matter(ticket), *shown)]
    return cut_words([ticket.number, *words], (f"expert{ticket.expert_id}",))


def _matter(ticket: Ticket) -> tuple[str | None, ...]:
    return ticket.question, ticket.bot_question, plain(f"area.{ticket.area}")


async def _texts(session: AsyncSession, ids: Collection[int]) -> dict[int, list[TicketEvent]]:
    found: dict[int, list[TicketEvent]] = {}
    rows = await session.scalars(select(TicketEvent).where(TicketEvent.ticket_id.in_(ids)))
    for line in rows:
        found.setdefault(line.ticket_id, []).append(line)
    return found


async def _enterprises(
    session: AsyncSession, ids: Collection[int]
) -> dict[int, tuple[str, str | None]]:
    found = await session.execute(
        select(Ticket.id, Enterprise.name, Enterprise.uscc)
        .join(Enterprise, Enterprise.id == Ticket.enterprise_id)
        .where(Ticket.id.in_(ids))
    )
    return {row[0]: (row[1], row[2]) for row in found}
