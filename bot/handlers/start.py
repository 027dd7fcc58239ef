"""/start: greet, and remember by which link the person came.

Deep-link parameters: ``c_<center code>`` (a sub-center's link or QR poster), ``x_<token>`` and
``a_<token>`` (one-time links that tie this chat to an expert or an advisor).
"""

from bot.context import Ctx, Intent
from bot.messages import Button, Incoming, Reply, reply, rows
from bot.sessions import remember_center
from directory import queries
from directory.model import Advisor, Expert
from directory.service import LinkExpired, redeem

MENU = rows(
    [
        Button("start.button_ask", "help.ask"),
        Button("start.button_book", "book.start"),
        Button("start.button_person", "escalate.start"),
        Button("start.button_me", "me.start"),
        Button("start.button_deadline", "deadline.start"),
        Button("start.button_fees", "fees.start"),
    ],
    2,
)


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """Greet; take note of the link."""
    kind, _, value = (incoming.start or "").partition("_")
    if kind == "x":
        return await _tie_expert(ctx, value)
    if kind == "a":
        return await _tie_advisor(ctx, value)
    if kind == "c":
        await _tie_center(ctx, value)
    center = None
    if ctx.center_id is not None:
        center = await queries.center_by_id(ctx.session, ctx.center_id)
    if center is None:
        return reply("start.hello", buttons=MENU)
    return reply("start.hello_center", center=center.name, buttons=MENU)


async def _tie_center(ctx: Ctx, code: str) -> None:
    center = await queries.center_by_code(ctx.session, code)
    if center is not None:
        await remember_center(ctx, center.id)


async def _tie_expert(ctx: Ctx, token: str) -> Reply:
    invitation = await redeem(ctx.session, token=token, now=ctx.now)
    if invitation.expert_id is None:
        raise LinkExpired
    ctx.contact.expert_id = invitation.expert_id
    expert = await ctx.session.get_one(Expert, invitation.expert_id)
    return reply("start.hello_expert", name=expert.name)


async def _tie_advisor(ctx: Ctx, token: str) -> Reply:
    invitation = await redeem(ctx.session, token=token, now=ctx.now)
    if invitation.advisor_id is None:
        raise LinkExpired
    ctx.contact.advisor_id = invitation.advisor_id
    advisor = await ctx.session.get_one(Advisor, invitation.advisor_id)
    return reply("appointment.hello_advisor", name=advisor.name)


INTENT = Intent(
    "start", handle, commands=("/start", "开始", "你好", "您好", "菜单", "/menu", "menu")
)
