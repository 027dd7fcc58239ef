"""The page of one appointment."""

from aiohttp import web

from booking.check_in_code import check_in_link, qr
from booking.model import STANDING, Status
from booking.queries import access_appointment, sheet, unsealed
from console.visit import Visit
from core.clock import local_day


async def show(visit: Visit) -> web.StreamResponse:
    """Who comes, when, about what, and what can be written down now."""
    async with visit.reading() as session:
        appointment = await access_appointment(session, visit.actor, visit.id_of())
        names = unsealed(visit.actor, await sheet(session, appointment))
    standing = appointment.status in STANDING
    begun = appointment.starts_at <= visit.now
    can = {
        "check_in": appointment.status in (*STANDING, Status.NO_SHOW)
        and local_day(appointment.starts_at) <= local_day(visit.now),
        "no_show": appointment.status == Status.BOOKED and begun,
        "cancel": standing and not begun,
        "move": standing and not begun,
    }
    config = visit.desk.config
    link = check_in_link(config.security.secret_key, config.server.public_url, appointment)
    code = qr(link) if can["cancel"] or can["check_in"] else None
    return visit.render("appointment.html", s=names, a=names.appointment, can=can, code=code)
