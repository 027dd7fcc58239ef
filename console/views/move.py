"""改期、改派: another time for an appointment, at the desk also another advisor."""

from datetime import date, datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.availability import Window, free_days, free_on
from booking.model import Appointment
from booking.queries import access_appointment, candidates, sheet, unsealed
from booking.service.notice import heard
from booking.service.reschedule import reschedule
from console.clashes import moment_in
from console.visit import Visit
from directory.model import Advisor, Agency


async def show(visit: Visit) -> web.StreamResponse:
    """Choose an advisor and a day, then one of the free times."""
    async with visit.reading() as session:
        row = await access_appointment(session, visit.actor, visit.id_of())
        people = await _people(session, visit, row)
        chosen = next((a for a, _ in people if str(a.id) == visit.query("advisor")), None)
        chosen = chosen or (people[0][0] if people else None)
        days, day, times = await _free(session, visit, row, chosen)
        told, names = heard(row), unsealed(visit.actor, await sheet(session, row))
    return visit.render(
        "move.html",
        a=names.appointment,
        s=names,
        people=people,
        chosen=chosen,
        days=days,
        day=day,
        times=times,
        told=told,
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Move it; the person is told."""
    starts_at = moment_in(visit, "starts_at")
    given = visit.form.values.get("advisor", "")
    if not given.isdecimal():
        visit.form.wrong("advisor", "diary.advisor_missing")
    visit.form.require_good()
    assert starts_at is not None
    async with visit.writing() as session:
        row = await access_appointment(session, visit.actor, visit.id_of())
        own = visit.actor.advisor_id
        row = await reschedule(
            session,
            actor=visit.actor,
            appointment_id=row.id,
            starts_at=starts_at,
            advisor_id=int(given) if own is None else row.advisor_id,
            settings=visit.desk.config.booking,
            worktime=visit.desk.worktime,
            now=visit.now,
        )
    said = "diary.moved" if heard(row) else "diary.moved_call"
    return visit.go_to(visit.url("appointment", id=row.id), said, phone=row.phone)


async def _people(
    session: AsyncSession, visit: Visit, row: Appointment
) -> list[tuple[Advisor, Agency]]:
    """Who could see them: the present advisor first; an advisor hands nothing to others."""
    found = await candidates(
        session,
        center_id=row.center_id,
        area=row.area,
        enterprise_id=row.enterprise_id,
        now=visit.now,
    )
    present = await session.get_one(Advisor, row.advisor_id)
    agency = await session.get_one(Agency, present.agency_id)
    others = [pair for pair in found if pair[0].id != present.id]
    own = visit.actor.advisor_id is not None
    return [*([(present, agency)] if present.active else []), *([] if own else others)]


async def _free(
    session: AsyncSession, visit: Visit, row: Appointment, advisor: Advisor | None
) -> tuple[list[date], date | None, list[datetime]]:
    """The days with free times, the day chosen, and its free times."""
    if advisor is None:
        return [], None, []
    window = Window.at(visit.now, visit.desk.config.booking, visit.desk.worktime)
    diaries = await queries.diaries(session, [advisor.id], window, moving=row.id, place=row.place)
    days = free_days(diaries, row.minutes, window)
    wanted = next((one for one in days if one.isoformat() == visit.query("day")), None)
    day = wanted or (days[0] if days else None)
    times = free_on(diaries[advisor.id], day, row.minutes, window) if day else []
    return days, day, times
