"""Booking a consultation (预约会诊), and what can be done about it afterwards.

The flow: sub-center (if unknown) → topic → agency or any → day → time, which is then held →
name, enterprise, phone → card → code and calendar file. The steps are in ``book_slot`` and
``book_person``, changes in ``book_change``.
"""

from booking.service.expire import release
from booking.service.hold import require_room
from bot.context import Ctx, Intent
from bot.handlers import book_change, book_person, book_slot
from bot.handlers.book_flow import refused
from bot.messages import Incoming, Reply
from bot.sanitise import clean
from core.errors import Refusal

FLOW = "book"
STEPS = {**book_slot.STEPS, **book_person.STEPS, **book_change.STEPS}
TAPS = {**book_slot.TAPS, **book_person.TAPS, **book_change.TAPS}


class StaleStep(Refusal):
    """A button of a booking that is over, or of a step not reached yet."""

    key = "book.stale"


async def handle(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """Start, take an answer, or change an appointment. A refusal never loses the flow."""
    verb = None if ctx.action is None else ctx.action.verb
    if verb == "start":
        return await _start(ctx)
    if verb in book_change.ANYTIME:
        return await book_change.ANYTIME[verb](ctx)
    if ctx.conversation.flow != FLOW:
        raise StaleStep
    try:
        notes = await _answer(incoming, ctx)
    except Refusal as refusal:
        notes = refused(refusal)
    if notes is None or ctx.conversation.flow != FLOW:
        return notes
    return notes.then(await prompt(ctx))


async def prompt(ctx: Ctx) -> Reply:
    """The present question."""
    return await STEPS[ctx.step or "center"].ask(ctx)


async def _start(ctx: Ctx) -> Reply:
    """Begin anew: what was held before is given up."""
    settings = ctx.config.booking
    await require_room(
        ctx.session,
        contact_id=ctx.contact.id,
        enterprise_id=ctx.contact.enterprise_id,
        settings=settings,
        now=ctx.now,
    )
    await _give_back(ctx)
    ctx.begin(FLOW, "center" if ctx.center_id is None else "area", minutes=settings.lengths[0])
    return await prompt(ctx)


async def _answer(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """What a tap or a typed text does to the flow: notes for the person, or None if nothing."""
    if ctx.action is None:
        return await STEPS[ctx.step or "center"].typed(ctx, clean(incoming.text or ""))
    tap = TAPS.get(ctx.action.verb)
    if tap is None or not _back_to(ctx, tap.step):
        raise StaleStep
    return await tap.do(ctx, *ctx.action.args)


def _back_to(ctx: Ctx, step: str) -> bool:
    """Go back to the step a button belongs to: tapping an earlier one changes that answer."""
    if ctx.step != step and step not in {before for before, _ in ctx.conversation.trail}:
        return False
    while ctx.step != step:
        ctx.go_back()
    return True


async def _give_back(ctx: Ctx) -> None:
    """Free the time held for this person."""
    await release(ctx.session, now=ctx.now, holder=ctx.contact.id)


INTENT = Intent(
    FLOW,
    handle,
    commands=("/book", "预约", "我要预约", "预约顾问", "预约会诊", "book"),
    prompt=prompt,
    leave=_give_back,
)
