"""The outbox pump: sends what was committed, channel by channel."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from aiolimiter import AsyncLimiter

from bot.channels.port import Channel
from core import outbox
from core.clock import Clock
from core.database import Database
from core.errors import DeliveryError
from core.outbox import OutboxRow, RetryPolicy

log = logging.getLogger(__name__)

IDLE_SECONDS = 1.0


class Pump:
    """Claims due rows, sends them, and writes down what became of each."""

    def __init__(
        self,
        database: Database,
        channels: Mapping[str, Channel],
        policy: RetryPolicy,
        clock: Clock,
    ) -> None:
        self.database = database
        self.channels = channels
        self.policy = policy
        self.clock = clock
        self._wakers = {name: asyncio.Event() for name in channels}
        self._limiters = {
            name: AsyncLimiter(channel.per_second, 1)
            for name, channel in channels.items()
            if channel.per_second
        }

    def wake(self) -> None:
        """Something was committed: look now."""
        for waker in self._wakers.values():
            waker.set()

    async def run(self) -> None:
        """Send until cancelled, every channel on its own."""
        async with asyncio.TaskGroup() as group:
            for name in self.channels:
                group.create_task(self._run_channel(name))

    async def drain(self, name: str, chat: str | None = None) -> int:
        """Send everything that is due on a channel, or in one chat; how many rows were tried."""
        tried = 0
        while batch := await self._pass(name, chat):
            tried += batch
        return tried

    async def _run_channel(self, name: str) -> None:
        while True:
            try:
                await self.drain(name)
            except Exception:
                log.exception("outbox of %s failed; tried again in a second", name)
            waker = self._wakers[name]
            # wait_for would swallow a cancellation that comes together with the waking.
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await waker.wait()
            waker.clear()

    async def _pass(self, name: str, chat: str | None) -> int:
        channel, now = self.channels[name], self.clock()
        async with self.database.transaction() as session:
            claimed = await outbox.claim(
                session,
                name,
                now=now,
                policy=self.policy,
                chat=chat,
                chat_interval=timedelta(seconds=channel.chat_interval),
            )
        under_way = {asyncio.create_task(self._send(channel, row)): row for row in claimed}
        try:
            while under_way:
                done, _ = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
                await self._write_down({under_way.pop(task): task.result() for task in done})
        finally:
            for task in under_way:
                task.cancel()
        return len(claimed)

    async def _write_down(self, ends: Mapping[OutboxRow, DeliveryError | None]) -> None:
        """What became of rows, as soon as it is known: a slow one must not leave the quick ones
        looking unsent until their lease ends and another replica sends them again."""
        now = self.clock()
        async with self.database.transaction() as session:
            for row, failure in ends.items():
                if failure is None:
                    await outbox.mark_sent(session, row.id, now=now)
                else:
                    await outbox.mark_failed(session, row, failure, now=now, policy=self.policy)

    async def _send(self, channel: Channel, row: OutboxRow) -> DeliveryError | None:
        limiter = self._limiters.get(channel.name)
        if limiter is not None:
            await limiter.acquire()
        try:
            await channel.send(row)
        except DeliveryError as error:
            log.warning("outbox row %s not sent: %s", row.id, error.reason)
            return error
        except Exception as error:
            log.exception("outbox row %s: a bug in channel %s", row.id, channel.name)
            return DeliveryError(f"bug: {error!r}", permanent=False)
        return None
