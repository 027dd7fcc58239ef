"""What was committed anywhere, told to every open desk page of this process.

The pages hold a stream of server-sent events. One task of the process looks for new lines of
timelines, whoever wrote them and on whichever replica, and hands them to all streams. Ids are
given out before the commit, so a line may become visible after one with a higher id: the watch
keeps looking back a minute.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress

from aiohttp import web

from core.database import Database
from escalation.news import News, latest_news, news_after

log = logging.getLogger(__name__)

LOOK_EVERY = 0.5  # seconds
OVERLAP = 60.0  # seconds; the longest a transaction may take
START_BACK = 200
FULL = 500
AFTER_FAILURE = 2.0

Ears = asyncio.Queue[News | None]


class Live:
    """The watch of one process. An ear gets every news, and None when its stream must end."""

    def __init__(self, database: Database, look_every: float = LOOK_EVERY) -> None:
        self.latest = 0
        self._database = database
        self._look_every = look_every
        self._ears: set[Ears] = set()
        self._woken = asyncio.Event()
        self._floor: int | None = None
        self._known: dict[int, float] = {}

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
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def hang_up(self, _app: web.Application) -> None:
        """The process stops: end every stream; the pages come back by themselves."""
        for ears in list(self._ears):
            _end(ears)

    async def _run(self) -> None:
        while True:
            try:
                for news in await self._look():
                    self._tell(news)
            except Exception:
                log.exception("the desk's watch could not read; it tries again")
                await asyncio.sleep(AFTER_FAILURE)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._look_every)
            self._woken.clear()

    async def _look(self) -> list[News]:
        async with self._database.reading() as session:
            if self._floor is None:
                floor = max(0, await latest_news(session) - START_BACK)
                self._note(await news_after(session, floor))
                self._floor = floor
                return []
            fresh = await news_after(session, self._floor, self._known)
        self._note(fresh)
        return fresh

    def _note(self, fresh: list[News]) -> None:
        """Remember what was seen; what nothing can overtake any more raises the floor."""
        now = asyncio.get_running_loop().time()
        self._known |= {news.id: now for news in fresh}
        self.latest = max([self.latest, *(news.id for news in fresh)])
        if self._floor is None:
            return
        settled = [key for key, seen in self._known.items() if seen < now - OVERLAP]
        self._floor = max([self._floor, *settled])
        for key in [key for key in self._known if key <= self._floor]:
            del self._known[key]

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
