"""One step on many ticked tickets; each goes its own way, and each is told."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.filters import Filter, filter_of
from console.visit import LARGEST_ID, Visit, in_words
from core.errors import Refusal
from core.texts import plain
from escalation.deadlines import ServiceLevels
from escalation.model import Ticket
from escalation.service.close import close
from escalation.service.reassign import reassign
from escalation.service.take import take

MOST = 50
_TICKED = re.compile(r"ticket-(\d{1,10})")

Step = Callable[[AsyncSession, int], Awaitable[Ticket]]


@dataclass(frozen=True)
class Outcome:
    """What became of one ticked ticket. ``number``: empty where it could not be read."""

    ticket_id: int
    number: str
    done: bool
    said: str


async def submit(visit: Visit) -> web.StreamResponse:
    """Do it to each in a transaction of its own, and list what became of each."""
    form, chosen = visit.form, filter_of(visit)
    ticked = _ticked(visit)
    if not ticked:
        form.wrong("do", "deskwork.bulk.nothing")
    elif len(ticked) > MOST:
        form.wrong("do", "deskwork.bulk.too_many", most=MOST)
    what = form.choice("do", ("take", "reassign", "close"), "deskwork.bulk.what")
    step = _step(visit, what)
    if form.errors:
        visit.refusal = next(iter(form.errors.values()))
        visit.status = 422
        return visit.render("bulk.html", outcomes=[], back=_back(visit, chosen))
    outcomes = [await _do(visit, step, ticket_id, what) for ticket_id in ticked]
    return visit.render("bulk.html", outcomes=outcomes, back=_back(visit, chosen))


def _ticked(visit: Visit) -> list[int]:
    """In the order of the page, each once."""
    found = (_TICKED.fullmatch(name) for name in visit.form.values)
    return [int(one[1]) for one in found if one and int(one[1]) <= LARGEST_ID]


def _back(visit: Visit, chosen: Filter) -> str:
    return f"{visit.url('queue')}?{chosen.address()}"


def _step(visit: Visit, what: str) -> Step:
    levels = ServiceLevels(visit.desk.config.escalation, visit.desk.worktime)
    actor, now = visit.actor, visit.now
    if what == "reassign":
        given = visit.form.values.get("to", "")
        to = int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
        if not to:
            visit.form.wrong("to", "deskwork.bulk.to_missing")
        return lambda session, one: reassign(
            session, actor=actor, ticket_id=one, account_id=to, now=now
        )
    if what == "close":
        return lambda session, one: close(
            session, actor=actor, ticket_id=one, levels=levels, now=now
        )
    return lambda session, one: take(session, actor=actor, ticket_id=one, levels=levels, now=now)


async def _do(visit: Visit, step: Step, ticket_id: int, what: str) -> Outcome:
    try:
        async with visit.writing() as session:
            ticket = await step(session, ticket_id)
    except Refusal as refusal:
        number = str(refusal.params.get("number", ""))
        return Outcome(ticket_id, number, False, in_words(refusal))
    return Outcome(ticket.id, ticket.number, True, plain(f"deskwork.bulk.done_{what}"))
