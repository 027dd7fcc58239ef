"""The calculators for programs: ``/api/v1/deadline`` and ``/api/v1/fees``."""

from aiohttp import web

from bot.calculators import bill_data, deadline_data, kinds_data
from bot.channels.web.api import json_response
from bot.channels.web.asked import Asked, bill_of, kind_of, term_of
from core.clock import Clock, local_day
from core.config import Config


class ToolsApi:
    """Answers what the pages answer, as the command line's ``--json`` does. Keeps nothing."""

    def __init__(self, config: Config, clock: Clock) -> None:
        self._worktime = config.calendar()
        self._clock = clock

    async def deadline(self, request: web.Request) -> web.Response:
        """``?kind=…&date=…[&delivery=…&year=…&patent=…]``: one term."""
        asked, today = Asked(request.query), local_day(self._clock())
        kind = kind_of(asked)
        if kind is None:
            asked.refuse("kind", "tools.no_kind")
            return _refusal(asked)
        term = term_of(asked, kind, worktime=self._worktime, today=today)
        return _refusal(asked) if term is None else json_response(deadline_data(term))

    async def kinds(self, _request: web.Request) -> web.Response:
        """Every kind of term."""
        return json_response(kinds_data())

    async def fees(self, request: web.Request) -> web.Response:
        """``?kind=…[&claims=…&pages=…&priority=…&reduction=…&years=A-B&grant=…]``: a bill."""
        asked = Asked(request.query)
        bill = bill_of(asked, today=local_day(self._clock()))
        return _refusal(asked) if bill is None else json_response(bill_data(bill))


def _refusal(asked: Asked) -> web.Response:
    """The first sentence, and every one by its field."""
    first = next(iter(asked.wrong.values()))
    return json_response({"error": first, "fields": asked.wrong}, status=400)
