"""An advisor's calendar elsewhere: name its address, and keep what was read from it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.busy import Busy, checked_address
from booking.conflicts import access_advisor
from booking.model_desk import BusySource, BusySpan
from core.database import changed
from directory.actor import Actor

BATCH = 20


async def set_source(
    session: AsyncSession,
    *,
    actor: Actor,
    advisor_id: int,
    url: str,
    hosts: Collection[str],
    now: datetime,
) -> BusySource:
    """Read this address from now on. What another address gave before is dropped.

    Raises BadAddress, UnknownAdvisor.
    """
    await access_advisor(session, actor, advisor_id)
    checked = checked_address(url, hosts)
    row = await source_of(session, advisor_id)
    if row is not None and row.url != checked:
        await _drop(session, row.id)
        row = None
    if row is None:
        row = BusySource(advisor_id=advisor_id, url=checked, due_at=now)
        session.add(row)
    row.due_at, row.trouble = now, ""
    await session.flush()
    return row


async def remove_source(session: AsyncSession, *, actor: Actor, advisor_id: int) -> None:
    """Forget the address and what it gave. Raises UnknownAdvisor."""
    await access_advisor(session, actor, advisor_id)
    row = await source_of(session, advisor_id)
    if row is not None:
        await _drop(session, row.id)


async def source_of(session: AsyncSession, advisor_id: int) -> BusySource | None:
    """The advisor's address, if any; access is the caller's to check."""
    return await session.scalar(select(BusySource).where(BusySource.advisor_id == advisor_id))


async def has_due(session: AsyncSession, now: datetime) -> bool:
    """Whether any source is to be read; asked first, so that an idle service writes nothing."""
    found = await session.scalar(select(BusySource.id).where(BusySource.due_at <= now).limit(1))
    return found is not None


async def claim_due(
    session: AsyncSession, *, every: timedelta, now: datetime
) -> list[tuple[int, str]]:
    """The sources to read now, as (id, address); each is claimed by moving its next reading."""
    found = await session.execute(
        select(BusySource.id, BusySource.url)
        .where(BusySource.due_at <= now)
        .order_by(BusySource.due_at)
        .limit(BATCH)
    )
    claimed = []
    for source_id, url in found.all():
        result = await session.execute(
            update(BusySource)
            .where(BusySource.id == source_id, BusySource.due_at <= now)
            .values(due_at=now + every, tried_at=now)
        )
        if changed(result):
            claimed.append((source_id, url))
    return claimed


async def store_spans(
    session: AsyncSession, *, source_id: int, url: str, spans: Sequence[Busy], now: datetime
) -> None:
    """Replace what is kept of a source as a whole, unless its address has changed meanwhile."""
    result = await session.execute(
        update(BusySource)
        .where(BusySource.id == source_id, BusySource.url == url)
        .values(read_at=now, trouble="")
    )
    if not changed(result):
        return
    row = await session.get_one(BusySource, source_id)
    await session.execute(delete(BusySpan).where(BusySpan.source_id == source_id))
    if spans:
        rows = [
            {"source_id": source_id, "advisor_id": row.advisor_id, "starts_at": a, "ends_at": b}
            for a, b in spans
        ]
        await session.execute(insert(BusySpan), rows)


async def note_trouble(session: AsyncSession, *, source_id: int, url: str, trouble: str) -> None:
    """Say on the page why it could not be read; what was read before stays."""
    await session.execute(
        update(BusySource)
        .where(BusySource.id == source_id, BusySource.url == url)
        .values(trouble=trouble)
    )


async def _drop(session: AsyncSession, source_id: int) -> None:
    await session.execute(delete(BusySpan).where(BusySpan.source_id == source_id))
    await session.execute(delete(BusySource).where(BusySource.id == source_id))
    await session.flush()
