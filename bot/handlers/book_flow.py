"""What the steps of booking share: how a step is described, and words for days."""

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bot.context import Ctx
from bot.messages import Reply, reply
from core.clock import local
from core.errors import Refusal
from core.texts import plain

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_QUESTION = re.compile(r"[?？]|怎么|如何|多少|什么|吗$|呢$|么$")
_ORGANISATION = re.compile(r"(公司|厂|院|所|中心|店|社|集团|大学|学院|部|局|会)$")


@dataclass(frozen=True)
class Step:
    """A question of the flow.

    ask puts it; it may change the step when the question makes no sense any more.
    typed takes a typed answer and moves on; None when the text is no answer to it.
    """

    ask: Callable[[Ctx], Awaitable[Reply]]
    typed: Callable[[Ctx, str], Awaitable[Reply | None]]


@dataclass(frozen=True)
class Tap:
    """A button of a step: what it does with its arguments. The reply holds notes only; the
    question that comes next is put after them."""

    step: str
    do: Callable[..., Awaitable[Reply]]


def refused(refusal: Refusal) -> Reply:
    """A refusal as a note; the flow goes on."""
    return reply(refusal.key, **refusal.params)


def day_label(day: date, lang: str) -> str:
    """A day as a person reads it: 11月25日 周三."""
    name = WEEKDAYS[day.weekday()]
    weekday = plain(f"book.weekday_{name}", lang)
    return plain("book.day_label", lang, month=day.month, day=day.day, weekday=weekday)


def when_label(instant: datetime, lang: str) -> str:
    """A day and a time as a person reads them: 11月25日 周三 10:00."""
    return f"{day_label(local(instant).date(), lang)} {local(instant):%H:%M}"


def pick(text: str, values: Mapping[str, Any]) -> Any | None:
    """The value of the one label that contains the text; None when none or several do."""
    found = [value for label, value in values.items() if text.strip().lower() in label.lower()]
    return found[0] if len(found) == 1 else None


def is_question(ctx: Ctx, text: str) -> bool:
    """Whether typed text is a new question rather than a name."""
    if _ORGANISATION.search(text.strip()):
        return False
    known = ctx.decision is not None and ctx.decision.kind == "answer"
    return known or bool(_QUESTION.search(text.strip()))
