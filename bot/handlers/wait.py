"""候补: what a person waits for, and the two answers to an offer."""

from booking.model import Appointment
from booking.model_life import Waiting
from booking.service.wait import decline, leave, offered, places
from bot.context import Action, Ctx, Intent
from bot.handlers.book import FLOW
from bot.handlers.book_flow import day_label
from bot.messages import Button, Incoming, Reply, column, reply
from core.clock import local_day
from core.texts import plain


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """List, leave, take or let pass."""
    action = ctx.action
    if action is None or action.verb not in _VERBS:
        return await _listing(ctx)
    return await _VERBS[action.verb](ctx, action)


async def _listing(ctx: Ctx) -> Reply:
    mine = await places(ctx.session, ctx.contact.id)
    if not mine:
        return reply("wait.none")
    buttons = [Button("wait.button_leave", f"wait.leave:{p.id}", labels(p, ctx)) for p in mine]
    return reply("wait.mine", buttons=column(*buttons))


def labels(place: Waiting, ctx: Ctx) -> dict[str, str]:
    """What a place is for, as a person reads it."""
    lang = ctx.address.lang
    return {
        "area": plain(f"area.{place.area}", lang),
        "first": day_label(place.first_day, lang),
        "last": day_label(place.last_day, lang),
    }


async def _leave(ctx: Ctx, action: Action) -> Reply:
    await leave(ctx.session, contact_id=ctx.contact.id, waiting_id=int(action.args[0]))
    return reply("wait.left")


async def _no(ctx: Ctx, action: Action) -> Reply:
    place_id = await decline(
        ctx.session, contact_id=ctx.contact.id, appointment_id=int(action.args[0]), now=ctx.now
    )
    place = await ctx.session.get_one(Waiting, place_id)
    button = Button("wait.button_leave", f"wait.leave:{place_id}", labels(place, ctx))
    return reply("wait.passed", buttons=column(button))


async def _yes(ctx: Ctx, action: Action) -> Reply:
    """Go on as after choosing a time: who comes, then the card."""
    row = await offered(
        ctx.session, contact_id=ctx.contact.id, appointment_id=int(action.args[0]), now=ctx.now
    )
    ctx.begin("book", "name", **_chosen(row))
    return await FLOW.prompt(ctx)


def _chosen(row: Appointment) -> dict[str, object]:
    return {
        "area": row.area,
        "agency": row.agency_id,
        "advisor_wish": row.advisor_id,
        "minutes": row.minutes,
        "day": local_day(row.starts_at).isoformat(),
        "starts": row.starts_at.isoformat(),
        "held": row.id,
    }


_VERBS = {"leave": _leave, "no": _no, "yes": _yes}

INTENT = Intent("wait", handle, commands=("候补", "我的候补", "/waiting"))
