"""Appointments made before: see, move, cancel."""

from datetime import datetime

from booking import queries
from booking.model import STANDING, Appointment
from booking.service.cancel import NotChangeable, cancel
from booking.service.guard import SlotTaken
from booking.service.hold import NotOffered
from booking.service.notice import Kind, message
from booking.service.reschedule import reschedule
from bot.context import Ctx
from bot.handlers.book_flow import when_label
from bot.handlers.book_person import YES
from bot.handlers.book_slot import ask_day
from bot.messages import Button, Reply, column, reply
from bot.sanitise import clean
from bot.steps import Step, Tap, refused


async def mine(ctx: Ctx) -> Reply:
    """What is still to come, a button each."""
    found = await queries.mine(ctx.session, ctx.contact.id, ctx.now)
    if not found:
        return reply("book.none", buttons=column(Button("booking.button_again", "book.start")))
    lang = ctx.address.lang
    buttons = [
        Button(
            f"{when_label(one.appointment.starts_at, lang)} {one.agency.name}",
            f"book.show:{one.appointment.id}",
            literal=True,
        )
        for one in found
    ]
    return reply("book.mine", buttons=column(*buttons))


async def show(ctx: Ctx) -> Reply:
    """One appointment as it stands."""
    one = await queries.sheet(ctx.session, await _accessed(ctx))
    return Reply((message(Kind.SHOWN, one, now=ctx.now, links=ctx.links),))


async def move(ctx: Ctx) -> Reply:
    """Begin to move an appointment: the days of its advisor."""
    row = await _changeable(ctx)
    ctx.begin("book", "day", moving=row.id, advisor=row.advisor_id, minutes=row.minutes)
    return await ask_day(ctx)


async def ask_move(ctx: Ctx) -> Reply:
    """From when to when."""
    row = await queries.access_appointment(ctx.session, ctx.actor, ctx.data["moving"])
    lang, new = ctx.address.lang, datetime.fromisoformat(ctx.data["starts"])
    buttons = (
        Button("book.button_move_yes", "book.move_yes"),
        Button("book.button_time", "book.day_again"),
    )
    return reply(
        "book.move_sure",
        old=when_label(row.starts_at, lang),
        new=when_label(new, lang),
        buttons=(buttons,),
    )


async def typed_move(ctx: Ctx, text: str) -> Reply | None:
    """Yes in other words."""
    return await move_yes(ctx) if clean(text).lower() in YES else None


async def move_yes(ctx: Ctx) -> Reply:
    """Move it; if the new time is gone, the old one stays and another is asked for."""
    try:
        row = await reschedule(
            ctx.session,
            actor=ctx.actor,
            appointment_id=ctx.data["moving"],
            starts_at=datetime.fromisoformat(ctx.data["starts"]),
            settings=ctx.config.booking,
            worktime=ctx.worktime,
            now=ctx.now,
            links=ctx.links,
        )
    except (SlotTaken, NotOffered) as gone:
        ctx.advance("day")
        return refused(gone)
    ctx.end()
    one = await queries.sheet(ctx.session, row)
    return Reply((message(Kind.MOVED, one, now=ctx.now, links=ctx.links),))


async def day_again(ctx: Ctx) -> Reply:
    """Another day for the move."""
    ctx.advance("day")
    return Reply()


async def cancel_sure(ctx: Ctx) -> Reply:
    """Ask before cancelling."""
    row = await _changeable(ctx)
    yes = Button("book.button_cancel_yes", f"book.cancel_yes:{row.id}")
    no = Button("book.button_cancel_no", f"book.show:{row.id}")
    when = when_label(row.starts_at, ctx.address.lang)
    return reply("book.cancel_sure", when=when, code=row.code, buttons=((yes, no),))


async def cancel_yes(ctx: Ctx) -> Reply:
    """Cancel it."""
    row = await _accessed(ctx)
    row = await cancel(ctx.session, actor=ctx.actor, appointment_id=row.id, now=ctx.now)
    one = await queries.sheet(ctx.session, row)
    return Reply((message(Kind.CANCELLED, one, now=ctx.now),))


async def _accessed(ctx: Ctx) -> Appointment:
    assert ctx.action is not None
    return await queries.access_appointment(ctx.session, ctx.actor, int(ctx.action.args[0]))


async def _changeable(ctx: Ctx) -> Appointment:
    assert ctx.action is not None
    return await changeable(ctx, int(ctx.action.args[0]))


async def changeable(ctx: Ctx, appointment_id: int) -> Appointment:
    """An appointment of the person's that is still to come. Raises NotChangeable."""
    row = await queries.access_appointment(ctx.session, ctx.actor, appointment_id)
    if row.status not in STANDING or row.starts_at <= ctx.now:
        raise NotChangeable(code=row.code)
    return row


STEPS = {"move": Step(ask_move, typed_move)}
TAPS = {"move_yes": Tap("move", move_yes), "day_again": Tap("move", day_again)}
# Buttons that mean the same whatever flow is under way.
ANYTIME = {
    "mine": mine,
    "show": show,
    "move": move,
    "cancel": cancel_sure,
    "cancel_yes": cancel_yes,
}
