"""交接和请假: all open tickets of one person to another in one step, and days of leave."""

from aiohttp import web

from console.visit import Visit
from core.clock import local_day
from directory.absences import take_leave
from directory.model import Account
from directory.staff import leaves_from, staff_of
from escalation.lifecycle import NotYours
from escalation.service.hand_over import hand_over

LONGEST = 200


async def show(visit: Visit) -> web.StreamResponse:
    """The form, with who is there."""
    async with visit.reading() as session:
        people = await staff_of(session, visit.actor)
        leaves = await leaves_from(session, local_day(visit.now), [p.id for p in people])
    return visit.render("hand_over.html", people=people, leaves=leaves)


def _person(visit: Visit, name: str) -> int:
    value = visit.form.values.get(name, "")
    if not (value.isdecimal() and len(value) < 10):
        visit.form.wrong(name, "ticketlife.desk.person_missing")
        return 0
    return int(value)


async def submit(visit: Visit) -> web.StreamResponse:
    """Hand everything over."""
    leaving, to = _person(visit, "leaving"), _person(visit, "to")
    why = visit.form.line("why", most=LONGEST)
    visit.form.require_good()
    async with visit.writing() as session:
        count = await hand_over(
            session, actor=visit.actor, leaving=leaving, to=to, why=why, now=visit.now
        )
    return visit.go_to(visit.url("hand_over"), "ticketlife.desk.handed_over", count=count)


async def leave(visit: Visit) -> web.StreamResponse:
    """Write a leave down: of oneself, or as the director and the province of anybody there."""
    who = _person(visit, "who")
    first, last = visit.form.day("first"), visit.form.day("last")
    visit.form.require_good()
    assert first is not None and last is not None
    async with visit.writing() as session:
        account = await session.get(Account, who)
        if account is None or account.id not in {
            one.id for one in await staff_of(session, visit.actor)
        }:
            raise NotYours
        await take_leave(session, first_day=first, last_day=last, account_id=account.id)
    return visit.go("hand_over", said="ticketlife.desk.leave_kept")
