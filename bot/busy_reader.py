"""Reads the advisors' calendars elsewhere, one after the other, outside any transaction."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from booking.busy import busy_spans, checked_address
from booking.service.busy import claim_due, has_due, note_trouble, store_spans
from bot.fetch import fetch
from core.clock import Clock, at_local, local_day
from core.config import Config
from core.database import Database
from core.errors import Refusal

log = logging.getLogger(__name__)

LOOK_EVERY = 60.0  # seconds
PARSING = 20.0  # seconds that a calendar may take to be understood

Fetch = Callable[[str], Awaitable[bytes]]


class BusyReader:
    """Keeps the busy times of every source fresh. A failing source keeps its last good state."""

    def __init__(
        self, config: Config, database: Database, clock: Clock, fetch_one: Fetch | None = None
    ) -> None:
        self._settings = config.calendars
        self._days = config.booking.horizon_days + 1
        self._database = database
        self._clock = clock
        self._fetch = fetch_one or self._from_outside

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self.tick()
            except Exception:
                log.exception("calendars could not be read; tried again in %s s", LOOK_EVERY)
            await asyncio.sleep(LOOK_EVERY)

    async def tick(self) -> int:
        """Read what is due; how many sources that were."""
        now, every = self._clock(), timedelta(minutes=self._settings.refresh_minutes)
        async with self._database.reading() as session:
            waiting = await has_due(session, now)
        if not waiting:
            return 0
        async with self._database.transaction() as session:
            due = await claim_due(session, every=every, now=now)
        for source_id, url in due:
            await self._read(source_id, url, now)
        return len(due)

    async def _read(self, source_id: int, url: str, now: datetime) -> None:
        try:
            checked_address(url, self._settings.hosts)  # the settings may have changed since
            data = await self._fetch(url)
            start = at_local(local_day(now))
            end = at_local(local_day(now) + timedelta(days=self._days))
            parsing = asyncio.to_thread(busy_spans, data, start, end)
            spans = await asyncio.wait_for(parsing, PARSING)
        except (Refusal, TimeoutError) as trouble:
            key = trouble.key if isinstance(trouble, Refusal) else "diary.busy_too_often"
            async with self._database.transaction() as session:
                await note_trouble(session, source_id=source_id, url=url, trouble=key)
            return
        async with self._database.transaction() as session:
            await store_spans(session, source_id=source_id, url=url, spans=spans, now=now)

    async def _from_outside(self, url: str) -> bytes:
        most = self._settings.largest_kb * 1024
        return await fetch(url, most=most, seconds=self._settings.timeout_seconds)
