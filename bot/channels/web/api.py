"""``/api/v1``: answers for programs, documented in docs/api/openapi.yaml."""

import asyncio
import json
from datetime import date

from aiohttp import web

from bot.answers import answer
from bot.sanitise import clean
from core.clock import Clock, local_day
from core.texts import plain
from knowledge.serving import Serving
from knowledge.statutes.library import Library


class Api:
    """Reads the curated base; knows nobody and keeps nothing."""

    def __init__(self, serving: Serving, clock: Clock, library: Library | None = None) -> None:
        self._serving = serving
        self._clock = clock
        self._library = library

    async def ask(self, request: web.Request) -> web.Response:
        """``?q=…[&as_of=YYYY-MM-DD]``: one question, as ``ipstation ask --json`` answers it."""
        question = clean(request.query.get("q", ""))
        if not question:
            return _refusal("web.api_no_question")
        try:
            given = request.query.get("as_of")
            day = date.fromisoformat(given) if given else local_day(self._clock())
        except ValueError:
            return _refusal("web.api_bad_day")
        found = await asyncio.to_thread(
            answer, self._serving.engine, question, day, library=self._library
        )
        return json_response(found)


def _refusal(key: str) -> web.Response:
    return json_response({"error": plain(key)}, status=400)


def json_response(data: object, status: int = 200) -> web.Response:
    """Data as JSON, readable as it stands."""
    text = json.dumps(data, ensure_ascii=False)
    return web.json_response(text=text, status=status)
