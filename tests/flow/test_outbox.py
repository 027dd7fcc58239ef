"""The outbox: in order, once, again after a crash, parked when hopeless."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.pump import Pump
from core import outbox
from core.database import Database
from core.errors import DeliveryError
from core.messages import Address, Button, Message, column
from core.outbox import OutboxRow, OutboxState, RetryPolicy
from tests.fakes import FakeChannel, FakeClock

POLICY = RetryPolicy(lease=timedelta(seconds=60), delays=(timedelta(seconds=5),) * 2)


async def put(database: Database, clock: FakeClock, chat: str, *, buttons: bool = False) -> None:
    menu = column(Button("start.button_me", "me.start")) if buttons else ()
    async with database.transaction() as session:
        message = Message("bot.cancelled", buttons=menu)
        outbox.put(session, Address("fake", chat), message, now=clock())


async def states(database: Database) -> list[tuple[str, int]]:
    async with database.reading() as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [(row.state, row.attempts) for row in rows]


@pytest.fixture
def parts(database: Database) -> tuple[Database, FakeChannel, FakeClock, Pump]:
    channel, clock = FakeChannel(), FakeClock()
    return database, channel, clock, Pump(database, {"fake": channel}, POLICY, clock)


Parts = tuple[Database, FakeChannel, FakeClock, Pump]


async def test_rows_of_a_chat_go_out_in_order(parts: Parts) -> None:
    database, channel, clock, pump = parts
    for chat in ("a", "b", "a", "a", "b"):
        await put(database, clock, chat)
    await pump.drain("fake")
    for chat, count in (("a", 3), ("b", 2)):
        ids = [row.id for row in channel.rows if row.chat == chat]
        assert len(ids) == count
        assert ids == sorted(ids)


async def test_a_failed_row_is_tried_again_and_nothing_overtakes_it(parts: Parts) -> None:
    database, channel, clock, pump = parts
    await put(database, clock, "a")
    await put(database, clock, "a")
    channel.failures = [DeliveryError("net", permanent=False)]
    await pump.drain("fake")
    assert channel.rows == []
    clock.move(seconds=4)
    await pump.drain("fake")
    assert channel.rows == []
    clock.move(seconds=2)
    await pump.drain("fake")
    assert [row.id for row in channel.rows] == sorted(row.id for row in channel.rows)
    assert await states(database) == [(OutboxState.SENT, 2), (OutboxState.SENT, 1)]


async def test_the_other_side_says_how_long_to_wait(parts: Parts) -> None:
    database, channel, clock, pump = parts
    await put(database, clock, "a")
    wait = timedelta(seconds=37)
    channel.failures = [DeliveryError("429", permanent=False, retry_after=wait)]
    await pump.drain("fake")
    clock.move(seconds=36)
    await pump.drain("fake")
    assert channel.rows == []
    clock.move(seconds=1)
    await pump.drain("fake")
    assert len(channel.rows) == 1


async def test_hopeless_rows_are_parked_and_do_not_block_the_chat(parts: Parts) -> None:
    database, channel, clock, pump = parts
    await put(database, clock, "a")
    await put(database, clock, "a")
    channel.failures = [DeliveryError("blocked", permanent=True)]
    await pump.drain("fake")
    assert await states(database) == [(OutboxState.PARKED, 1), (OutboxState.SENT, 1)]


async def test_a_row_is_parked_after_the_last_delay(parts: Parts) -> None:
    database, channel, clock, pump = parts
    await put(database, clock, "a")
    channel.failures = [DeliveryError("net", permanent=False) for _ in range(9)]
    for _ in range(5):
        await pump.drain("fake")
        clock.move(seconds=6)
    assert await states(database) == [(OutboxState.PARKED, 3)]


async def test_a_claim_whose_owner_died_is_free_after_its_lease(parts: Parts) -> None:
    database, channel, clock, pump = parts
    await put(database, clock, "a")
    async with database.transaction() as session:
        assert len(await outbox.claim(session, "fake", now=clock(), policy=POLICY)) == 1
    await pump.drain("fake")
    assert channel.rows == []
    clock.move(seconds=61)
    await pump.drain("fake")
    assert len(channel.rows) == 1


async def test_a_chat_waits_its_interval(parts: Parts) -> None:
    database, channel, clock, pump = parts
    channel.chat_interval = 1.0
    await put(database, clock, "a")
    await put(database, clock, "a")
    await put(database, clock, "b")
    await pump.drain("fake")
    assert [row.chat for row in channel.rows] == ["a", "b"]
    clock.move(seconds=1)
    await pump.drain("fake")
    assert [row.chat for row in channel.rows] == ["a", "b", "a"]


async def test_a_button_works_only_in_its_own_chat(parts: Parts) -> None:
    database, channel, clock, pump = parts
    await put(database, clock, "a", buttons=True)
    await pump.drain("fake")
    menu = channel.rows[0].menu or ""
    async with database.reading() as session:
        assert await outbox.action_of(session, Address("fake", "a"), menu, 0) == "me.start"
        assert await outbox.action_of(session, Address("fake", "b"), menu, 0) is None
        assert await outbox.action_of(session, Address("fake", "a"), menu, 7) is None


async def test_a_replica_that_lost_its_claim_does_not_bring_a_sent_row_back(parts: Parts) -> None:
    database, channel, clock, pump = parts
    await put(database, clock, "a")
    async with database.transaction() as session:
        lost = await outbox.claim(session, "fake", now=clock(), policy=POLICY)
    clock.move(seconds=61)
    await pump.drain("fake")
    async with database.transaction() as session:
        late = DeliveryError("timed out", permanent=False)
        await outbox.mark_failed(session, lost[0], late, now=clock(), policy=POLICY)
    clock.move(minutes=10)
    await pump.drain("fake")
    assert len(channel.rows) == 1
    assert await states(database) == [(OutboxState.SENT, 2)]


async def test_a_slow_row_does_not_leave_the_quick_ones_unsent(parts: Parts) -> None:
    database, _, clock, _ = parts
    hanging, other = HangingChannel(), FakeChannel()
    for chat in ("hangs", "a", "b"):
        await put(database, clock, chat)
    pump = Pump(database, {"fake": hanging}, POLICY, clock)
    stuck = asyncio.create_task(pump.drain("fake"))
    await asyncio.wait([stuck], timeout=0.3)
    clock.move(seconds=61)
    await Pump(database, {"fake": other}, POLICY, clock).drain("fake")
    assert [row.chat for row in other.rows] == ["hangs"]
    stuck.cancel()
    await asyncio.gather(stuck, return_exceptions=True)


class HangingChannel(FakeChannel):
    """One chat's other end does not answer."""

    async def send(self, row: OutboxRow) -> None:
        if row.chat == "hangs":
            await asyncio.Event().wait()
        await super().send(row)


async def test_one_chat_can_be_sent_alone(parts: Parts) -> None:
    database, channel, clock, pump = parts
    for chat in ("a", "b"):
        await put(database, clock, chat)
    await pump.drain("fake", chat="b")
    assert [row.chat for row in channel.rows] == ["b"]
