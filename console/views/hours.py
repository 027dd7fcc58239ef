"""接待时间: when an advisor sees people, and what a change leaves outside the rules."""

from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from booking.conflicts import Clash
from booking.rulebook import all_advisors, rulebook
from booking.service import rules
from console.clashes import moment_in, open_clashes, rules_of, spans_in
from console.scope import centers_in_view, chosen_center
from console.visit import Visit
from core.clock import local_day

WEEK = range(7)
LONGEST = 80


async def show_all(visit: Visit) -> web.StreamResponse:
    """The advisors of the center; an advisor goes to the own rules."""
    if visit.actor.advisor_id is not None:
        return visit.go("hours_of", id=visit.actor.advisor_id)
    async with visit.reading() as session:
        centers = await centers_in_view(session, visit)
        center = chosen_center(visit, centers)
        people = await all_advisors(session, visit.actor, center.id)
    return visit.render("hours.html", centers=centers, center=center, people=people)


async def show(visit: Visit) -> web.StreamResponse:
    """The rules of one advisor with a form for each, and the open conflicts."""
    async with visit.reading() as session:
        limit = visit.desk.config.booking.daily_limit
        book = await rulebook(session, visit.actor, visit.id_of(), daily_limit=limit, now=visit.now)
        clashes = await open_clashes(session, visit, advisor_id=book.advisor.id)
    return visit.render(
        "hours_of.html",
        book=book,
        clashes=clashes,
        today=local_day(visit.now),
        most=rules.MOST_AT_ONCE,
        may_retire=visit.actor.advisor_id is None and book.advisor.active,
    )


async def week(visit: Visit) -> web.StreamResponse:
    """Replace the week."""
    spans = {day: spans_in(visit, f"day{day}") for day in WEEK}
    visit.form.require_good()
    found = [rules.Weekly(day, *span) for day in WEEK for span in spans[day]]
    async with visit.writing() as session:
        clashes = await rules.set_week(session, week=found, **_who(visit))
    return _back(visit, clashes)


async def day(visit: Visit) -> web.StreamResponse:
    """Other hours on one day, or none."""
    when, spans = visit.form.day("day"), spans_in(visit, "spans")
    reason = visit.form.line("reason", most=LONGEST)
    visit.form.require_good()
    assert when is not None
    async with visit.writing() as session:
        clashes = await rules.set_day(session, day=when, spans=spans, reason=reason, **_who(visit))
    return _back(visit, clashes)


async def clear_day(visit: Visit) -> web.StreamResponse:
    """The week's hours again."""
    when = visit.form.day("day")
    visit.form.require_good()
    assert when is not None
    async with visit.writing() as session:
        clashes = await rules.clear_day(session, day=when, **_who(visit))
    return _back(visit, clashes)


async def leave(visit: Visit) -> web.StreamResponse:
    """Away for a while."""
    starts_at, ends_at = moment_in(visit, "from"), moment_in(visit, "until")
    reason = visit.form.line("why", most=LONGEST)
    visit.form.require_good()
    assert starts_at is not None and ends_at is not None
    async with visit.writing() as session:
        clashes = await rules.add_leave(
            session, starts_at=starts_at, ends_at=ends_at, reason=reason, **_who(visit)
        )
    return _back(visit, clashes)


async def back_from_leave(visit: Visit) -> web.StreamResponse:
    """Take a leave back."""
    async with visit.writing() as session:
        await rules.remove_leave(session, actor=visit.actor, leave_id=_number(visit, "leave"))
        clashes = await _clashes(session, visit)
    return _back(visit, clashes)


async def limits(visit: Visit) -> web.StreamResponse:
    """How many at once and a day."""
    capacity, daily = _number(visit, "capacity"), _number(visit, "daily_limit")
    visit.form.require_good()
    async with visit.writing() as session:
        clashes = await rules.set_limits(
            session, capacity=capacity, daily_limit=daily, **_who(visit)
        )
    return _back(visit, clashes)


async def retire(visit: Visit) -> web.StreamResponse:
    """The advisor sees nobody any more."""
    async with visit.writing() as session:
        clashes = await rules.retire(session, **_who(visit))
    return _back(visit, clashes)


def _who(visit: Visit) -> dict[str, Any]:
    return {
        "actor": visit.actor,
        "advisor_id": visit.id_of(),
        "rules": rules_of(visit),
        "now": visit.now,
    }


def _number(visit: Visit, name: str) -> int:
    given = visit.form.line(name, most=9)
    if not given.isdecimal():
        visit.form.wrong(name, "diary.bad_number")
        return 0
    return int(given)


async def _clashes(session: AsyncSession, visit: Visit) -> list[Clash]:
    return await open_clashes(session, visit, advisor_id=visit.id_of())


def _back(visit: Visit, clashes: list[Clash]) -> web.Response:
    said = "diary.kept_with_conflicts" if clashes else "diary.kept"
    address = visit.url("hours_of", id=visit.id_of())
    return visit.go_to(address, said, count=len(clashes))
