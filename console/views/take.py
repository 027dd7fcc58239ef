"""受理: take charge of a ticket."""

from aiohttp import web

from console.visit import Visit
from escalation.deadlines import ServiceLevels
from escalation.model import Complexity
from escalation.service.take import take


async def submit(visit: Visit) -> web.StreamResponse:
    """Take it, at the chosen complexity."""
    complexity = visit.form.choice("complexity", list(Complexity), "desk.ticket.complexity")
    visit.form.require_good()
    async with visit.writing() as session:
        ticket = await take(
            session,
            actor=visit.actor,
            ticket_id=visit.id_of(),
            levels=ServiceLevels(visit.desk.config.escalation, visit.desk.worktime),
            complexity=Complexity(complexity),
            now=visit.now,
        )
    return visit.go("ticket", said="desk.ticket.taken", id=ticket.id)
