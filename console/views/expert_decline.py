"""谢绝: the expert gives the ticket back, with the reason."""

from aiohttp import web

from console.visit import Visit
from escalation.deadlines import ServiceLevels
from escalation.service.expert import Reason, decline

LONGEST = 500


async def submit(visit: Visit) -> web.StreamResponse:
    """Give it back; it is no longer the expert's to see, so the queue comes next."""
    reason = visit.form.choice("reason", list(Reason), "desk.ticket.reason_missing")
    text = visit.form.text("why", most=LONGEST)
    visit.form.require_good()
    async with visit.writing() as session:
        await decline(
            session,
            actor=visit.actor,
            ticket_id=visit.id_of(),
            reason=Reason(reason),
            text=text,
            levels=ServiceLevels(visit.desk.config.escalation, visit.desk.worktime),
            now=visit.now,
        )
    return visit.go("queue", said="desk.ticket.expert_declined")
