"""我的提醒: reminders asked for beneath the card of a deadline; listed and cancelled."""

from datetime import date

from bot.context import Ctx, Intent
from bot.messages import Button, Incoming, Reply, column, reply
from bot.reminders import DAYS, DeadlineReminder, ask_for, cancel, open_of, possible
from core.clock import local
from knowledge.calculate.kinds import catalogue

MINE = Button("remind.button_mine", "remind.start")
SHOWN = 20


def offer(ctx: Ctx, kind: str, last_day: date) -> tuple[Button, ...]:
    """The buttons beneath a card; none where it is too late for any."""
    days = possible(last_day, ctx.worktime, now=ctx.now)
    each = [
        Button("remind.button_days", f"remind.add:{kind}:{last_day}:{n}", {"days": n}) for n in days
    ]
    every = Button("remind.button_all", f"remind.add:{kind}:{last_day}:0")
    return (*each, every) if len(days) > 1 else tuple(each)


async def handle(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """List, promise or take back."""
    action = ctx.action
    if action is None:
        return None
    if action.verb == "add":
        return await _add(ctx, *action.args)
    if action.verb == "cancel":
        gone = await cancel(ctx.session, ctx.address, int(action.args[0]), now=ctx.now)
        note = reply("remind.cancelled", name=gone.name, last_day=gone.last_day)
        return note.then(await _list(ctx))
    return await _list(ctx)


async def _add(ctx: Ctx, kind: str, last_day: str, days: str) -> Reply | None:
    """``days`` 0: all of them that are still to come."""
    known = catalogue().kinds.get(kind)
    wanted = DAYS if days == "0" else (int(days),)
    if known is None or not set(wanted) <= set(DAYS):
        return None
    rows = await ask_for(
        ctx.session,
        ctx.address,
        kind=kind,
        name=known.name,
        last_day=date.fromisoformat(last_day),
        days=wanted,
        worktime=ctx.worktime,
        now=ctx.now,
    )
    return reply(
        "remind.promised",
        name=known.name,
        last_day=last_day,
        times=list(dict.fromkeys(local(row.due_at) for row in rows)),
        web=ctx.address.channel == "web",
        buttons=column(MINE),
    )


async def _list(ctx: Ctx) -> Reply:
    rows = await open_of(ctx.session, ctx.address)
    if not rows:
        return reply(
            "remind.none", buttons=column(Button("start.button_deadline", "deadline.start"))
        )
    return reply(
        "remind.list",
        rows=[(row.name, row.last_day, local(row.due_at)) for row in rows[:SHOWN]],
        more=max(len(rows) - SHOWN, 0),
        buttons=column(*(_button(row) for row in rows[:SHOWN])),
    )


def _button(row: DeadlineReminder) -> Button:
    when = local(row.due_at)
    params = {"month": when.month, "day": when.day, "name": row.name}
    return Button("remind.button_cancel", f"remind.cancel:{row.id}", params)


INTENT = Intent(
    "remind",
    handle,
    commands=("/reminders", "我的提醒", "提醒", "查看提醒", "取消提醒", "reminders"),
)
