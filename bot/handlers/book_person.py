"""Booking, second half: name, enterprise, phone, and the confirmation."""

from datetime import datetime
from typing import Any

from booking import queries
from booking.model import Appointment
from booking.service.confirm import AgencyConflict, HoldExpired, Person, confirm
from booking.service.guard import SlotTaken
from booking.service.hold import NotOffered, suits
from booking.service.notice import Kind, message
from bot.context import Ctx
from bot.handlers.book_behalf import named, own_enterprises
from bot.handlers.book_slot import hold_again
from bot.messages import Button, Reply, column, reply
from bot.sanitise import clean
from bot.steps import Step, Tap, is_question, pick, refused
from core.clock import local
from core.texts import plain
from directory import queries as people
from directory.model import Enterprise
from directory.service import UnknownEnterprise, clean_phone, find_enterprise

LONGEST_ENTERPRISE = 120
YES = frozenset({"是", "是的", "好", "好的", "可以", "确认", "确定", "同意", "ok", "yes", "y"})


async def ask_name(ctx: Ctx) -> Reply:
    """The person's name; or everything as last time, in one tap."""
    known = await _known(ctx)
    other = Button("behalf.button", "book.behalf")
    if known is None:
        return reply("book.which_name", buttons=column(other))
    label = {"name": known["name"], "enterprise": known["enterprise"] or "—"}
    last = Button("book.button_last", "book.last", label)
    return reply("book.which_name", buttons=column(last, other))


async def typed_name(ctx: Ctx, text: str) -> Reply | None:
    """The name, unless it is a question."""
    if is_question(ctx, text):
        return None
    name = named(text)
    if name is None:
        return reply("book.bad_name")
    ctx.advance("enterprise", name=name, booked_by="")
    return Reply()


async def use_last(ctx: Ctx) -> Reply:
    """Everything as last time."""
    known = await _known(ctx)
    return Reply() if known is None else await _complete(ctx, **known, booked_by="")


async def _known(ctx: Ctx) -> dict[str, Any] | None:
    """Name, phone and enterprise of the last appointment, else of the person's record."""
    last, contact = await queries.last_booked(ctx.session, ctx.contact.id), ctx.contact
    if last is not None and not last.booked_by:
        return {
            "name": last.name,
            "phone": last.phone,
            "enterprise": last.enterprise_name,
            "enterprise_id": last.enterprise_id,
        }
    if not contact.name or not contact.phone:
        return None
    enterprise = ""
    if contact.enterprise_id is not None:
        enterprise = (await ctx.session.get_one(Enterprise, contact.enterprise_id)).name
    return {
        "name": contact.name,
        "phone": contact.phone,
        "enterprise": enterprise,
        "enterprise_id": contact.enterprise_id,
    }


async def ask_enterprise(ctx: Ctx) -> Reply:
    """The enterprise's name."""
    button = Button("book.button_personal", "book.personal")
    own = await own_enterprises(ctx)
    return reply("book.which_enterprise", buttons=(*own, (button,)))


async def typed_enterprise(ctx: Ctx, text: str) -> Reply | None:
    """The enterprise. One that is not on the roster is kept as typed, with near names offered."""
    if is_question(ctx, text):
        return None
    if pick(text, {plain("book.button_personal", ctx.address.lang): True}):
        return await no_enterprise(ctx)
    name = "".join(text.split())[:LONGEST_ENTERPRISE]
    try:
        enterprise = await find_enterprise(ctx.session, name=name)
    except UnknownEnterprise:
        ctx.advance("phone", enterprise=name, enterprise_id=None)
        return await _unknown_enterprise(ctx, name)
    ctx.advance("phone", enterprise=enterprise.name, enterprise_id=enterprise.id)
    return reply("book.enterprise_found", name=enterprise.name)


async def _unknown_enterprise(ctx: Ctx, name: str) -> Reply:
    near = await people.enterprises_like(ctx.session, name, limit=3)
    buttons = [Button(e.name, f"book.enterprise:{e.id}", literal=True) for e in near]
    again = Button("book.button_enterprise_again", "book.enterprise_again")
    return reply("book.enterprise_unknown", name=name, buttons=column(*buttons, again))


async def choose_enterprise(ctx: Ctx, number: str) -> Reply:
    """One of the near names."""
    enterprise = await ctx.session.get_one(Enterprise, int(number))
    ctx.advance("phone", enterprise=enterprise.name, enterprise_id=enterprise.id)
    return reply("book.enterprise_found", name=enterprise.name)


