"""For the operator's tools: is it alive, is it ready, what did it do."""

import asyncio
import logging

from aiohttp import web
from sqlalchemy import text

from bot.channels.web.hub import Hub
from bot.channels.web.metrics import Labels, Metrics, open_outbox
from core.database import Database

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 3.0


class Health:
    """Answers ``/healthz``, ``/readyz`` and ``/metrics``."""

    def __init__(self, database: Database, hub: Hub, metrics: Metrics) -> None:
        self._database = database
        self._hub = hub
        self._metrics = metrics

    async def alive(self, _: web.Request) -> web.Response:
        """The process answers."""
        return web.Response(text="ok\n")

    async def ready(self, _: web.Request) -> web.Response:
        """The database answers too; 503 otherwise."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._database.reading() as session:
                await session.execute(text("SELECT 1"))
        except Exception:
            log.exception("not ready: the database does not answer")
            return web.Response(status=503, text="database unreachable\n")
        return web.Response(text="ready\n")

    async def metrics(self, _: web.Request) -> web.Response:
        """Prometheus text."""
        async with self._database.reading() as session:
            waiting = await open_outbox(session)
        gauges: dict[str, dict[Labels, int]] = {
            "ipstation_outbox_open": waiting,
            "ipstation_web_sockets": {(): self._hub.connections},
        }
        return web.Response(
            text=self._metrics.text(gauges),
            headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
        )
