"""What a person says about an appointment: being late, a rating, one more with the same advisor."""

from booking import queries
from booking.service.late import say_late
from booking.service.notice import LATE
from booking.service.rate import rate
from bot.context import Ctx
from bot.handlers.book_change import changeable
from bot.handlers.book_slot import ask_day
from bot.messages import Button, Reply, reply


async def late(ctx: Ctx) -> Reply:
    """How late."""
    row = await changeable(ctx, _first(ctx))
    buttons = tuple(
        Button("appointment.button_late_by", f"book.late_by:{row.id}:{n}", {"minutes": n})
        for n in LATE
    )
    return reply("appointment.late_how_long", code=row.code, buttons=(buttons,))


async def late_by(ctx: Ctx) -> Reply:
    """Tell the advisor."""
    number, minutes = _args(ctx)
    row = await say_late(
        ctx.session, actor=ctx.actor, appointment_id=number, minutes=minutes, now=ctx.now
    )
    return reply("appointment.late_told", code=row.code, minutes=minutes)


async def rated(ctx: Ctx) -> Reply:
    """Keep the rating."""
    number, stars = _args(ctx)
    await rate(ctx.session, actor=ctx.actor, appointment_id=number, rating=stars, now=ctx.now)
    again = Button("appointment.button_follow", f"book.follow:{number}")
    return reply("appointment.rated", rating=stars, buttons=((again,),))


async def follow(ctx: Ctx) -> Reply:
    """One more with the same advisor for the same people: only the time is asked."""
    row = await queries.access_appointment(ctx.session, ctx.actor, _first(ctx))
    ctx.begin(
        "book",
        "day",
        minutes=row.minutes,
        area=row.area,
        agency=row.agency_id,
        advisor_wish=row.advisor_id,
        sealed=row.sealed,
        follows=row.id,
        name=row.name,
        phone=row.phone,
        enterprise=row.enterprise_name,
        enterprise_id=row.enterprise_id,
        booked_by=row.booked_by,
    )
    return await ask_day(ctx)


def _args(ctx: Ctx) -> tuple[int, ...]:
    assert ctx.action is not None
    return tuple(int(one) for one in ctx.action.args)


def _first(ctx: Ctx) -> int:
    return _args(ctx)[0]


ANYTIME = {"late": late, "late_by": late_by, "rate": rated, "follow": follow}
