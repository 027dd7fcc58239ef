"""到场: the person came; counts one Z03."""

from aiohttp import web

from booking.service.attend import check_in
from console.visit import Visit
from core.clock import local_day


async def submit(visit: Visit) -> web.StreamResponse:
    """Write it down and return to the day."""
    async with visit.writing() as session:
        row = await check_in(
            session, actor=visit.actor, appointment_id=visit.id_of(), now=visit.now
        )
    return visit.go_to(
        f"{visit.url('appointments')}?day={local_day(row.starts_at)}",
        said="desk.appointment.checked_in",
        name=row.name,
    )
