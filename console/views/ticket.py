"""The page of one ticket."""

from datetime import date

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.answering import Tools, bench, bubble, restore
from console.views.ticket_steps import offered
from console.visit import Visit
from core.clock import local_day
from directory.model import Expert
from escalation.lifecycle import TRANSITIONS, Party, party_of
from escalation.model import Status, Ticket
from escalation.queries import access_ticket, load_of_experts, sheet, timeline
from escalation.routing import suitable_experts
from escalation.service.to_knowledge import source_of
from escalation.telling import expert_card
from knowledge.entry import AREAS
from knowledge.queries import made_of

NO_TOOLS = Tools()


async def show(visit: Visit, tools: Tools = NO_TOOLS) -> web.StreamResponse:
    """The matter, its past, and what this actor can do about it now."""
    async with visit.reading() as session:
        ticket = await access_ticket(session, visit.actor, visit.id_of())
        party = party_of(visit.actor, ticket)
        can = steps_open_to(party, ticket)
        lines = await timeline(session, visit.actor, ticket)
        if party is Party.EXPERT:
            card = (await expert_card(session, ticket)).params
            await restore(session, visit, ticket)
            return visit.render(
                "ticket_expert.html", t=ticket, card=card, lines=lines, can=can, tools=tools
            )
        names = await sheet(session, ticket)
        experts = await _experts(session, ticket, local_day(visit.now)) if "pass_on" in can else []
        steps = await offered(session, ticket, party)
        kb_draft = await made_of(session, source_of(ticket))
        b = await bench(session, visit, ticket, tools)
    return visit.render(
        "ticket.html",
        t=ticket,
        s=names,
        lines=lines,
        can=can,
        experts=experts,
        steps=steps,
        by_expert=any(line.kind == "expert_answer" for line in lines),
        kb_draft=kb_draft,
        areas=AREAS,
        b=b,
        bubble=bubble,
    )


def steps_open_to(party: Party | None, ticket: Ticket) -> set[str]:
    """The verbs of the lifecycle that the party may do where the ticket stands."""
    return {
        verb
        for verb, step in TRANSITIONS.items()
        if party in step.who and Status(ticket.status) in step.leads
    }


async def _experts(
    session: AsyncSession, ticket: Ticket, day: date
) -> list[tuple[Expert, int, bool]]:
    """Experts without a conflict of interest, with their load and whether the field is theirs."""
    load = await load_of_experts(session)
    found = [
        (expert, load.get(expert.id, 0), ticket.area in expert.areas)
        for expert in await suitable_experts(session, ticket, day)
    ]
    return sorted(found, key=lambda one: (not one[2], one[1], one[0].id))
