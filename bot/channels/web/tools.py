"""The calculators as pages that work without scripts: 期限计算器 and 费用计算器.

Every page is a GET of its fields, so that a result can be kept as a link.
"""

from itertools import groupby
from typing import Any

from aiohttp import web

from bot.calculators import all_citations, yuan
from bot.channels.web.asked import Asked, bill_of, kind_of, term_of
from bot.channels.web.pages import Pages
from bot.deadline_link import encode
from bot.handlers.deadline import calendar_file
from core.clock import Clock, local_day
from core.config import Config
from core.texts import plain
from knowledge.calculate.annuities import PATENTS
from knowledge.calculate.delivery import MODES
from knowledge.calculate.fees import REDUCTIONS, Bill
from knowledge.calculate.kinds import Kind, catalogue
from knowledge.calculate.tables import shipped
from knowledge.calculate.term import Deadline, moving

MOST_FOUND = 12
# Kinds of notice for which the way they came changes the day.
DELIVERED = frozenset({"patent", "trademark"})
HURRY = 7
BAD_INPUT = 422


class Tools:
    """Renders the calculators' pages."""

    def __init__(self, config: Config, clock: Clock, pages: Pages) -> None:
        self._config = config
        self._worktime = config.calendar()
        self._clock = clock
        self._pages = pages

    async def deadline(self, request: web.Request) -> web.Response:
        """The list of kinds; the form of one kind; its result."""
        asked, today = Asked(request.query), local_day(self._clock())
        kind = kind_of(asked)
        if kind is None:
            return self._kinds(asked)
        submitted = "date" in asked.given
        term = None
        if submitted:
            term = term_of(asked, kind, worktime=self._worktime, today=today)
        return self._pages.page(
            "tool_deadline.html",
            status=BAD_INPUT if asked.wrong else 200,
            kind=kind,
            asked=asked,
            modes=MODES if kind.delivery in DELIVERED else (),
            patents=PATENTS if kind.shape in ("annual", "late") else (),
            today=today,
            result=term and self._result(term, asked, kind),
            query=request.query_string,
        )

    async def calendar(self, request: web.Request) -> web.Response:
        """The last day as a calendar file."""
        asked, now = Asked(request.query), self._clock()
        kind = kind_of(asked)
        term = kind and term_of(asked, kind, worktime=self._worktime, today=local_day(now))
        if not term:
            raise web.HTTPNotFound
        file = calendar_file(term, uid=f"web-{_param(term, asked)}@ipstation", now=now)
        headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
        return web.Response(text=file.content, content_type=file.mime, headers=headers)

    async def fees(self, request: web.Request) -> web.Response:
        """The form; the bill beneath it."""
        asked, today = Asked(request.query), local_day(self._clock())
        bill = bill_of(asked, today=today) if asked.given else None
        free = {
            name: shipped().on(figure, today).value
            for name, figure in (("claims", "claims-free"), ("pages", "pages-free"))
        }
        return self._pages.page(
            "tool_fees.html",
            status=BAD_INPUT if asked.wrong else 200,
            asked=asked,
            patents={kind: plain(f"fees.kind_{kind}") for kind in PATENTS},
            reductions={percent: plain(f"fees.reduction_{percent}") for percent in REDUCTIONS},
            free=free,
            today=today,
            bill=bill and _bill(bill),
        )

    def _kinds(self, asked: Asked) -> web.Response:
        """All kinds by group, or those that come near to what was searched for."""
        book, said = catalogue(), asked.text("q") or asked.text("kind")
        groups = {
            group: list(kinds) for group, kinds in groupby(book.kinds.values(), lambda k: k.group)
        }
        found = list(book.near(said)[:MOST_FOUND]) if said else []
        return self._pages.page(
            "tool_kinds.html",
            status=BAD_INPUT if asked.wrong else 200,
            groups=groups,
            found=found,
            said=said,
        )

    def _result(self, term: Deadline, asked: Asked, kind: Kind) -> dict[str, Any]:
        today, param = local_day(self._clock()), _param(term, asked)
        bot = self._config.telegram.bot_name
        return {
            "d": term,
            "left": (term.last_day - today).days,
            "hurry": HURRY,
            "early": term.given > today and kind.delivery is not None,
            "why": moving(catalogue(), self._worktime, term.due, term.last_day),
            "steps": [
                (step.name, step.until, None if step.fee is None else yuan(step.fee))
                for step in term.steps
            ],
            "fees": {
                name: yuan(remedy.fee)
                for name, remedy in (("extend", term.extend), ("restore", term.restore))
                if remedy is not None and remedy.fee is not None
            },
            "citations": [(text, self._pages.article_link(text)) for text in all_citations(term)],
            "chat": f"/?start={param}",
            "telegram": f"https://t.me/{bot}?start={param}" if bot else None,
        }


def _param(term: Deadline, asked: Asked) -> str:
    return encode(
        term.kind,
        term.given,
        mode=asked.text("delivery") or None,
        year=asked.number("year"),
        patent=asked.text("patent") or None,
    )


def _bill(bill: Bill) -> dict[str, Any]:
    """What the page shows of a bill, in yuan."""
    full = due = 0
    schedule = []
    for item in bill.schedule:
        full, due = full + item.full, due + item.due
        schedule.append(
            {"year": item.year, "full": yuan(item.full), "due": yuan(item.due), "sum": yuan(due)}
        )
    runs = [list(run) for _, run in groupby(bill.schedule, lambda item: item.late)]
    return {
        "case": bill.case,
        "lines": [(i.stage, i.name, yuan(i.full), yuan(i.due)) for i in bill.lines],
        "total_full": yuan(bill.total_full),
        "total_due": yuan(bill.total_due),
        "schedule": schedule,
        "schedule_full": yuan(full),
        "schedule_due": yuan(due),
        "late": [(run[0].year, run[-1].year, [yuan(a) for a in run[0].late]) for run in runs],
        "extras": [(i.name, yuan(i.full), yuan(i.due)) for i in bill.extras],
        "notes": bill.notes,
    }
