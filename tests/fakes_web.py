"""A web server under test with real sockets, and a page that speaks its protocol."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from aiohttp import ClientSession, ClientWebSocketResponse, CookieJar, WSMsgType
from aiohttp.test_utils import TestServer
from sqlalchemy import func, select

from bot.channels.web.adapter import WebChannel
from bot.channels.web.server import NORMAL, build_app
from bot.channels.web.socket import Handles, Limits
from bot.dispatch import Outcome
from bot.messages import Incoming
from bot.station import Station
from core import outbox
from core.config import Config
from core.database import Database
from core.messages import Address, Message
from knowledge.engine import Engine
from tests.fakes import FakeClock
from tests.world import populate

PATIENCE_SECONDS = 10


class TickingClock(FakeClock):
    """Moves on a little at every look, as real clocks do."""

    def __call__(self) -> datetime:
        return self.move(milliseconds=1)


class Tampered:
    """A dispatcher with something going on before and after the real one's transaction."""

    def __init__(self, real: Handles) -> None:
        self.clock = real.clock
        self._real = real
        self.open = asyncio.Event()
        self.open.set()
        self.committed: list[str] = []
        self.after: list[Any] = []

    async def handle(self, incoming: Incoming) -> Outcome:
        await self.open.wait()
        outcome = await self._real.handle(incoming)
        self.committed.append(incoming.event_id.rpartition(":")[2])
        for happening in self.after:
            await happening()
        return outcome


@dataclass
class WebStation:
    """A station whose web channel is served on 127.0.0.1."""

    station: Station
    channel: WebChannel
    dispatcher: Tampered
    server: TestServer
    ids: dict[str, int]

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server.port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    async def tell(self, chat: str, *, pump: bool = True, ago: timedelta = timedelta()) -> int:
        """Somebody else (a job, the desk) says something to a chat; the row's id."""
        station = self.station
        async with station.database.transaction() as session:
            to = Address("web", chat)
            row = outbox.put(session, to, Message("ask.thanks"), now=station.clock() - ago)
        if pump:
            await station.pump.drain("web")
        return row.id

    @asynccontextmanager
    async def page(self, **cookies: str) -> AsyncIterator["WebPage"]:
        """A browser of its own."""
        jar = CookieJar(unsafe=True)
        async with ClientSession(cookie_jar=jar, cookies=cookies) as browser:
            page = WebPage(self, browser)
            try:
                yield page
            finally:
                await page.drop()


@asynccontextmanager
async def web_station(
    database: Database,
    config: Config,
    engine: Engine,
    *,
    limits: Limits = NORMAL,
    watch_seconds: float = 0.05,
) -> AsyncIterator[WebStation]:
    """Wire and serve one replica over ``database``."""
    channel = WebChannel()
    station = Station.build(
        config, [channel], engine=engine, database=database, clock=TickingClock()
    )
    dispatcher = Tampered(station.dispatcher)
    app = build_app(
        config,
        database,
        dispatcher,
        channel,
        library=station.library,
        limits=limits,
        watch_seconds=watch_seconds,
    )
    async with TestServer(app) as server:
        yield WebStation(station, channel, dispatcher, server, {})


@asynccontextmanager
async def populated(
    database: Database, config: Config, engine: Engine, **options: Any
) -> AsyncIterator[WebStation]:
    """The same with the invented world in it."""
    ids = await populate(database)
    async with web_station(database, config, engine, **options) as served:
        yield replace(served, ids=ids)


@dataclass
class WebPage:
    """The page in a browser, reduced to its protocol. ``screen`` is what it would show."""

    served: WebStation
    browser: ClientSession
    socket: ClientWebSocketResponse | None = None
    screen: list[dict[str, Any]] = field(default_factory=list)
    frames: list[dict[str, Any]] = field(default_factory=list)

    @property
    def chat(self) -> str:
        """The visitor id in the cookie."""
        cookies = {c.key: c.value for c in self.browser.cookie_jar}
        return cookies["ipstation_visitor"].rpartition(".")[0]

    @property
    def last(self) -> int:
        return max((f["seq"] for f in self.screen), default=0)

    async def connect(self, *, origin: str | None = None, **hello: Any) -> dict[str, Any]:
        """Open the socket and say hello; the ready frame."""
        self.socket = await self.browser.ws_connect(
            self.served.url("/chat/ws"), origin=origin or self.served.url("")
        )
        await self.send(type="hello", **({"last": self.last} | hello))
        return await self.until("ready")

    async def drop(self) -> None:
        """The network goes away."""
        if self.socket is not None:
            await self.socket.close()

    async def send(self, **frame: Any) -> str:
        """One frame; its id."""
        assert self.socket is not None
        await self.socket.send_json(frame)
        return str(frame.get("id"))

    async def say(self, text: str, *, id: str | None = None) -> str:
        return await self.send(type="say", id=id or str(uuid4()), text=text)

    async def tap(self, menu: str, index: int) -> str:
        return await self.send(type="tap", id=str(uuid4()), menu=menu, index=index, label="x")

    async def start(self, param: str = "") -> str:
        return await self.send(type="start", id=str(uuid4()), param=param)

    async def next(self) -> dict[str, Any]:
        """The next frame; a message goes on the screen."""
        assert self.socket is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            received = await self.socket.receive()
        assert received.type is WSMsgType.TEXT, received
        frame: dict[str, Any] = received.json()
        self.frames.append(frame)
        if frame["type"] == "message":
            self.screen.append(frame)
        return frame

    async def until(self, kind: str, id: str | None = None) -> dict[str, Any]:
        """Read on to the next frame of that kind (and of that event)."""
        while True:
            frame = await self.next()
            if frame["type"] == kind and (id is None or frame["id"] == id):
                return frame

    async def messages(self, count: int) -> list[dict[str, Any]]:
        """Read on until so many messages came."""
        return [await self.until("message") for _ in range(count)]

    async def quiet(self) -> list[dict[str, Any]]:
        """Everything that was still on its way: what precedes a message told just now."""
        before = len(self.frames)
        marker = await self.served.tell(self.chat)
        while (await self.until("message"))["seq"] != marker:
            pass
        self.screen.pop()
        return self.frames[before:-1]


def words(frames: list[dict[str, Any]]) -> str:
    """What frames say."""
    return "\n".join(frame["html"] for frame in frames)


async def how_many(served: WebStation, model: type) -> int:
    """The rows of a table."""
    async with served.station.database.reading() as session:
        return await session.scalar(select(func.count()).select_from(model)) or 0
