"""The diary: a day or a week, per advisor or per room."""

from aiohttp import web

from booking.model import STANDING
from console.diary import lines_of, look_of
from console.visit import Visit


async def show(visit: Visit) -> web.StreamResponse:
    """The days asked for, else today."""
    async with visit.reading() as session:
        look = await look_of(session, visit)
        lines = await lines_of(session, visit, look)
    met = [sheet for line in lines for day in line.days for sheet in day.meetings]
    return visit.render(
        "appointments.html",
        look=look,
        lines=lines,
        worked=[visit.desk.worktime.is_workday(day) for day in look.days],
        met=len(met),
        expected=sum(one.appointment.status in STANDING for one in met),
    )
