"""Joining the waiting list from a booking for which nothing is free."""

from datetime import date

from booking.availability import Window
from booking.service.wait import Longing, join
from booking.words import wanted
from bot.context import Ctx
from bot.handlers.book_flow import day_label
from bot.handlers.book_slot import enterprise_id
from bot.messages import Button, Reply, reply
from bot.steps import Tap

WHOLE = "all"


def button(step: str, day: str = WHOLE) -> Button:
    """The way onto the list from that step, for one day or all that can be booked."""
    return Button("wait.button_join", f"book.wait_{step}:{day}")


async def from_day(ctx: Ctx, day: str) -> Reply:
    """For the day that was full, or for any."""
    if day == WHOLE:
        return await _join(ctx, ctx.today, _last_day(ctx))
    return await _join(ctx, date.fromisoformat(day), date.fromisoformat(day))


async def from_pick(ctx: Ctx, _: str) -> Reply:
    """For the days that were asked for in words."""
    want = wanted(ctx.data.get("words", ""), ctx.today, ctx.worktime)
    if want is None or not want.days:
        return await _join(ctx, ctx.today, _last_day(ctx))
    return await _join(ctx, max(want.days[0], ctx.today), want.days[-1])


def _last_day(ctx: Ctx) -> date:
    return Window.at(ctx.now, ctx.config.booking, ctx.worktime).last_day


async def _join(ctx: Ctx, first: date, last: date) -> Reply:
    assert ctx.center_id is not None
    place = await join(
        ctx.session,
        longing=Longing(
            center_id=ctx.center_id,
            area=ctx.data["area"],
            first_day=first,
            last_day=last,
            minutes=ctx.data["minutes"],
            agency_id=ctx.data["agency"],
            advisor_id=ctx.data.get("advisor_wish"),
            enterprise_id=enterprise_id(ctx),
        ),
        contact_id=ctx.contact.id,
        to=ctx.address,
        now=ctx.now,
    )
    ctx.end()
    lang = ctx.address.lang
    return reply(
        "wait.joined",
        first=day_label(place.first_day, lang),
        last=day_label(place.last_day, lang),
        minutes=ctx.config.booking.offer_minutes,
    )


TAPS = {"wait_day": Tap("day", from_day), "wait_pick": Tap("pick", from_pick)}
