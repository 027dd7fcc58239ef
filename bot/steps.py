"""What flows of questions share: a step, a button of a step, and how an answer is taken."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.context import Ctx
from bot.messages import Incoming, Reply, reply
from bot.sanitise import clean
from core.errors import Refusal

_QUESTION = re.compile(r"[?？]|怎么|怎样|如何|多少|多久|什么|啥|能不能|是否|吗$|呢$|么$")
_ORGANISATION = re.compile(r"(公司|厂|院|所|中心|店|社|集团|大学|学院|部|局|会)$")


@dataclass(frozen=True)
class Step:
    """A question of the flow.

    ask puts it; it may change the step when the question makes no sense any more.
    typed takes a typed answer and moves on; None when the text is no answer to it.
    number: a number is asked for, so a typed one is the answer and never a button's place.
    """

    ask: Callable[[Ctx], Awaitable[Reply]]
    typed: Callable[[Ctx, str], Awaitable[Reply | None]]
    number: bool = False


@dataclass(frozen=True)
class Tap:
    """A button of a step: what it does with its arguments. The reply holds notes only; the
    question that comes next is put after them."""

    step: str
    do: Callable[..., Awaitable[Reply]]


@dataclass(frozen=True)
class Flow:
    """Questions one after the other.

    steps, taps: by name and by verb. stale: raised for a button of a flow that is over, or of a
    step not reached yet.
    """

    name: str
    steps: Mapping[str, Step]
    taps: Mapping[str, Tap]
    stale: type[Refusal]

    async def prompt(self, ctx: Ctx) -> Reply:
        """The present question."""
        return await self._present(ctx).ask(ctx)

    async def take(self, incoming: Incoming, ctx: Ctx) -> Reply | None:
        """What a tap or a typed text does to the flow, then the question that comes next.

        None when the text answers nothing. A refusal becomes a note and never loses the flow.
        """
        if ctx.conversation.flow != self.name:
            raise self.stale
        try:
            notes = await self._answer(incoming, ctx)
        except Refusal as refusal:
            notes = refused(refusal)
        if notes is None or ctx.conversation.flow != self.name:
            return notes
        return notes.then(await self.prompt(ctx))

    def _present(self, ctx: Ctx) -> Step:
        return self.steps[ctx.step or next(iter(self.steps))]

    async def _answer(self, incoming: Incoming, ctx: Ctx) -> Reply | None:
        step, text = self._present(ctx), clean(incoming.text or "")
        counted = step.number and incoming.button is None and text.isdecimal()
        if ctx.action is None or counted:
            return await step.typed(ctx, text)
        tap = self.taps.get(ctx.action.verb)
        if tap is None or not back_to(ctx, tap.step):
            raise self.stale
        return await tap.do(ctx, *ctx.action.args)


def back_to(ctx: Ctx, step: str) -> bool:
    """Go back to the step a button belongs to: tapping an earlier one changes that answer."""
    if ctx.step != step and step not in {before for before, _ in ctx.conversation.trail}:
        return False
    while ctx.step != step:
        ctx.go_back()
    return True


def refused(refusal: Refusal) -> Reply:
    """A refusal as a note; the flow goes on."""
    return reply(refusal.key, **refusal.params)


def pick(text: str, values: Mapping[str, Any]) -> Any | None:
    """The value of the one label that contains the text; None when none or several do."""
    found = [value for label, value in values.items() if text.strip().lower() in label.lower()]
    return found[0] if len(found) == 1 else None


def asks(text: str) -> bool:
    """Whether the words are those of a question."""
    return bool(_QUESTION.search(text.strip()))


def is_question(ctx: Ctx, text: str) -> bool:
    """Whether typed text is a new question rather than a name."""
    if _ORGANISATION.search(text.strip()):
        return False
    known = ctx.decision is not None and ctx.decision.kind == "answer"
    return known or asks(text)
