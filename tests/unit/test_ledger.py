"""Closing a month."""

import pytest

from ledger.service import MonthNotOver, close_month
from tests.world import World


async def test_a_month_is_closed_after_it_is_over_and_once(world: World) -> None:
    async with world.session() as session:
        for month in ("2026-11", "2026-12", "2027-01"):
            with pytest.raises(MonthNotOver):
                await close_month(session, month=month, by="x", now=world.clock())
        assert await close_month(session, month="2026-10", by="x", now=world.clock())
        assert not await close_month(session, month="2026-10", by="x", now=world.clock())
