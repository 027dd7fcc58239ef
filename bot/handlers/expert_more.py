"""专家, besides answering: ask for facts, propose another expert, give an opinion."""

from bot.context import Action, Ctx
from bot.messages import Button, Reply, column, reply, rows
from core.errors import Refusal
from escalation.deadlines import ServiceLevels
from escalation.routing import suitable_experts
from escalation.service.expert import Reason, access_as_expert, ask, decline
from escalation.service.panel import Stance, access_seat, give_opinion

VERBS = frozenset({"ask", "propose", "propose_to", "opine", "stance"})
STEPS = frozenset({"ask", "opinion"})
FLOW = "expert"
MOST_PROPOSED = 8


async def act(ctx: Ctx, action: Action) -> Reply:
    """What is tapped."""
    ticket_id = int(action.args[0])
    if action.verb in ("opine", "stance"):
        return await _opine(ctx, action, ticket_id)
    ticket, expert_id = await access_as_expert(ctx.session, ctx.actor, ticket_id)
    if action.verb == "ask":
        ctx.begin(FLOW, "ask", ticket=ticket.id, number=ticket.number)
        return prompt(ctx)
    if action.verb == "propose_to":
        return await _propose(ctx, ticket.id, int(action.args[1]))
    others = [
        expert
        for expert in await suitable_experts(ctx.session, ticket, ctx.today)
        if expert.id != expert_id
    ]
    others.sort(key=lambda expert: (ticket.area not in expert.areas, expert.id))
    buttons = [
        Button(e.name, f"expert.propose_to:{ticket.id}:{e.id}", literal=True)
        for e in others[:MOST_PROPOSED]
    ]
    if not buttons:
        return reply("ticketlife.nobody_to_propose", number=ticket.number)
    return reply("ticketlife.propose_whom", number=ticket.number, buttons=column(*buttons))


async def _opine(ctx: Ctx, action: Action, ticket_id: int) -> Reply:
    ticket, _ = await access_seat(ctx.session, ctx.actor, ticket_id)
    if action.verb == "stance":
        stance = Stance(action.args[1])
        ctx.begin(FLOW, "opinion", ticket=ticket.id, number=ticket.number, stance=stance)
        return prompt(ctx)
    stances = [Button(f"ticketlife.stance.{s}", f"expert.stance:{ticket.id}:{s}") for s in Stance]
    return reply("ticketlife.which_stance", number=ticket.number, buttons=rows(stances, 3))


async def _propose(ctx: Ctx, ticket_id: int, expert_id: int) -> Reply:
    await decline(
        ctx.session,
        actor=ctx.actor,
        ticket_id=ticket_id,
        reason=Reason.FIELD,
        levels=ServiceLevels(ctx.config.escalation, ctx.worktime),
        proposed=expert_id,
        now=ctx.now,
    )
    return Reply()


def prompt(ctx: Ctx) -> Reply:
    """What is to be written."""
    keys = {"ask": "ticketlife.write_ask", "opinion": "ticketlife.write_opinion"}
    return reply(keys[ctx.step or "ask"], number=ctx.data["number"])


async def typed(ctx: Ctx, text: str) -> Reply:
    """The words. If the ticket moved on meanwhile the flow ends with the reason why."""
    step, data = ctx.step, dict(ctx.data)
    ctx.end()
    try:
        async with ctx.session.begin_nested():
            common = {"actor": ctx.actor, "ticket_id": data["ticket"], "text": text}
            if step == "ask":
                await ask(ctx.session, **common, now=ctx.now)
            else:
                stance = Stance(data["stance"])
                await give_opinion(ctx.session, **common, stance=stance, now=ctx.now)
    except Refusal as refusal:
        return reply(refusal.key, **refusal.params)
    return Reply()
