"""Job: what was written on tickets becomes findable, within seconds and in batches.

It reads what the timelines show to be new, so no service has to remember to tell it. Ids are given
out before the commit; a look back over the last lines takes up those that became visible late.
"""

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import insert_or_ignore
from core.fulltext import cut_words
from core.texts import plain
from directory.model import Enterprise
from escalation.masking import masked
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
    tickets = await session.scalars(select(Ticket).where(Ticket.id.in_(changed)))
    texts = await _texts(session, changed)
    names = await _enterprises(session, changed)
    for ticket in tickets:
        said = texts.get(ticket.id, [])
        await _index_one(session, ticket, changed[ticket.id], said, names.get(ticket.id, ()))


async def _index_one(
    session: AsyncSession,
    ticket: Ticket,
    lines: int,
    said: list[TicketEvent],
    enterprise: Iterable[str | None],
) -> None:
    matter = [ticket.question, ticket.bot_question, plain(f"area.{ticket.area}")]
    who = [ticket.number, ticket.person_name, ticket.phone, *enterprise]
    words = [one for line in said for one in (line.text, line.note)]
    scopes = ("every", f"center{ticket.center_id}")
    await _put(session, ticket, DESK, lines, cut_words([*who, *matter, *words], scopes))
    if ticket.expert_id is None:
        return
    hide = await identity_of(session, ticket)
    shown = [masked(line.text, hide) for line in said if line.visible_to_asker]
    matter = [masked(one or "", hide) for one in matter]
    cut = cut_words([ticket.number, *matter, *shown], (f"expert{ticket.expert_id}",))
    await _put(session, ticket, EXPERT, lines, cut)


async def _put(session: AsyncSession, ticket: Ticket, kind: str, lines: int, words: str) -> None:
    fresh = await insert_or_ignore(
        session, SearchRow, kind=kind, ticket_id=ticket.id, lines=lines, words=words
    )
    if not fresh:
        await session.execute(
            update(SearchRow)
            .where(SearchRow.kind == kind, SearchRow.ticket_id == ticket.id)
            .values(lines=lines, words=words)
        )


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
