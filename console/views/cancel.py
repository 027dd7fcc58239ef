"""取消预约: with a reason, which the person who booked is told."""

from aiohttp import web

from booking.service.cancel import cancel
from booking.service.notice import heard
from console.visit import Visit

LONGEST = 100


async def submit(visit: Visit) -> web.StreamResponse:
    """Cancel; the time is free again."""
    reason = visit.form.line("reason", most=LONGEST, missing="desk.appointment.reason_missing")
    visit.form.require_good()
    async with visit.writing() as session:
        row = await cancel(
            session,
            actor=visit.actor,
            appointment_id=visit.id_of(),
            reason=reason,
            now=visit.now,
        )
    said = "desk.appointment.cancelled" if heard(row) else "diary.cancelled_call"
    if visit.form.values.get("then") == "conflicts":
        return visit.go_to(visit.url("conflicts"), said, phone=row.phone)
    return visit.go_to(visit.url("appointment", id=row.id), said, phone=row.phone)
