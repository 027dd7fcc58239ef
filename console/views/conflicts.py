"""待处理的冲突: appointments outside the present rules, and what can be done about each."""

from aiohttp import web

from booking.service.keep import keep
from console.clashes import open_clashes
from console.visit import Visit


async def show(visit: Visit) -> web.StreamResponse:
    """All that wait for a decision."""
    async with visit.reading() as session:
        clashes = await open_clashes(session, visit)
    return visit.render("conflicts.html", clashes=clashes)


async def keep_it(visit: Visit) -> web.StreamResponse:
    """It takes place as agreed."""
    async with visit.writing() as session:
        row = await keep(
            session,
            actor=visit.actor,
            appointment_id=visit.id_of(),
            settings=visit.desk.config.booking,
            worktime=visit.desk.worktime,
            now=visit.now,
        )
    return visit.go_to(visit.url("conflicts"), "diary.kept_as_agreed", code=row.code)
