"""Reads over the ledger."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import at_local
from ledger.model import ServiceCount


def month_bounds(month: str) -> tuple[datetime, datetime]:
    """First instant of a month (``2026-11``, Asia/Shanghai) and of the next. ValueError if bad."""
    first = date.fromisoformat(f"{month}-01")
    following = date(first.year + first.month // 12, first.month % 12 + 1, 1)
    return at_local(first), at_local(following)


async def totals(
    session: AsyncSession, month: str, center_id: int | None = None
) -> dict[tuple[int | None, str], int]:
    """Net quantity by (center, code) of a month; of one center where given."""
    start, end = month_bounds(month)
    query = (
        select(ServiceCount.center_id, ServiceCount.code, func.sum(ServiceCount.quantity))
        .where(ServiceCount.at >= start, ServiceCount.at < end)
        .group_by(ServiceCount.center_id, ServiceCount.code)
    )
    if center_id is not None:
        query = query.where(ServiceCount.center_id == center_id)
    return {(center, code): int(sum_) for center, code, sum_ in await session.execute(query)}


async def enterprises_served(session: AsyncSession, month: str) -> dict[int | None, int]:
    """服务企业数: distinct enterprises with a count that still stands, by center."""
    start, end = month_bounds(month)
    standing = (
        select(ServiceCount.center_id, ServiceCount.enterprise_id)
        .where(
            ServiceCount.at >= start,
            ServiceCount.at < end,
            ServiceCount.enterprise_id.is_not(None),
        )
        .group_by(ServiceCount.center_id, ServiceCount.enterprise_id, ServiceCount.code)
        .having(func.sum(ServiceCount.quantity) > 0)
        .subquery()
    )
    query = select(standing.c.center_id, func.count(distinct(standing.c.enterprise_id))).group_by(
        standing.c.center_id
    )
    return {row[0]: row[1] for row in await session.execute(query)}


async def reversed_among(session: AsyncSession, ids: Sequence[int]) -> set[int]:
    """Which of these rows were taken back."""
    found = await session.scalars(
        select(ServiceCount.reverses_id).where(ServiceCount.reverses_id.in_(ids))
    )
    return {count_id for count_id in found if count_id is not None}


async def rows_of_month(
    session: AsyncSession, month: str, center_id: int | None = None
) -> Sequence[ServiceCount]:
    """Every row of a month in order: what an inspector samples."""
    start, end = month_bounds(month)
    query = select(ServiceCount).where(ServiceCount.at >= start, ServiceCount.at < end)
    if center_id is not None:
        query = query.where(ServiceCount.center_id == center_id)
    return (await session.scalars(query.order_by(ServiceCount.at, ServiceCount.id))).all()