async def no_enterprise(ctx: Ctx) -> Reply:
    """A private person."""
    ctx.advance("phone", enterprise="", enterprise_id=None)
    return Reply()


async def enterprise_again(ctx: Ctx) -> Reply:
    """Back to the enterprise's name, which the tap has done."""
    return Reply()


async def ask_phone(ctx: Ctx) -> Reply:
    """The phone number."""
    return reply("behalf.which_phone" if ctx.data.get("booked_by") else "book.which_phone")


async def typed_phone(ctx: Ctx, text: str) -> Reply | None:
    """The phone number. Raises BadPhone for anything else that is not a question."""
    if is_question(ctx, text):
        return None
    return await _complete(ctx, phone=clean_phone(text))


async def _complete(ctx: Ctx, **details: Any) -> Reply:
    """Everything is known. An agency that must not act for the enterprise is replaced, or, where
    the person chose it, has to be chosen anew."""
    ctx.advance("confirm", **details)
    held = await _held(ctx)
    if await suits(ctx.session, held=held, enterprise_id=ctx.data["enterprise_id"]):
        return Reply()
    if ctx.data["agency"] is not None:
        ctx.advance("agency")
        return reply(AgencyConflict.key)
    return await _hold_once_more(ctx, "book.agency_replaced")


async def ask_confirm(ctx: Ctx) -> Reply:
    """The card with everything on it."""
    one = await queries.sheet(ctx.session, await _held(ctx))
    yes = Button("book.button_agree", f"book.confirm:{one.appointment.id}")
    change = (Button("book.button_time", "book.retime"), Button("book.button_edit", "book.edit"))
    until = one.appointment.hold_until
    return reply(
        "book.card",
        s=one,
        d=ctx.data,
        until=None if until is None else local(until),
        buttons=((yes,), change),
    )


async def typed_confirm(ctx: Ctx, text: str) -> Reply | None:
    """Yes in other words."""
    return await agree(ctx) if clean(text).lower() in YES else None


async def tapped_confirm(ctx: Ctx, held: str) -> Reply:
    """The button of the present card; an older card's is stale."""
    return await agree(ctx) if int(held) == ctx.data["held"] else reply("book.stale")


async def agree(ctx: Ctx) -> Reply:
    """Book it. After the hold has run out it is held again, if still free."""
    data = ctx.data
    person = Person(
        data["name"],
        data["phone"],
        data["enterprise"],
        data["enterprise_id"],
        booked_by=data.get("booked_by", ""),
        follows_id=data.get("follows"),
    )
    try:
        row = await confirm(
            ctx.session,
            actor=ctx.actor,
            appointment_id=data["held"],
            person=person,
            settings=ctx.config.booking,
            worktime=ctx.worktime,
            now=ctx.now,
        )
    except HoldExpired:
        return await _hold_once_more(ctx, "book.held_again")
    ctx.end()
    one = await queries.sheet(ctx.session, row)
    return Reply((message(Kind.BOOKED, one, now=ctx.now, links=ctx.links),))


async def _hold_once_more(ctx: Ctx, note: str) -> Reply:
    """Hold the same time anew and say ``note``; if it is gone, choose another one."""
    try:
        held = await hold_again(ctx, datetime.fromisoformat(ctx.data["starts"]))
    except (SlotTaken, NotOffered) as gone:
        ctx.advance("time")
        return refused(gone)
    ctx.conversation.data = {**ctx.data, "held": held}
    return reply(note)


async def retime(ctx: Ctx) -> Reply:
    """Another day and time; the rest is kept."""
    ctx.advance("day")
    return Reply()


async def edit(ctx: Ctx) -> Reply:
    """Other details; the time is kept."""
    ctx.advance("name")
    return Reply()


async def _held(ctx: Ctx) -> Appointment:
    return await queries.access_appointment(ctx.session, ctx.actor, ctx.data["held"])


STEPS = {
    "name": Step(ask_name, typed_name),
    "enterprise": Step(ask_enterprise, typed_enterprise),
    "phone": Step(ask_phone, typed_phone),
    "confirm": Step(ask_confirm, typed_confirm),
}
TAPS = {
    "last": Tap("name", use_last),
    "personal": Tap("enterprise", no_enterprise),
    "enterprise": Tap("enterprise", choose_enterprise),
    "enterprise_again": Tap("enterprise", enterprise_again),
    "confirm": Tap("confirm", tapped_confirm),
    "retime": Tap("confirm", retime),
    "edit": Tap("confirm", edit),
}
