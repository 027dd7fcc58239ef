"""上传材料: a one-time page to add a file to the asker's open ticket; the bot itself reads none."""

from bot.context import Ctx, Intent
from bot.messages import Incoming, Reply, reply
from escalation.queries_reply import open_in_chat
from escalation.service.pages import upload_link


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """The link, where a ticket is open."""
    return await offer(ctx) or reply("files.upload_none")


async def offer(ctx: Ctx) -> Reply | None:
    """The link to add a file to the newest open ticket of this chat; None without a ticket."""
    ticket = await open_in_chat(ctx.session, ctx.contact.id, ctx.address)
    if ticket is None:
        return None
    url = await upload_link(ctx.session, ticket, ctx.config, now=ctx.now)
    limits = ctx.config.attachments
    return reply(
        "files.upload_offer",
        number=ticket.number,
        url=url,
        most=limits.largest_mb,
        hours=limits.upload_hours,
    )


INTENT = Intent(
    "upload",
    handle,
    commands=("上传材料", "上传文件", "交材料", "发材料", "发文件", "附件", "/upload", "upload"),
)
