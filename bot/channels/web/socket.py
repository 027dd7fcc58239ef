"""The chat's WebSocket.

The page sends ``hello``, ``say``, ``tap``, ``start`` and ``ping``; it gets ``own``, ``message``,
``ready``, ``ack``, ``error`` and ``pong``. Frames of one socket are handled in order. ``ack``
means committed; what was not acknowledged the page sends again with the same id, and it counts
once. Answers are read from the outbox, so nothing depends on which socket or replica is told.
"""

import asyncio
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import WSCloseCode, WSMsgType, web
from aiolimiter import AsyncLimiter

from bot.channels.web.adapter import WebChannel, frame_id
from bot.channels.web.format import epoch_ms
from bot.channels.web.history import Shown, Tail, chat_state
from bot.channels.web.hub import Connection, turn_out
from bot.channels.web.metrics import Metrics
from bot.channels.web.visitor import Visitors
from bot.dispatch import Outcome
from bot.messages import Incoming
from core.clock import Clock
from core.config import Config
from core.database import Database
from core.texts import plain
from knowledge.statutes.library import Library

log = logging.getLogger(__name__)

HEARTBEAT_SECONDS = 25.0
CLOSE_SECONDS = 2.0
MANY_VISITORS = 5000


class Handles(Protocol):
    """What is needed of ``bot.dispatch.Dispatcher``."""

    clock: Clock

    async def handle(self, incoming: Incoming) -> Outcome:
        """Returns after the commit."""
        ...


@dataclass(frozen=True)
class Limits:
    """Per visitor, never per address: a park shares one.

    burst: events taken at once; as many again trickle in over ``burst_seconds``.
    """

    frame_bytes: int = 64 * 1024
    sockets: int = 6
    burst: int = 20
    burst_seconds: float = 30.0


class Bursts:
    """The burst limit of every visitor."""

    def __init__(self, limits: Limits, most: int = MANY_VISITORS) -> None:
        self._limits = limits
        self._most = most
        self._by_visitor: dict[str, AsyncLimiter] = {}

    def __len__(self) -> int:
        return len(self._by_visitor)

    def of(self, visitor: str) -> AsyncLimiter:
        """That visitor's limiter. Idle ones are forgotten when there are many."""
        if len(self) > self._most:
            full = self._limits.burst
            self._by_visitor = {
                key: one for key, one in self._by_visitor.items() if not one.has_capacity(full)
            }
        limiter = self._by_visitor.get(visitor)
        if limiter is None:
            limiter = AsyncLimiter(self._limits.burst, self._limits.burst_seconds)
            self._by_visitor[visitor] = limiter
        return limiter


@dataclass
class Visit:
    """One open socket of one visitor. ``tail`` is there once the page said hello."""

    visitor: str
    connection: Connection
    tail: Tail | None = None

    async def tell(self, **frame: Any) -> None:
        """Send one frame."""
        await self.connection.socket.send_str(json.dumps(frame, ensure_ascii=False))


