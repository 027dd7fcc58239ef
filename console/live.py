"""What was committed anywhere, told to every open desk page of this process.

The pages hold a stream of server-sent events. One task of the process looks for new rows, whoever
wrote them and on whichever replica, and hands them to all streams.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import Database
from escalation.news import News, latest_message, latest_news, messages_after, news_after

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds
OVERLAP = 60.0  # seconds; the longest a transaction may take
START_BACK = 200
FULL = 500
AFTER_FAILURE = 2.0

Ears = asyncio.Queue[News | None]


@dataclass(frozen=True)
class Source:
    """A table that only grows: its highest id, and the rows above an id that are not known yet."""

    latest: Callable[[AsyncSession], Awaitable[int]]
    after: Callable[[AsyncSession, int, Collection[int]], Awaitable[list[News]]]


SOURCES = (Source(latest_news, news_after), Source(latest_message, messages_after))


class Watch:
    """What of one source was seen. Ids are given out before the commit, so a row may become
    visible after one with a higher id: the watch keeps looking back a minute."""

    def __init__(self, source: Source) -> None:
        self.latest = 0
        self._source = source
        self._floor: int | None = None
        self._known: dict[int, float] = {}

    async def fresh(self, session: AsyncSession) -> list[News]:
        """Rows not seen before, oldest first; the first look only learns where it begins."""
        begun = self._floor is not None
        floor = self._floor or 0
        if not begun:
            floor = max(0, await self._source.latest(session) - START_BACK)
        found = await self._source.after(session, floor, self._known)
        now = asyncio.get_running_loop().time()
        self._known |= {news.id: now for news in found}
        self.latest = max([self.latest, *(news.id for news in found)])
        settled = [key for key, seen in self._known.items() if seen < now - OVERLAP]
        self._floor = max([floor, *settled])
        self._known = {key: seen for key, seen in self._known.items() if key > self._floor}
        return found if begun else []


class Live:
    """The streams of one process. An ear gets every news, and None when its stream must end."""

    def __init__(
        self,
        database: Database,
        look_every: float = LOOK_EVERY,
        sources: Sequence[Source] = SOURCES,
    ) -> None:
        self._database = database
        self._look_every = look_every
        self._ears: set[Ears] = set()
        self._woken = asyncio.Event()
        self._stopping = False
        self._watches = [Watch(source) for source in sources]

    @property
    def latest(self) -> int:
        """The newest line of a timeline that was seen."""
        return self._watches[0].latest

    @contextmanager
    def listening(self) -> Iterator[Ears]:
        """An ear for as long as the block lasts."""
        ears: Ears = asyncio.Queue(FULL)
        self._ears.add(ears)
        try:
            yield ears
        finally:
            self._ears.discard(ears)

    def wake(self) -> None:
        """Something may have been committed here: look at once."""
        self._woken.set()

    async def serving(self, _app: web.Application) -> AsyncIterator[None]:
        """Watch while the application runs."""
        task = asyncio.create_task(self._run())
        yield
        self._stopping = True  # Python 3.11 may lose a cancellation that meets a timeout
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def hang_up(self, _app: web.Application) -> None:
        """The process stops: end every stream; the pages come back by themselves."""
        for ears in list(self._ears):
            _end(ears)

    async def _run(self) -> None:
        while not self._stopping:
            try:
                await self._look()
            except Exception:
                log.exception("the desk's watch could not read; it tries again")
                await asyncio.sleep(AFTER_FAILURE)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._look_every)
            self._woken.clear()

    async def _look(self) -> None:
        for watch in self._watches:
            async with self._database.reading() as session:
                found = await watch.fresh(session)
            for news in found:
                self._tell(news)

    def _tell(self, news: News) -> None:
        for ears in list(self._ears):
            try:
                ears.put_nowait(news)
            except asyncio.QueueFull:
                _end(ears)


def _end(ears: Ears) -> None:
    """What was not fetched is let go: the page reads what it lacks when it comes back."""
    while not ears.empty():
        ears.get_nowait()
    ears.put_nowait(None)
