"""Who a browser is: a random id in a signed cookie. It says nothing of the person."""

import re
from urllib.parse import urlsplit

from aiohttp import web

from core.config import Config
from core.security import new_token, sign, unsign

COOKIE = "ipstation_visitor"
PURPOSE = "web visitor"
YEAR_SECONDS = 365 * 24 * 3600

_ID = re.compile(r"[A-Za-z0-9_-]{16}")


class Visitors:
    """Reads and writes the cookie."""

    def __init__(self, config: Config) -> None:
        self._key = config.security.secret_key
        self._secure = config.server.secure_cookies
        self._public_host = urlsplit(config.server.public_url).netloc

    def of(self, request: web.Request) -> str:
        """The visitor's id; a new one when there is no cookie with our signature."""
        visitor = unsign(self._key, PURPOSE, request.cookies.get(COOKIE, ""))
        return visitor if visitor and _ID.fullmatch(visitor) else new_token(12)

    def on_our_page(self, request: web.Request) -> bool:
        """Whether the browser says that a page of ours sent this.

        A program that sends no Origin carries nobody else's cookie and is let in.
        """
        origin = request.headers.get("Origin")
        return origin is None or urlsplit(origin).netloc in (request.host, self._public_host)

    def remember(self, response: web.StreamResponse, visitor: str) -> None:
        """Set the cookie, or prolong it."""
        response.set_cookie(
            COOKIE,
            sign(self._key, PURPOSE, visitor),
            max_age=YEAR_SECONDS,
            httponly=True,
            samesite="Lax",
            secure=self._secure,
        )

    def forget(self, response: web.StreamResponse) -> None:
        """Take the cookie away."""
        response.del_cookie(COOKIE, httponly=True, samesite="Lax", secure=self._secure)
