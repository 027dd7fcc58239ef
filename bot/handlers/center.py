"""Which sub-center a person belongs to: asked once, changeable at any time."""

from bot.context import Ctx, Intent
from bot.messages import Button, Incoming, Reply, column, reply
from bot.sessions import remember_center
from bot.steps import pick
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
    found = await choices(ctx, "center.set")
    return reply("center.which", buttons=column(*found)) if found else Reply()


async def choices(ctx: Ctx, action: str) -> list[Button]:
    """One button per sub-center, for an action that takes its id."""
    found = await queries.centers(ctx.session)
    return [Button(center.name, f"{action}:{center.id}", literal=True) for center in found]


async def typed(ctx: Ctx, text: str) -> str | None:
    """The id of the sub-center that part of its name, or its number in the list, tells."""
    found = await queries.centers(ctx.session)
    return pick(text, {center.name: str(center.id) for center in found})


INTENT = Intent("center", handle, commands=("/center", "分中心", "换分中心"))
