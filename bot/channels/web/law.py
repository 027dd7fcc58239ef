"""Imported law texts as plain pages: one article, or the articles of a law."""

import re
from urllib.parse import quote, urlencode

from aiohttp import web

from bot.channels.web.pages import Pages
from core.clock import Clock, local_day
from knowledge.statutes.citation import Citation
from knowledge.statutes.cues import article_name
from knowledge.statutes.library import Library
from knowledge.statutes.text import Law

_VERSION = re.compile(r"\d{4}-\d\d-\d\d")


class LawPages:
    """Renders them; what is not imported is a page that does not exist."""

    def __init__(self, clock: Clock, pages: Pages, library: Library | None) -> None:
        self._clock = clock
        self._pages = pages
        self._library = library

    async def article(self, request: web.Request) -> web.Response:
        """``/law/专利法/第四十二条[?version=2020-10-17]``; 42 is understood too."""
        where = request.match_info
        asked = Citation(where["law"], article_name(where["article"]), _version(request))
        leaf = self._library and self._library.find(asked, local_day(self._clock()))
        if not leaf:
            raise web.HTTPNotFound
        return self._pages.page("law_article.html", leaf=leaf, path=_path)

    async def contents(self, request: web.Request) -> web.Response:
        """``/law/专利法[?version=…]``: its chapters and articles."""
        name, day = request.match_info["law"], local_day(self._clock())
        version = self._library and self._library.version(name, _version(request), day)
        if not version:
            raise web.HTTPNotFound
        law, standing, others = version
        return self._pages.page(
            "law_contents.html", law=law, standing=standing, others=others, path=_path
        )


def _version(request: web.Request) -> str | None:
    said = request.query.get("version", "")
    return said if _VERSION.fullmatch(said) else None


def _path(law: Law, article: str = "") -> str:
    """The page of an article, or of the law, in that very version."""
    where = f"/law/{quote(law.name, safe='')}" + (f"/{quote(article)}" if article else "")
    return f"{where}?{urlencode({'version': law.label})}" if law.version else where
