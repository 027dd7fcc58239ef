"""``/api/v1``: answers for programs, documented in docs/api/openapi.yaml."""

import asyncio
import json
from datetime import date

from aiohttp import web

from bot.answers import answer
from bot.sanitise import clean
from core.clock import Clock, local_day
from core.texts import plain
from knowledge.engine import Engine


class Api:
    """Reads the curated base; knows nobody and keeps nothing."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self._engine = engine
        self._clock = clock

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
        found = await asyncio.to_thread(answer, self._engine, question, day)
        return _json(found)


def _refusal(key: str) -> web.Response:
    return _json({"error": plain(key)}, status=400)


def _json(data: object, status: int = 200) -> web.Response:
    text = json.dumps(data, ensure_ascii=False)
    return web.json_response(text=text, status=status)
