"""What can be done with counts: record, reverse, close a month."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local
from core.database import insert_or_ignore
from core.errors import Refusal
from directory.actor import Actor
from ledger.catalogue import services
from ledger.model import ClosedMonth, ServiceCount


class MonthClosed(Refusal):
    key = "ledger.month_closed"


class MonthNotOver(Refusal):
    """Services of the month still come in; closed too soon, they could not be counted."""

    key = "ledger.month_not_over"


class AlreadyReversed(Refusal):
    key = "ledger.already_reversed"


class UnknownCount(Refusal):
    """There is none, or it is not this actor's business; which of the two is not told."""

    key = "deskwork.record.unknown"


def month_of(instant: datetime) -> str:
    """The ledger month (Asia/Shanghai) of an instant: ``2026-11``."""
    return f"{local(instant):%Y-%m}"


async def record(
    session: AsyncSession,
    *,
    code: str,
    center_id: int | None,
    source: str,
    handler: str,
    channel: str,
    now: datetime,
    enterprise_id: int | None = None,
    evidence: str = "",
    at: datetime | None = None,
    quantity: int = 1,
) -> bool:
    """Count one service. The same ``source`` counts once; True when this call counted it.

    ``quantity``: how many of its unit, where one service is several (学时、万元、人次).
    ``at`` dates it earlier than ``now`` (a walk-in entered the next day). Raises MonthClosed.
    KeyError for a code that the catalogue lacks.
    """
    services()[code]
    when = at or now
    await _require_open(session, when)
    return await insert_or_ignore(
        session,
        ServiceCount,
        code=code,
        center_id=center_id,
        at=when,
        quantity=quantity,
        enterprise_id=enterprise_id,
        handler=handler,
        source=source,
        evidence=evidence,
        channel=channel,
    )


async def open_instant(session: AsyncSession, *, at: datetime, now: datetime) -> datetime:
    """When to date what was done at ``at``: then, or now where that month is closed already."""
    closed = await session.get(ClosedMonth, month_of(at)) is not None
    return now if closed else at


async def access_count(session: AsyncSession, actor: Actor, count_id: int) -> ServiceCount:
    """A service that was counted (not a reversal), for its center and the province.

    Raises UnknownCount.
    """
    found = await session.get(ServiceCount, count_id)
    if found is None or found.reverses_id is not None or not actor.may_see_center(found.center_id):
        raise UnknownCount
    return found


async def reverse(
    session: AsyncSession, *, count_id: int, handler: str, reason: str, now: datetime
) -> None:
    """Take one count back with a reversing row dated now, in the open month."""
    await _require_open(session, now)
    original = (
        await session.scalars(select(ServiceCount).where(ServiceCount.id == count_id))
    ).one()
    done = await insert_or_ignore(
        session,
        ServiceCount,
        code=original.code,
        center_id=original.center_id,
        at=now,
        quantity=-original.quantity,
        enterprise_id=original.enterprise_id,
        handler=handler,
        source=f"reversal:{original.id}",
        evidence=reason,
        channel=original.channel,
        reverses_id=original.id,
    )
    if not done:
        raise AlreadyReversed


async def close_month(session: AsyncSession, *, month: str, by: str, now: datetime) -> bool:
    """Close a month for good. True when this call closed it. Raises MonthNotOver."""
    if month >= month_of(now):
        raise MonthNotOver(month=month)
    return await insert_or_ignore(session, ClosedMonth, month=month, closed_at=now, closed_by=by)


async def _require_open(session: AsyncSession, when: datetime) -> None:
    month = month_of(when)
    if await session.get(ClosedMonth, month) is not None:
        raise MonthClosed(month=month)
