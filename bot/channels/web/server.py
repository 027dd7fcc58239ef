"""The web server: pages, chat, health, metrics and the Telegram hook in one application."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

from aiohttp import web

from bot.channels.web.adapter import WebChannel
from bot.channels.web.api import Api
from bot.channels.web.appointment import AppointmentPages
from bot.channels.web.calendar import CalendarFeeds
from bot.channels.web.health import Health
from bot.channels.web.history import Watch
from bot.channels.web.law import LawPages
from bot.channels.web.metrics import Metrics
from bot.channels.web.pages import BOOTSTRAP, FOREVER, STATIC, Pages
from bot.channels.web.socket import ChatSocket, Handles, Limits
from bot.channels.web.tools import Tools
from bot.channels.web.tools_api import ToolsApi
from core.clock import Clock
from core.config import Config
from core.database import Database
from knowledge.serving import Serving
from knowledge.statutes.library import Library

log = logging.getLogger(__name__)

WATCH_SECONDS = 1.0
NORMAL = Limits()

# Takes the headers and the body of a Telegram update; the HTTP status to answer with.
Accept = Callable[[Mapping[str, str], bytes], Awaitable[int]]

_HOST = re.compile(r"[A-Za-z0-9.\-:\[\]]{1,255}")


def build_app(
    config: Config,
    database: Database,
    dispatcher: Handles,
    channel: WebChannel,
    *,
    serving: Serving | None = None,
    library: Library | None = None,
    telegram_accept: Accept | None = None,
    subapps: Mapping[str, web.Application] | None = None,
    middlewares: Sequence[Any] = (),
    limits: Limits = NORMAL,
    watch_seconds: float = WATCH_SECONDS,
) -> web.Application:
    """The application. ``subapps`` are mounted by prefix, e.g. the desk at ``/desk``.

    serving: answers ``/api/v1/ask``; without it there is no such interface.
    library: the imported law texts, shown below ``/law``.
    watch_seconds: how often to look for what other replicas committed.
    """
    clock = dispatcher.clock
    metrics, pages = Metrics(), Pages(config, database, clock, library)
    socket = ChatSocket(
        config, database, dispatcher, channel, metrics=metrics, limits=limits, library=library
    )
    app = web.Application(middlewares=[pages.in_plain_words, *middlewares])
    app.add_routes(_routes(pages, socket, Health(database, channel.hub, metrics)))
    app.add_routes(_tool_routes(config, clock, pages, library))
    app.add_routes(_meeting_routes(AppointmentPages(config, database, clock, pages)))
    app.router.add_get("/calendar/{token}.ics", CalendarFeeds(database, clock).serve)
    if serving is not None:
        app.router.add_get("/api/v1/ask", Api(serving, clock, library).ask)
    if telegram_accept is not None:
        app.router.add_post("/hooks/telegram", _hook(telegram_accept))
    for prefix, subapp in (subapps or {}).items():
        app.add_subapp(prefix, subapp)
    app.on_response_prepare.append(_add_headers)
    app.cleanup_ctx.append(_watching(database, dispatcher, channel, watch_seconds))
    app.on_shutdown.append(lambda _: channel.hub.close_all())
    return app


def _routes(pages: Pages, socket: ChatSocket, health: Health) -> list[web.AbstractRouteDef]:
    return [
        web.get("/", pages.home),
        web.get("/c/{code}", pages.center),
        web.get("/poster/{code}", pages.poster),
        web.post("/chat/leave", pages.leave),
        web.get("/chat/ws", socket.serve),
        web.get("/healthz", health.alive),
        web.get("/readyz", health.ready),
        web.get("/metrics", health.metrics),
        web.static("/static/bootstrap", BOOTSTRAP),
        web.static("/static", STATIC),
    ]


def _tool_routes(
    config: Config, clock: Clock, pages: Pages, library: Library | None
) -> list[web.AbstractRouteDef]:
    tools, api = Tools(config, clock, pages), ToolsApi(config, clock)
    laws = LawPages(clock, pages, library)
    return [
        web.get("/tools/deadline", tools.deadline),
        web.get("/tools/deadline.ics", tools.calendar),
        web.get("/tools/fees", tools.fees),
        web.get("/api/v1/deadline", api.deadline),
        web.get("/api/v1/deadline/kinds", api.kinds),
        web.get("/api/v1/fees", api.fees),
        web.get("/law/{law}", laws.contents),
        web.get("/law/{law}/{article}", laws.article),
    ]


def _meeting_routes(meetings: AppointmentPages) -> list[web.AbstractRouteDef]:
    return [web.get("/a/{signed}", meetings.show), web.post("/a/{signed}", meetings.change)]


def _hook(accept: Accept) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def receive(request: web.Request) -> web.Response:
        return web.Response(status=await accept(request.headers, await request.read()))

    return receive


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """What every response carries. A page may have set stricter ones."""
    host = request.host if _HOST.fullmatch(request.host) else ""
    # Older Safari does not take 'self' for WebSockets, so their address is spelt out.
    sockets = f" ws://{host} wss://{host}" if host else ""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        f"connect-src 'self'{sockets}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers.setdefault("Content-Security-Policy", policy)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("X-Frame-Options", "DENY")
    response.headers.setdefault("Referrer-Policy", "same-origin")
    if request.path.startswith("/static/"):
        kept = FOREVER if "v" in request.query and response.status == 200 else "no-cache"
        response.headers["Cache-Control"] = kept


def _watching(
    database: Database, dispatcher: Handles, channel: WebChannel, every_seconds: float
) -> Callable[[web.Application], AsyncIterator[None]]:
    """While the application runs, notice what other replicas committed for chats open here."""

    async def watch() -> None:
        seen = Watch()
        while True:
            try:
                async with database.reading() as session:
                    chats = await seen.news(session, dispatcher.clock())
                for chat in chats:
                    channel.hub.wake(chat)
            except Exception:
                log.exception("the outbox could not be watched; tried again in a second")
            await asyncio.sleep(every_seconds)

    async def running(_: web.Application) -> AsyncIterator[None]:
        task = asyncio.create_task(watch())
        yield
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    return running
