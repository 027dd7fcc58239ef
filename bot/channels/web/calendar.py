"""An advisor's calendar subscription: whoever has the address reads it, without a cookie."""

import re

from aiohttp import web

from booking.feed import feed_of_token
from core.clock import Clock
from core.database import Database

_TOKEN = re.compile(r"[\w-]{20,60}", re.ASCII)


class CalendarFeeds:
    """Serves ``/calendar/<token>.ics``."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def serve(self, request: web.Request) -> web.Response:
        """The calendar; one that was revoked is as unknown as one that never was."""
        token, text = request.match_info["token"], None
        if _TOKEN.fullmatch(token):
            async with self._database.reading() as session:
                text = await feed_of_token(session, token, self._clock())
        if text is None:
            raise web.HTTPNotFound
        response = web.Response(text=text, content_type="text/calendar", charset="utf-8")
        response.headers["Cache-Control"] = "private, no-store"
        response.headers["X-Robots-Tag"] = "noindex"
        return response
