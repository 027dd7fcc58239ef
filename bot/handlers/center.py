"""Which sub-center a person belongs to: asked once, changeable at any time."""

from bot.context import Ctx, Intent
from bot.messages import Button, Incoming, Reply, column, reply
from bot.sessions import remember_center
from directory import queries


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """Take the choice, or offer the list."""
    if ctx.action is None or ctx.action.verb != "set":
        return await question(ctx)
    chosen = await queries.center_by_id(ctx.session, int(ctx.action.args[0]))
    await remember_center(ctx, chosen.id)
    return reply("center.remembered", name=chosen.name)


async def question(ctx: Ctx) -> Reply:
    """The question with one button per sub-center; nothing where there are none."""
    ctx.conversation.asked_center = True
    found = await queries.centers(ctx.session)
    buttons = column(*(Button(c.name, f"center.set:{c.id}", literal=True) for c in found))
    return reply("center.which", buttons=buttons) if buttons else Reply()


INTENT = Intent("center", handle, commands=("/center", "分中心", "换分中心"))
