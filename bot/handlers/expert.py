"""专家: in a chat tied to an expert: accept, decline with a reason, answer with a preview."""

import hashlib

from bot.context import Action, Ctx, Intent
from bot.handlers import expert_more
from bot.messages import Button, Incoming, Reply, column, reply, rows
from bot.sanitise import clean
from core.errors import Refusal
from core.texts import plain
from escalation import queries
from escalation.deadlines import ServiceLevels
from escalation.model import Status
from escalation.seats import seats_waiting
from escalation.service.expert import Reason, accept, access_as_expert, answer, decline
from escalation.telling import expert_card, when

FLOW = "expert"
LONGEST = 10_000
YES = frozenset({"发送", "确认", "确定", "好", "好的", "可以", "是", "ok", "yes"})


class NotAnExpert(Refusal):
    key = "expert.not_an_expert"


class Stale(Refusal):
    """A button of an answer that was sent, given up or changed."""

    key = "expert.stale"


class TooLong(Refusal):
    key = "expert.too_long"


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """Show what waits, or do what was tapped or typed. Only the expert a ticket is with may act."""
    if ctx.actor.expert_id is None:
        raise NotAnExpert
    if ctx.action is None and ctx.step in expert_more.STEPS:
        return await expert_more.typed(ctx, clean(incoming.text or ""))
    if ctx.action is None:
        return await _typed(ctx, clean(incoming.text or ""))
    if ctx.action.verb in ("start", "mine"):
        return await _listing(ctx)
    if ctx.action.verb in ("send", "redo"):
        return await _finish(ctx, ctx.action)
    if ctx.action.verb in expert_more.VERBS:
        return await expert_more.act(ctx, ctx.action)
    return await _act(ctx, ctx.action)


async def _act(ctx: Ctx, action: Action) -> Reply:
    """What is tapped on a card: show, accept, decline (reason), answer."""
    ticket, _ = await access_as_expert(ctx.session, ctx.actor, int(action.args[0]))
    if action.verb == "show":
        return Reply((await expert_card(ctx.session, ticket),))
    if action.verb == "reason":
        return await _decline(ctx, ticket.id, action.args[1])
    if action.verb == "accept":
        await accept(ctx.session, actor=ctx.actor, ticket_id=ticket.id, now=ctx.now)
        return Reply()
    ctx.begin(FLOW, action.verb, ticket=ticket.id, number=ticket.number)
    return await prompt(ctx)


async def prompt(ctx: Ctx) -> Reply:
    """What the expert is asked at present."""
    if ctx.step in expert_more.STEPS:
        return expert_more.prompt(ctx)
    number = ctx.data["number"]
    if ctx.step == "decline":
        reasons = [
            Button(f"escalation.reason.{r}", f"expert.reason:{ctx.data['ticket']}:{r}")
            for r in Reason
            if r is not Reason.OTHER
        ]
        return reply("expert.why_decline", number=number, buttons=rows(reasons, 2))
    if ctx.step == "confirm":
        buttons = column(
            Button("expert.button_send", f"expert.send:{_digest(ctx)}"),
            Button("expert.button_redo", "expert.redo"),
        )
        return reply("expert.preview", number=number, text=ctx.data["text"], buttons=buttons)
    return reply("expert.write", number=number)


async def _listing(ctx: Ctx) -> Reply:
    found = await queries.queue(ctx.session, ctx.actor, (Status.WITH_EXPERT,))
    seats = await seats_waiting(ctx.session, ctx.actor.expert_id or 0)
    if not found and not seats:
        return reply("expert.none")
    buttons = [
        Button("ticketlife.button_seat", f"expert.opine:{seat.id}", {"number": seat.number})
        for seat in seats
    ]
    for sheet in found:
        ticket, due = sheet.ticket, when(sheet.ticket.expert_due_at, ctx.address.lang)
        area = plain(f"area.{ticket.area}", ctx.address.lang)
        label = f"{ticket.number} {area} {due}"
        buttons.append(Button(label, f"expert.show:{ticket.id}", literal=True))
    return reply("expert.mine", buttons=column(*buttons))


async def _typed(ctx: Ctx, text: str) -> Reply:
    """The words of the flow: a reason, an answer, or more of the answer."""
    if ctx.step == "decline":
        return await _decline(ctx, ctx.data["ticket"], Reason.OTHER, text)
    if ctx.step == "confirm" and text.lower() in YES:
        return await _send(ctx)
    so_far = [ctx.data["text"]] if ctx.step == "confirm" else []
    whole = "\n".join([*so_far, text])
    if len(whole) > LONGEST:
        raise TooLong(limit=LONGEST)
    ctx.advance("confirm", text=whole)
    return await prompt(ctx)


async def _finish(ctx: Ctx, action: Action) -> Reply:
    """Send what was shown, or write it anew."""
    if ctx.conversation.flow != FLOW or ctx.step != "confirm":
        raise Stale
    if action.verb == "redo":
        ctx.advance("answer")
        return await prompt(ctx)
    if action.args[0] != _digest(ctx):
        return reply("expert.changed").then(await prompt(ctx))
    return await _send(ctx)


async def _send(ctx: Ctx) -> Reply:
    """Deliver the answer. If the ticket is gone meanwhile, say so and end the flow."""
    ticket_id, text = ctx.data["ticket"], ctx.data["text"]
    try:
        async with ctx.session.begin_nested():
            await answer(ctx.session, actor=ctx.actor, ticket_id=ticket_id, text=text, now=ctx.now)
    except Refusal as refusal:
        ctx.end()
        return reply(refusal.key, **refusal.params)
    ctx.end()
    return Reply()


async def _decline(ctx: Ctx, ticket_id: int, why: str, text: str = "") -> Reply:
    levels = ServiceLevels(ctx.config.escalation, ctx.worktime)
    if ctx.conversation.flow == FLOW:
        ctx.end()
    try:
        await decline(
            ctx.session,
            actor=ctx.actor,
            ticket_id=ticket_id,
            reason=Reason(why),
            levels=levels,
            now=ctx.now,
            text=text,
        )
    except Refusal as refusal:
        return reply(refusal.key, **refusal.params)
    return Reply()


def _digest(ctx: Ctx) -> str:
    """Names exactly this answer to this ticket."""
    shown = f"{ctx.data['ticket']}\0{ctx.data['text']}"
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


INTENT = Intent(FLOW, handle, commands=("待答", "我的待答", "/cases"), prompt=prompt)
