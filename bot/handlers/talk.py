"""结束人工: the button under the first words of a person; typing it is heard in ``talking``."""

from bot.context import Ctx, Intent
from bot.messages import Incoming, Reply, reply
from directory.actor import Actor
from escalation.queries import access_ticket
from escalation.service.talk import end_talk, live_talk


async def handle(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """End the talk that is going on."""
    if ctx.action is None or ctx.action.verb != "end":
        return None
    talk = await live_talk(ctx.session, ctx.address, now=ctx.now)
    if talk is None:
        return reply("talk.nobody")
    asker = Actor(kind="asker", id=ctx.contact.id, name=ctx.contact.name or "")
    ticket = await access_ticket(ctx.session, asker, talk.ticket_id)
    await end_talk(ctx.session, ticket, "talk.ended", now=ctx.now)
    return Reply()


INTENT = Intent("talk", handle)