class ChatSocket:
    """The endpoint ``/chat/ws``."""

    def __init__(
        self,
        config: Config,
        database: Database,
        dispatcher: Handles,
        channel: WebChannel,
        *,
        metrics: Metrics,
        limits: Limits,
        library: Library | None = None,
    ) -> None:
        self._database = database
        self._dispatcher = dispatcher
        self._channel = channel
        self._metrics = metrics
        self._limits = limits
        self._link = library.link if library else None
        self._visitors = Visitors(config)
        self._bursts = Bursts(limits)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Hold one socket until it ends."""
        if not self._visitors.on_our_page(request):
            self._metrics.count("ipstation_web_refused_total", reason="origin")
            raise web.HTTPForbidden(text=plain("web.wrong_origin"))
        visitor = self._visitors.of(request)
        socket = web.WebSocketResponse(
            heartbeat=HEARTBEAT_SECONDS,
            timeout=CLOSE_SECONDS,
            max_msg_size=self._limits.frame_bytes,
        )
        self._visitors.remember(socket, visitor)
        await socket.prepare(request)
        visit = Visit(visitor, Connection(socket))
        mine = self._channel.hub.join(visitor, visit.connection)
        teller = asyncio.create_task(self._tell_news(visit))
        try:
            await turn_out(mine[: -self._limits.sockets])
            await self._listen(visit)
        finally:
            self._channel.hub.leave(visitor, visit.connection)
            teller.cancel()
            await asyncio.gather(teller, return_exceptions=True)
        return socket

    async def _listen(self, visit: Visit) -> None:
        async for message in visit.connection.socket:
            if message.type is not WSMsgType.TEXT:
                await visit.connection.socket.close(code=WSCloseCode.UNSUPPORTED_DATA)
                return
            try:
                await self._take(visit, _decoded(message.data))
            except ConnectionError:
                return
            except Exception:
                # Not committed, so not acknowledged: the page comes back and sends it again.
                log.exception("a frame of visitor %s could not be handled", visit.visitor)
                await visit.connection.socket.close(code=WSCloseCode.INTERNAL_ERROR)
                return

    async def _take(self, visit: Visit, frame: Mapping[str, Any]) -> None:
        kind = frame.get("type")
        if kind == "ping":
            await visit.tell(type="pong")
        elif kind == "hello":
            await self._greet(visit, frame)
        else:
            await self._event(visit, frame)

    async def _greet(self, visit: Visit, frame: Mapping[str, Any]) -> None:
        """Tell what the page lacks, then that it is up to date."""
        await self._bursts.of(visit.visitor).acquire()
        visit.tail, tail = None, Tail(visit.visitor, self._link)
        async with self._database.reading() as session:
            lacking = await tail.open(
                session,
                told=Shown(_number(frame.get("last")), _numbers(frame.get("shown"))),
                own=Shown(0, _numbers(frame.get("own"))),
                now=self._dispatcher.clock(),
            )
            state = await chat_state(session, visit.visitor)
        for found in lacking:
            await visit.tell(**found)
        await visit.tell(type="ready", **state)
        visit.tail = tail
        visit.connection.news.set()

    async def _event(self, visit: Visit, frame: Mapping[str, Any]) -> None:
        now = self._dispatcher.clock()
        incoming = self._channel.parse({**frame, "visitor": visit.visitor, "at": now})
        if incoming is None:
            await self._refuse(visit, frame, "bad_frame")
            return
        limiter = self._bursts.of(visit.visitor)
        if not limiter.has_capacity():
            await self._refuse(visit, frame, "too_fast")
            return
        await limiter.acquire()
        outcome = await self._dispatcher.handle(incoming)
        self._metrics.count("ipstation_web_events_total", outcome=outcome)
        await visit.tell(type="ack", id=frame["id"], at=epoch_ms(now))
        self._channel.hub.wake(visit.visitor)

    async def _refuse(self, visit: Visit, frame: Mapping[str, Any], reason: str) -> None:
        self._metrics.count("ipstation_web_refused_total", reason=reason)
        text = plain(f"web.{reason}")
        await visit.tell(type="error", id=frame_id(frame), reason=reason, text=text)

    async def _tell_news(self, visit: Visit) -> None:
        try:
            while True:
                await visit.connection.news.wait()
                visit.connection.news.clear()
                if visit.tail is None:
                    continue
                async with self._database.reading() as session:
                    frames = await visit.tail.more(session, self._dispatcher.clock())
                for frame in frames:
                    await visit.tell(**frame)
        except ConnectionError:
            return
        except Exception:
            log.exception("chat of visitor %s could not be read", visit.visitor)
            await visit.connection.socket.close(code=WSCloseCode.INTERNAL_ERROR)


def _decoded(data: str) -> Mapping[str, Any]:
    """The frame, or an empty one when it is not a JSON object."""
    try:
        frame = json.loads(data)
    except (ValueError, RecursionError):
        return {}
    return frame if isinstance(frame, dict) else {}


def _number(given: Any) -> int:
    return given if type(given) is int and 0 <= given < 2**31 else 0


def _numbers(given: Any) -> frozenset[int] | None:
    if not isinstance(given, list):
        return None
    return frozenset(number for item in given if (number := _number(item)))
