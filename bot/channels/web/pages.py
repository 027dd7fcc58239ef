"""The pages anybody may open: the chat, a sub-center's own link, its poster."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import segno
from aiohttp import web
from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from bot.channels.web.visitor import Visitors
from bot.deadline_link import decode
from core.clock import Clock, local_day
from core.config import Config
from core.database import Database
from core.pages import page_environment
from directory import queries
from directory.model import Center
from knowledge.statutes.citation import citations_in
from knowledge.statutes.library import Library

STATIC = Path(str(files("bot.channels.web") / "static"))
BOOTSTRAP = Path(str(files("js_lib_bootstrap5"))) / "static/js-lib-bootstrap5/css"
_CODE = re.compile(r"[A-Za-z0-9_-]{1,20}")
FOREVER = "public, max-age=31536000, immutable"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages:
    """Renders the pages."""

    def __init__(
        self, config: Config, database: Database, clock: Clock, library: Library | None = None
    ) -> None:
        self._config = config
        self._database = database
        self._clock = clock
        self._library = library
        self._visitors = Visitors(config)

    async def home(self, request: web.Request) -> web.Response:
        """The chat; ``?start=d_…`` brings a calculation along."""
        return await self._chat(request, None, start=request.query.get("start", ""))

    async def center(self, request: web.Request) -> web.Response:
        """The chat by a sub-center's own link."""
        return await self._chat(request, await self._center(request))

    async def poster(self, request: web.Request) -> web.Response:
        """A sheet to print and hang up: QR codes that lead to this sub-center's chat."""
        center = await self._center(request)
        link = f"{self._config.server.public_url.rstrip('/')}/c/{center.code}"
        bot = self._config.telegram.bot_name
        telegram = f"https://t.me/{bot}?start=c_{center.code}" if bot else None
        return self.page(
            "poster.html",
            center=center,
            link=link,
            code=_qr(link),
            telegram=telegram,
            telegram_code=_qr(telegram) if telegram else None,
        )

    async def leave(self, request: web.Request) -> web.Response:
        """Make the browser forget who it was: for a computer that several people use."""
        if not self._visitors.on_our_page(request):
            raise web.HTTPForbidden
        code = str((await request.post()).get("center", ""))
        back = f"/c/{code}" if _CODE.fullmatch(code) else "/"
        response = web.Response(status=303, headers={"Location": back})
        self._visitors.forget(response)
        return response

    @web.middleware
    async def in_plain_words(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """A page that does not exist says so in Chinese, with a way on."""
        try:
            return await handler(request)
        except web.HTTPNotFound:
            return self.page("missing.html", status=404)

    async def _chat(
        self, request: web.Request, center: Center | None, start: str = ""
    ) -> web.Response:
        async with self._database.reading() as session:
            centers = await queries.centers(session)
        response = self.page(
            "chat.html", center=center, centers=centers, start=start if decode(start) else ""
        )
        self._visitors.remember(response, self._visitors.of(request))
        return response

    async def _center(self, request: web.Request) -> Center:
        async with self._database.reading() as session:
            center = await queries.center_by_code(session, request.match_info["code"])
        if center is None:
            raise web.HTTPNotFound
        return center

    def article_link(self, citation: str) -> str | None:
        """Where the text behind a citation can be read; None where it is not imported."""
        if self._library is None:
            return None
        cited = next((cited for _, cited in citations_in(citation)), None)
        return self._library.link(cited, local_day(self._clock())) if cited else None

    def page(self, name: str, status: int = 200, **values: Any) -> web.Response:
        """A page made of a template."""
        text = _templates().get_template(name).render(hours=self._config.worktime.spans, **values)
        response = web.Response(text=text, content_type="text/html", status=status)
        response.headers["Cache-Control"] = "no-store"
        response.enable_compression()
        return response


def _qr(link: str) -> Markup:
    drawn = segno.make(link, error="m", micro=False)
    return Markup(drawn.svg_inline(scale=6, border=2, svgclass="qr", lineclass=None, omitsize=True))


@cache
def _templates() -> Environment:
    templates = page_environment(PackageLoader("bot.channels.web"))
    templates.globals["asset"] = _asset_links()
    return templates


def _asset_links() -> Mapping[str, str]:
    """A static file's address by its name; it changes with the content, so it is kept for good."""
    return {
        path.name: f"/static/{path.name}?v={hashlib.sha256(path.read_bytes()).hexdigest()[:12]}"
        for path in STATIC.iterdir()
    }
