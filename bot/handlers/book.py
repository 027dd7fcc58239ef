"""Booking a consultation (预约会诊), and what can be done about it afterwards.

The flow: sub-center (if unknown) → topic → agency or any → day → time, which is then held →
name, enterprise, phone → card → code and calendar file. The steps are in ``book_slot`` and
``book_person``, changes in ``book_change``.
"""

from booking.service.expire import release
from booking.service.hold import require_room
from booking.service.trust import require_trust
from bot.context import Ctx, Intent
from bot.handlers import (
    book_after,
    book_behalf,
    book_change,
    book_person,
    book_slot,
    book_wait,
    book_words,
)
from bot.messages import Incoming, Reply
from bot.sanitise import clean
from bot.steps import Flow
from core.errors import Refusal

ANYTIME = {**book_change.ANYTIME, **book_after.ANYTIME}


class StaleStep(Refusal):
    """A button of a booking that is over, or of a step not reached yet."""

    key = "book.stale"


FLOW = Flow(
    name="book",
    steps={
        **book_slot.STEPS,
        **book_words.STEPS,
        **book_behalf.STEPS,
        **book_person.STEPS,
        **book_change.STEPS,
    },
    taps={
        **book_slot.TAPS,
        **book_words.TAPS,
        **book_wait.TAPS,
        **book_behalf.TAPS,
        **book_person.TAPS,
        **book_change.TAPS,
    },
    stale=StaleStep,
)


async def handle(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """Start, take an answer, or change an appointment. A refusal never loses the flow."""
    verb = None if ctx.action is None else ctx.action.verb
    if verb == "start":
        return await _start(ctx)
    if verb == "words":
        return await _start(ctx, clean(incoming.text or ""))
    if verb in ANYTIME:
        return await ANYTIME[verb](ctx)
    return await FLOW.take(incoming, ctx)


async def _start(ctx: Ctx, words: str = "") -> Reply:
    """Begin anew, with what the words say already: what was held before is given up."""
    settings = ctx.config.booking
    await require_room(
        ctx.session,
        contact_id=ctx.contact.id,
        enterprise_id=ctx.contact.enterprise_id,
        settings=settings,
        now=ctx.now,
    )
    await require_trust(ctx.session, contact_id=ctx.contact.id, settings=settings, now=ctx.now)
    await _give_back(ctx)
    if words:
        await book_words.begin(ctx, words)
        return await FLOW.prompt(ctx)
    step = "center" if ctx.center_id is None else "area"
    ctx.begin(FLOW.name, step, minutes=settings.lengths[0])
    return await FLOW.prompt(ctx)


async def _give_back(ctx: Ctx) -> None:
    """Free the time held for this person."""
    await release(ctx.session, now=ctx.now, holder=ctx.contact.id)


INTENT = Intent(
    FLOW.name,
    handle,
    commands=("/book", "预约", "我要预约", "预约顾问", "预约会诊", "book"),
    prompt=FLOW.prompt,
    leave=_give_back,
)
