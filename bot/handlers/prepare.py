"""会前准备: five short questions before a consultation, each of which can be skipped."""

from booking import queries
from booking.service import brief
from booking.service.notice import Kind, message
from bot.context import Ctx, Intent
from bot.handlers.book_change import changeable
from bot.messages import Button, Incoming, Reply, reply
from bot.sanitise import clean
from core.errors import Refusal
from core.texts import say

FLOW = "prepare"


class Stale(Refusal):
    """A button of questions that are over."""

    key = "prepare.stale"


async def handle(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """Start, skip, finish, or keep what is typed as the answer to the present question."""
    action = ctx.action
    if action is None:
        return await _typed(ctx, clean(incoming.text or ""))
    if action.verb == "start":
        return await _start(ctx)
    if ctx.conversation.flow != FLOW or action.args[0] != ctx.step:
        raise Stale
    return await _next(ctx) if action.verb == "skip" else await _finish(ctx)


async def _start(ctx: Ctx) -> Reply:
    """From a button of the appointment; 重新开始 begins with the first question again."""
    args = ctx.action.args if ctx.action is not None else ()
    number = int(args[0]) if args else ctx.data.get("appointment", 0)
    row = await changeable(ctx, number)
    if row.sealed:
        raise brief.NoBrief(code=row.code)
    ctx.begin(FLOW, "1", appointment=row.id, area=brief.matter(row.area))
    return await prompt(ctx)


async def prompt(ctx: Ctx) -> Reply:
    """The present question, with the warning."""
    question = say(f"prepare.{ctx.data['area']}.{ctx.step}", ctx.address.lang)
    buttons = (
        Button("prepare.button_skip", f"prepare.skip:{ctx.step}"),
        Button("prepare.button_finish", f"prepare.finish:{ctx.step}"),
    )
    return reply(
        "prepare.question",
        number=ctx.step,
        most=brief.LONGEST,
        question=question,
        buttons=(buttons,),
    )


async def _typed(ctx: Ctx, text: str) -> Reply:
    try:
        await brief.answer(
            ctx.session,
            actor=ctx.actor,
            appointment_id=ctx.data["appointment"],
            number=int(ctx.step or 0),
            text=text,
            now=ctx.now,
        )
    except brief.TooLong as refusal:
        return reply(refusal.key, **refusal.params).then(await prompt(ctx))
    except Refusal as refusal:
        ctx.end()
        return reply(refusal.key, **refusal.params)
    return await _next(ctx)


async def _next(ctx: Ctx) -> Reply:
    number = int(ctx.step or 0) + 1
    if number not in brief.QUESTIONS:
        return await _finish(ctx)
    ctx.advance(str(number))
    return await prompt(ctx)


async def _finish(ctx: Ctx) -> Reply:
    """What to bring, with the calendar file."""
    area = ctx.data["area"]
    row = await queries.access_appointment(ctx.session, ctx.actor, ctx.data["appointment"])
    ctx.end()
    one = await queries.sheet(ctx.session, row)
    return reply(
        "prepare.done",
        count=await brief.finish(ctx.session, row, now=ctx.now),
        code=row.code,
        bring=say(f"prepare.{area}.bring", ctx.address.lang),
        file=message(Kind.BOOKED, one, now=ctx.now, links=ctx.links).file,
    )


INTENT = Intent(FLOW, handle, prompt=prompt)
