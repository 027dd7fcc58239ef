"""Booking for somebody else: a colleague, or somebody of another enterprise one is liaison of."""

from booking.service.liaisons import enterprises_of
from bot.context import Ctx
from bot.messages import Button, Reply, column, reply
from bot.steps import Step, Tap, is_question
from directory.model import Enterprise

LONGEST_NAME = 40


def named(text: str) -> str | None:
    """A person's name, or None for what is none."""
    name = " ".join(text.split())
    return name if 0 < len(name) <= LONGEST_NAME and not name.isdecimal() else None


async def begin(ctx: Ctx) -> Reply:
    """Who books is known, or asked first; then who comes."""
    if ctx.contact.name:
        ctx.advance("visitor", booked_by=ctx.contact.name)
    else:
        ctx.advance("booker")
    return Reply()


async def ask_booker(ctx: Ctx) -> Reply:
    """The name of whoever books."""
    return reply("behalf.which_booker")


async def typed_booker(ctx: Ctx, text: str) -> Reply | None:
    """It is remembered as theirs."""
    if is_question(ctx, text):
        return None
    name = named(text)
    if name is None:
        return reply("book.bad_name")
    ctx.contact.name = name
    ctx.advance("visitor", booked_by=name)
    return Reply()


async def ask_visitor(ctx: Ctx) -> Reply:
    """The name of whoever comes."""
    return reply("behalf.which_visitor")


async def typed_visitor(ctx: Ctx, text: str) -> Reply | None:
    """Go on to their enterprise."""
    if is_question(ctx, text):
        return None
    name = named(text)
    if name is None:
        return reply("book.bad_name")
    ctx.advance("enterprise", name=name)
    return Reply()


async def own_enterprises(ctx: Ctx) -> tuple[tuple[Button, ...], ...]:
    """A button for each enterprise the person is liaison of, and for the one they belong to."""
    found = {one.id: one.name for one in await enterprises_of(ctx.session, ctx.contact.id)}
    if ctx.contact.enterprise_id is not None and ctx.contact.enterprise_id not in found:
        own = await ctx.session.get_one(Enterprise, ctx.contact.enterprise_id)
        found[own.id] = own.name
    buttons = [Button(name, f"book.enterprise:{n}", literal=True) for n, name in found.items()]
    return column(*buttons)


STEPS = {
    "booker": Step(ask_booker, typed_booker),
    "visitor": Step(ask_visitor, typed_visitor),
}
TAPS = {"behalf": Tap("name", begin)}
