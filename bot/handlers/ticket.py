"""工单: a person's own tickets: see, add facts, rate, go on, take back."""

import hashlib
from collections.abc import Awaitable, Callable

from bot.context import Ctx, Intent
from bot.messages import Button, Incoming, Reply, column, reply, rows
from bot.sanitise import clean
from core.errors import Refusal
from core.texts import plain
from directory.actor import Actor
from escalation import queries
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import TRANSITIONS, target_of
from escalation.model import OPEN, Status, Ticket
from escalation.queries import access_ticket
from escalation.service.rate import give_reason, rate
from escalation.service.reopen import reopen
from escalation.service.supplement import supplement
from escalation.service.withdraw import withdraw
from escalation.telling import rating_buttons, supplement_button, when

FLOW = "ticket"
WRITING = ("supplement", "reopen", "reason")


class Stale(Refusal):
    """A button under words that were kept, or are no longer at hand."""

    key = "ticket.stale"


async def handle(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """Show a ticket, or do what was tapped or typed."""
    if ctx.action is None:
        return await _written(ctx, clean(incoming.text or ""))
    verb = ctx.action.verb
    if verb in ("start", "mine"):
        return await listing(ctx)
    ticket = await access_ticket(ctx.session, as_asker(ctx), int(ctx.action.args[0]))
    if verb in WRITING:
        if verb in TRANSITIONS:
            target_of(as_asker(ctx), ticket, verb)  # refuses before anything is typed
        ctx.begin(FLOW, verb, ticket=ticket.id, number=ticket.number)
        return await prompt(ctx)
    taps: dict[str, Callable[[Ctx, Ticket], Awaitable[Reply]]] = {
        "show": _show,
        "rate": _rate,
        "keep": _keep,
        "withdraw": _ask_withdrawal,
        "withdraw_yes": _withdraw,
    }
    return await taps[verb](ctx, ticket) if verb in taps else None


async def prompt(ctx: Ctx) -> Reply:
    """What to write."""
    keys = {
        "supplement": "ticket.write_supplement",
        "reopen": "ticket.write_reopen",
        "reason": "ticket.write_reason",
    }
    return reply(keys[ctx.step or "supplement"], number=ctx.data["number"])


async def offer_to_keep(ctx: Ctx, otherwise: list[Button]) -> Reply | None:
    """For words the base cannot answer for sure: are they the facts that a ticket waits for?

    ``otherwise``: what else the words may have meant. None when no ticket waits for facts.
    """
    found = await queries.open_of_contact(ctx.session, ctx.contact.id)
    waiting = [ticket for ticket in found if ticket.status == Status.WAITING_ASKER]
    if not waiting:
        return None
    keep = Button("ticket.button_keep", f"ticket.keep:{waiting[0].id}:{_digest(ctx)}")
    buttons = column(keep, *otherwise)
    return reply("ticket.offer", number=waiting[0].number, buttons=buttons)


async def _keep(ctx: Ctx, ticket: Ticket) -> Reply:
    """Add the words that were last typed, if they are still those the button stood under."""
    if ctx.action is None or ctx.action.args[1] != _digest(ctx):
        raise Stale
    await supplement(
        ctx.session,
        actor=as_asker(ctx),
        ticket_id=ticket.id,
        text=ctx.conversation.last_question or "",
        levels=ServiceLevels(ctx.config.escalation, ctx.worktime),
        now=ctx.now,
    )
    return Reply()


def _digest(ctx: Ctx) -> str:
    return hashlib.sha256((ctx.conversation.last_question or "").encode()).hexdigest()[:12]


async def listing(ctx: Ctx) -> Reply:
    """The person's tickets, newest first."""
    found = await queries.mine(ctx.session, ctx.contact.id)
    if not found:
        return reply("ticket.none", buttons=column(Button("ticket.button_ask", "escalate.start")))
    lang = ctx.address.lang
    labels = [(t, plain(f"escalation.status.{t.status}", lang)) for t in found]
    buttons = [
        Button(f"{ticket.number} {status}", f"ticket.show:{ticket.id}", literal=True)
        for ticket, status in labels
    ]
    return reply("ticket.mine", buttons=column(*buttons))


def as_asker(ctx: Ctx) -> Actor:
    """The person as one who asks, also in a chat that is tied to an expert."""
    return Actor(kind="asker", id=ctx.contact.id, name=ctx.contact.name or "")


async def _show(ctx: Ctx, ticket: Ticket) -> Reply:
    lang = ctx.address.lang
    past = await queries.timeline(ctx.session, as_asker(ctx), ticket)
    lines = [
        {
            "at": when(line.at, lang),
            "kind": plain(f"escalation.event.{line.kind}", lang),
            "who": line.who,
            "text": "" if line.kind == "opened" else line.text,
        }
        for line in past
    ]
    return reply(
        "ticket.card",
        number=ticket.number,
        status=plain(f"escalation.status.{ticket.status}", lang),
        topic=plain(f"area.{ticket.area}", lang),
        due=when(ticket.due_at, lang) if ticket.status in OPEN else "",
        question=ticket.question,
        lines=lines,
        buttons=_ways_on(ticket),
    )


def _ways_on(ticket: Ticket) -> tuple[tuple[Button, ...], ...]:
    if ticket.status in OPEN:
        take_back = Button("ticket.button_withdraw", f"ticket.withdraw:{ticket.id}")
        return rows([supplement_button(ticket), take_back], 2)
    if ticket.status == Status.MERGED:
        return column(supplement_button(ticket))
    if ticket.status in (Status.RETURNED, Status.TRANSFERRED):
        return rating_buttons(ticket)[-1:]
    if ticket.status == Status.WITHDRAWN:
        return column(Button("ticket.button_ask", "escalate.start"))
    rated = rating_buttons(ticket)
    return rated if ticket.rating is None else rated[-1:]


async def _rate(ctx: Ctx, ticket: Ticket) -> Reply:
    args = ctx.action.args if ctx.action is not None else ()
    rating = int(args[1]) if len(args) > 1 and args[1].isdecimal() else 0
    await rate(
        ctx.session,
        actor=as_asker(ctx),
        ticket_id=ticket.id,
        rating=rating,
        levels=ServiceLevels(ctx.config.escalation, ctx.worktime),
        now=ctx.now,
    )
    return Reply()


async def _ask_withdrawal(ctx: Ctx, ticket: Ticket) -> Reply:
    target_of(as_asker(ctx), ticket, "withdraw")
    buttons = [
        Button("ticket.button_withdraw_yes", f"ticket.withdraw_yes:{ticket.id}"),
        Button("ticket.button_withdraw_no", f"ticket.show:{ticket.id}"),
    ]
    return reply("ticket.withdraw_sure", number=ticket.number, buttons=rows(buttons, 2))


async def _withdraw(ctx: Ctx, ticket: Ticket) -> Reply:
    await withdraw(ctx.session, actor=as_asker(ctx), ticket_id=ticket.id, now=ctx.now)
    return Reply()


async def _written(ctx: Ctx, text: str) -> Reply:
    """The words of a flow, whatever they are: here everything typed belongs to the ticket.

    When the ticket moved on meanwhile the flow ends with the reason why.
    """
    common = {"actor": as_asker(ctx), "ticket_id": ctx.data["ticket"], "text": text}
    levels = ServiceLevels(ctx.config.escalation, ctx.worktime)
    step = ctx.step
    ctx.end()
    try:
        if step == "supplement":
            await supplement(ctx.session, **common, levels=levels, now=ctx.now)
        elif step == "reopen":
            await reopen(ctx.session, **common, levels=levels, now=ctx.now)
        else:
            await give_reason(ctx.session, **common, now=ctx.now)
    except Refusal as refusal:
        return reply(refusal.key, **refusal.params)
    return Reply()


INTENT = Intent(
    FLOW, handle, commands=("我的工单", "查工单", "工单", "/tickets", "tickets"), prompt=prompt
)
