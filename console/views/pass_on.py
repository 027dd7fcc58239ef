"""转专家: to the expert chosen from the list, or to the one who suits best."""

from aiohttp import web

from console.visit import Visit
from escalation.deadlines import ServiceLevels
from escalation.service.draft import clear_draft
from escalation.service.pass_on import pass_on

LONGEST = 500


async def submit(visit: Visit) -> web.StreamResponse:
    """Pass the ticket on."""
    chosen = visit.form.values.get("expert", "")
    if chosen and not (chosen.isdecimal() and len(chosen) < 10):
        visit.form.wrong("expert", "desk.ticket.expert_unknown")
    note = visit.form.text("note", most=LONGEST)
    visit.form.require_good()
    async with visit.writing() as session:
        ticket = await pass_on(
            session,
            actor=visit.actor,
            ticket_id=visit.id_of(),
            levels=ServiceLevels(visit.desk.config.escalation, visit.desk.worktime),
            expert_id=int(chosen) if chosen else None,
            note=note,
            now=visit.now,
        )
        await clear_draft(
            session, actor=visit.actor, ticket_id=ticket.id, field="note", now=visit.now
        )
    return visit.go("ticket", said="desk.ticket.passed_on", id=ticket.id)
