"""The open sockets of this process, by chat."""

import asyncio
import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from aiohttp import web

log = logging.getLogger(__name__)

# Close codes. The page comes back by itself after RESTART, and not after CROWDED.
RESTART = 1012
CROWDED = 4001


@dataclass(eq=False)
class Connection:
    """One open socket. ``news`` is set when its chat may have something new."""

    socket: web.WebSocketResponse
    news: asyncio.Event = field(default_factory=asyncio.Event)


class Hub:
    """Who is connected here. Knows nothing of messages: it only wakes."""

    def __init__(self) -> None:
        self._open: dict[str, list[Connection]] = {}

    @property
    def connections(self) -> int:
        """How many sockets are open."""
        return sum(map(len, self._open.values()))

    def join(self, chat: str, connection: Connection) -> list[Connection]:
        """Add a socket; every socket of the chat, oldest first."""
        mine = self._open.setdefault(chat, [])
        mine.append(connection)
        return list(mine)

    def leave(self, chat: str, connection: Connection) -> None:
        """Forget a socket."""
        mine = self._open.get(chat, [])
        if connection in mine:
            mine.remove(connection)
        if not mine:
            self._open.pop(chat, None)

    def wake(self, chat: str) -> None:
        """The chat may have something new."""
        for connection in self._open.get(chat, ()):
            connection.news.set()

    async def close_all(self) -> None:
        """The process stops: ask every page to come back in a moment."""
        everyone = [c for mine in self._open.values() for c in mine]
        await _close(everyone, RESTART, b"restart")


async def turn_out(connections: Iterable[Connection]) -> None:
    """Close the oldest sockets of a chat that has too many."""
    await _close(connections, CROWDED, b"too many windows")


async def _close(connections: Iterable[Connection], code: int, reason: bytes) -> None:
    closing = (c.socket.close(code=code, message=reason) for c in connections)
    for outcome in await asyncio.gather(*closing, return_exceptions=True):
        if isinstance(outcome, Exception):
            log.debug("a socket was gone before it was closed: %r", outcome)
