"""/help: what the bot can do, and how to ask."""

from bot.context import Ctx, Intent
from bot.handlers.start import MENU
from bot.messages import Incoming, Reply, reply


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """Explain; "ask" explains only how to ask."""
    if ctx.action is not None and ctx.action.verb == "ask":
        return reply("help.ask")
    return reply("help.all", buttons=MENU)


INTENT = Intent("help", handle, commands=("/help", "帮助", "help", "怎么用", "/ask", "提问"))
