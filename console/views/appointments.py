"""The appointments of a day: of the center by advisor, or the advisor's own."""

from collections.abc import Sequence
from datetime import date, timedelta

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import STANDING
from booking.queries import Sheet, advisor_day, day_of_center
from console.scope import centers_in_view, chosen_center
from console.visit import Visit
from core.clock import local_day
from directory.model import Advisor, Agency, Center
from directory.queries import advisors_of

ONE_DAY = timedelta(days=1)


async def show(visit: Visit) -> web.StreamResponse:
    """The day asked for, else today."""
    today = local_day(visit.now)
    day = chosen_day(visit, today)
    async with visit.reading() as session:
        if visit.actor.advisor_id is not None:
            own = await advisor_day(session, visit.actor, visit.actor.advisor_id, day)
            centers, center, idle = [], None, []
            sheets: Sequence[Sheet] = own
        else:
            centers = await centers_in_view(session, visit)
            center = chosen_center(visit, centers)
            sheets = await day_of_center(session, visit.actor, center.id, day)
            idle = await _idle(session, center, sheets)
    return visit.render(
        "appointments.html",
        day=day,
        today=today,
        before=day - ONE_DAY,
        after=day + ONE_DAY,
        worked=visit.desk.worktime.is_workday(day),
        center=center,
        centers=centers,
        groups=by_advisor(sheets),
        idle=idle,
        expected=sum(one.appointment.status in STANDING for one in sheets),
    )


def chosen_day(visit: Visit, today: date) -> date:
    """The day in the address; today, with a word about it, when that is not a day."""
    given = visit.query("day")
    if given:
        visit.form.values["day"] = given
        day = visit.form.day("day")
        if day is not None and abs((day - today).days) < 3660:
            return day
        visit.form.wrong("day", "desk.form.bad_day")
    return today


def by_advisor(sheets: Sequence[Sheet]) -> list[tuple[Advisor, Agency, list[Sheet]]]:
    """The day's appointments of each advisor, in the order of their names' enrolment."""
    groups: dict[int, tuple[Advisor, Agency, list[Sheet]]] = {}
    for one in sheets:
        groups.setdefault(one.advisor.id, (one.advisor, one.agency, []))[2].append(one)
    return [groups[advisor_id] for advisor_id in sorted(groups)]


async def _idle(
    session: AsyncSession, center: Center, sheets: Sequence[Sheet]
) -> list[tuple[Advisor, Agency]]:
    """The center's advisors who have nothing that day."""
    busy = {one.advisor.id for one in sheets}
    return [pair for pair in await advisors_of(session, center.id) if pair[0].id not in busy]
