"""What a patent application costs (费用计算), asked step by step.

The flow: kind → claims and pages (not for designs) → priority → reduction → bill.
"""

from itertools import groupby
from typing import Any

from bot.context import Ctx, Intent
from bot.handlers.ask import BOOK, PERSON
from bot.messages import Button, Incoming, Reply, column, reply, rows
from bot.sessions import answered
from bot.steps import Flow, Step, Tap, asks, pick
from core.errors import Refusal
from core.numerals import whole_number
from core.texts import plain
from knowledge.calculate.annuities import PATENTS
from knowledge.calculate.fees import REDUCTIONS, Annuity, Bill, Case, Line, fees
from knowledge.calculate.tables import shipped, yuan

AGAIN = Button("fees.button_again", "fees.start")
ORDER = ("kind", "claims", "pages", "priority", "reduction")
NOT_FOR_DESIGNS = frozenset({"claims", "pages"})
FREE = {"claims": "claims-free", "pages": "pages-free"}
NONE = frozenset({"没有", "无", "没", "不要", "不要求", "不减", "不减缴", "none", "no"})


class StaleStep(Refusal):
    """A button of a calculation that is over, or of a step not reached yet."""

    key = "fees.stale"


async def handle(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """Start, or take an answer. A refusal never loses the flow."""
    if ctx.action is not None and ctx.action.verb == "start":
        ctx.begin(FLOW.name, ORDER[0])
        return await FLOW.prompt(ctx)
    return await FLOW.take(incoming, ctx)


async def ask_kind(ctx: Ctx) -> Reply:
    """Invention, utility model or design."""
    buttons = [Button(f"fees.kind_{kind}", f"fees.kind:{kind}") for kind in PATENTS]
    return reply("fees.which_kind", buttons=rows(buttons, 3))


async def typed_kind(ctx: Ctx, text: str) -> Reply | None:
    """Its name, or words with the name in them."""
    said, lang = text.lower(), ctx.address.lang
    labels = {kind: plain(f"fees.kind_{kind}", lang).lower() for kind in PATENTS}
    found = [kind for kind, label in labels.items() if label in said or said in label]
    if asks(text):
        return None
    if len(found) != 1:
        return reply("fees.bad_kind")
    return await _next(ctx, kind=found[0])


async def choose_kind(ctx: Ctx, kind: str) -> Reply:
    """Go on to the first number."""
    return await _next(ctx, kind=kind)


async def ask_claims(ctx: Ctx) -> Reply:
    """How many claims."""
    return reply("fees.which_claims", buttons=_within(ctx, "claims"))


async def ask_pages(ctx: Ctx) -> Reply:
    """How many pages."""
    return reply("fees.which_pages", buttons=_within(ctx, "pages"))


async def ask_priority(ctx: Ctx) -> Reply:
    """How many priorities are claimed."""
    some = [Button("fees.button_count", f"fees.priority:{n}", {"count": n}) for n in (1, 2)]
    none = Button("fees.button_none", "fees.priority:0")
    return reply("fees.which_priority", buttons=rows([*some, none], 3))


async def ask_reduction(ctx: Ctx) -> Reply:
    """What the applicant is let off."""
    buttons = [
        Button(f"fees.reduction_{percent}", f"fees.reduction:{percent}") for percent in REDUCTIONS
    ]
    return reply("fees.which_reduction", buttons=column(*buttons))


async def typed_number(ctx: Ctx, text: str) -> Reply | None:
    """The number that the present step asks for."""
    step = ctx.step or ORDER[0]
    number = 0 if text.strip().lower() in NONE and step not in FREE else whole_number(text)
    if number is not None:
        return await _next(ctx, **{step: number})
    return None if asks(text) else reply(f"fees.bad_{step}")


async def typed_reduction(ctx: Ctx, text: str) -> Reply | None:
    """The percentage, or words of a button."""
    labels = {plain(f"fees.reduction_{n}", ctx.address.lang): n for n in REDUCTIONS}
    percent = None if any(char.isdigit() for char in text) else pick(text, labels)
    return await (typed_number(ctx, text) if percent is None else _next(ctx, reduction=percent))


def _tap(step: str) -> Tap:
    async def choose(ctx: Ctx, number: str) -> Reply:
        return await _next(ctx, **{step: int(number)})

    return Tap(step, choose)


def _within(ctx: Ctx, what: str) -> tuple[tuple[Button, ...], ...]:
    """The usual case, which costs nothing more."""
    free = shipped().on(FREE[what], ctx.today).value
    return column(Button(f"fees.button_{what}", f"fees.{what}:{free}", {"free": free}))


async def _next(ctx: Ctx, **found: Any) -> Reply:
    """Keep the answer and go on to the next question, or to the bill after the last.

    Every answer is tried at once, so that a wrong one is refused where it can be changed.
    """
    bill = fees(Case(**{**ctx.data, **found}), when=ctx.today)
    asked = [s for s in ORDER if bill.case.kind != "design" or s not in NOT_FOR_DESIGNS]
    place = asked.index(ctx.step or ORDER[0]) + 1
    if place < len(asked):
        ctx.advance(asked[place], **found)
        return Reply()
    ctx.end()
    return await _shown(ctx, bill)


async def _shown(ctx: Ctx, bill: Bill) -> Reply:
    kind = plain(f"fees.kind_{bill.case.kind}", ctx.address.lang)
    row = ctx.conversation
    row.last_question = plain("fees.asked", ctx.address.lang, kind=kind)
    row.last_entry = None
    await answered(ctx)
    return reply(
        "fees.card",
        kind=kind,
        reduction=bill.case.reduction,
        lines=[_line(line) for line in bill.lines],
        total=yuan(bill.total_due),
        full=yuan(bill.total_full),
        years=[_line(run[0]) | {"first": run[0].year, "last": run[-1].year} for run in _runs(bill)],
        notes=bill.notes,
        buttons=((AGAIN,), (PERSON, BOOK)),
    )


def _line(item: Line | Annuity) -> dict[str, Any]:
    name = item.name if isinstance(item, Line) else ""
    return {"name": name, "due": yuan(item.due), "full": yuan(item.full)}


def _runs(bill: Bill) -> list[list[Annuity]]:
    """The annual fees, with neighbouring years that cost the same taken together."""
    return [list(run) for _, run in groupby(bill.schedule, lambda item: (item.full, item.due))]


FLOW = Flow(
    name="fees",
    steps={
        "kind": Step(ask_kind, typed_kind),
        "claims": Step(ask_claims, typed_number, number=True),
        "pages": Step(ask_pages, typed_number, number=True),
        "priority": Step(ask_priority, typed_number, number=True),
        "reduction": Step(ask_reduction, typed_reduction),
    },
    taps={
        "kind": Tap("kind", choose_kind),
        **{step: _tap(step) for step in ("claims", "pages", "priority", "reduction")},
    },
    stale=StaleStep,
)

INTENT = Intent(
    FLOW.name,
    handle,
    commands=("/fees", "费用计算", "费用计算器", "fees"),
    prompt=FLOW.prompt,
)
