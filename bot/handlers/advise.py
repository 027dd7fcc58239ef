"""顾问: in a chat tied to an advisor: say yes or no to what waits, see the brief."""

from enum import StrEnum

from booking import queries
from booking.model import Appointment, Status
from booking.service.advise import Note, card
from booking.service.agree import agency_confirm, agency_decline
from booking.service.brief import brief_message
from bot.context import Action, Ctx, Intent
from bot.handlers.book_flow import when_label
from bot.messages import Button, Incoming, Reply, column, reply
from core.errors import Refusal
from core.texts import plain


class NotAnAdvisor(Refusal):
    key = "appointment.not_an_advisor"


class Why(StrEnum):
    """Why an advisor cannot take a consultation; for the center's eyes only."""

    BUSY = "busy"
    CANNOT = "cannot"
    FIELD = "field"


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """Show what waits, or do what was tapped. Only the appointment's present advisor may act."""
    if ctx.actor.advisor_id is None:
        raise NotAnAdvisor
    action = ctx.action
    if action is None or action.verb not in _VERBS:
        return await _listing(ctx)
    return await _VERBS[action.verb](ctx, action)


async def _listing(ctx: Ctx) -> Reply:
    found = await queries.sheets(
        ctx.session,
        Appointment.advisor_id == ctx.actor.advisor_id,
        Appointment.status == Status.REQUESTED,
        Appointment.starts_at > ctx.now,
    )
    if not found:
        return reply("appointment.none_waiting")
    buttons = []
    for one in found:
        row = one.appointment
        label = f"{when_label(row.starts_at, ctx.address.lang)} {row.code}"
        buttons.append(Button(label, f"advise.show:{row.id}", literal=True))
    return reply("appointment.waiting_for_you", buttons=column(*buttons))


async def _show(ctx: Ctx, action: Action) -> Reply:
    row = await _own(ctx, action)
    return Reply((card(Note.SHOWN, await queries.sheet(ctx.session, row)),))


async def _yes(ctx: Ctx, action: Action) -> Reply:
    row = await agency_confirm(
        ctx.session,
        actor=ctx.actor,
        appointment_id=int(action.args[0]),
        now=ctx.now,
        links=ctx.links,
    )
    shown = card(Note.SHOWN, await queries.sheet(ctx.session, row))
    return reply("appointment.agreed", code=row.code).then(Reply((shown,)))


async def _no(ctx: Ctx, action: Action) -> Reply:
    """Ask why. The answer to the last tap is checked when a reason is given."""
    row = await ctx.session.get_one(Appointment, int(action.args[0]))
    buttons = [Button(f"appointment.decline.{w}", f"advise.reason:{row.id}:{w}") for w in Why]
    return reply("appointment.why_decline", code=row.code, buttons=column(*buttons))


async def _reason(ctx: Ctx, action: Action) -> Reply:
    row = await agency_decline(
        ctx.session,
        actor=ctx.actor,
        appointment_id=int(action.args[0]),
        reason=plain(f"appointment.decline.{Why(action.args[1])}"),
        settings=ctx.config.booking,
        worktime=ctx.worktime,
        now=ctx.now,
        links=ctx.links,
    )
    return reply("appointment.declined", code=row.code)


async def _brief(ctx: Ctx, action: Action) -> Reply:
    row = await _own(ctx, action)
    return Reply((await brief_message(ctx.session, row),))


async def _own(ctx: Ctx, action: Action) -> Appointment:
    """Raises UnknownAppointment for an appointment of somebody else's."""
    row = await queries.access_appointment(ctx.session, ctx.actor, int(action.args[0]))
    if not queries.is_its_advisor(ctx.actor, row):
        raise queries.UnknownAppointment
    return row


_VERBS = {"show": _show, "yes": _yes, "no": _no, "reason": _reason, "brief": _brief}

INTENT = Intent("advise", handle, commands=("待确认", "待确认预约", "/requests"))
