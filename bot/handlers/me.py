"""/me: what we know about the person, and their things in progress."""

from bot.context import Ctx, Intent
from bot.messages import Button, Incoming, Reply, column, reply
from directory import queries
from directory.model import Enterprise


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """Show it, with the ways on."""
    contact = ctx.contact
    enterprise = center = None
    if contact.enterprise_id is not None:
        enterprise = (await ctx.session.get_one(Enterprise, contact.enterprise_id)).name
    if ctx.center_id is not None:
        center = (await queries.center_by_id(ctx.session, ctx.center_id)).name
    return reply(
        "me.card",
        name=contact.name,
        phone=contact.phone,
        enterprise=enterprise,
        center=center,
        buttons=column(
            Button("me.button_bookings", "book.mine"),
            Button("me.button_tickets", "escalate.mine"),
            Button("me.button_center", "center.start"),
        ),
    )


INTENT = Intent("me", handle, commands=("/me", "我的", "我", "me"))
