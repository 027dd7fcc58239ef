"""Booking, first half: sub-center, topic, agency, day, time."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from booking import queries
from booking.availability import Diary, Window, free_days, free_starts
from booking.service.hold import Wish, hold
from booking.words import MIDNIGHT, wanted
from bot.context import Ctx
from bot.handlers import center
from bot.handlers.ask import PERSON
from bot.handlers.book_flow import day_label
from bot.messages import Button, Reply, column, reply, rows
from bot.sessions import remember_center
from bot.steps import Step, Tap, pick
from core.clock import SHANGHAI, local, local_day
from core.texts import plain
from core.when import parse_time
from directory import queries as people
from directory.model import Advisor, Agency
from knowledge.entry import AREAS

ANY = "any"
SPECIAL = (
    Button("book_words.button_advisor", "book.named"),
    Button("book_words.button_sealed", "book.sealed"),
)


def ahead(data: Mapping[str, Any], center_id: int | None) -> str:
    """The first question that is still open, up to the time."""
    if center_id is None:
        return "center"
    for step in ("area", "agency"):
        if step not in data:
            return step
    return "pick" if data.get("words") else "day"


async def ask_center(ctx: Ctx) -> Reply:
    """Which park, where the person's center is unknown."""
    ctx.conversation.asked_center = True
    found = await center.choices(ctx, "book.center")
    if not found:
        ctx.end()
        return reply("center.none")
    return reply("book.which_center", buttons=column(*found))


async def choose_center(ctx: Ctx, center_id: str) -> Reply:
    """Remember it and go on to the topic."""
    await remember_center(ctx, (await people.center_by_id(ctx.session, int(center_id))).id)
    ctx.advance(ahead(ctx.data, ctx.center_id))
    return Reply()


async def typed_center(ctx: Ctx, text: str) -> Reply | None:
    """Part of a center's name."""
    chosen = await center.typed(ctx, text)
    return None if chosen is None else await choose_center(ctx, chosen)


async def ask_area(ctx: Ctx) -> Reply:
    """The topics that somebody of the center serves; without any, the flow ends."""
    areas = await _areas(ctx)
    if not areas:
        ctx.end()
        return reply("book.nobody", buttons=column(PERSON))
    buttons = [Button(f"area.{area}", f"book.area:{area}") for area in areas]
    return reply("book.which_area", buttons=rows(buttons, 2))


async def choose_area(ctx: Ctx, area: str) -> Reply:
    """Go on to the agency."""
    data = {**ctx.data, "area": area}
    ctx.advance(ahead(data, ctx.center_id), area=area)
    return Reply()


async def typed_area(ctx: Ctx, text: str) -> Reply | None:
    """Part of a topic's name."""
    lang = ctx.address.lang
    area = pick(text, {plain(f"area.{area}", lang): area for area in await _areas(ctx)})
    return None if area is None else await choose_area(ctx, area)


async def _areas(ctx: Ctx) -> list[str]:
    assert ctx.center_id is not None
    found = await people.advisors_of(ctx.session, ctx.center_id)
    return [area for area in AREAS if any(area in advisor.areas for advisor, _ in found)]


async def ask_agency(ctx: Ctx) -> Reply:
    """Any agency, or one of them; listed in the order of the rotation, so that none is favoured."""
    labels = await _agencies(ctx)
    if not labels:
        return reply("book.no_agency", buttons=column(PERSON))
    buttons = [
        Button(label, f"book.agency:{agency}", literal=True) for label, agency in labels.items()
    ]
    return reply(
        "book.which_agency",
        buttons=(*column(Button("book.button_any", f"book.agency:{ANY}"), *buttons), SPECIAL),
    )


async def choose_agency(ctx: Ctx, agency: str) -> Reply:
    """Go on to the day."""
    chosen = {"agency": None if agency == ANY else int(agency), "advisor_wish": None}
    ctx.advance(ahead({**ctx.data, **chosen}, ctx.center_id), **chosen, sealed=False)
    return Reply()


async def typed_agency(ctx: Ctx, text: str) -> Reply | None:
    """Part of an agency's name, or "any"."""
    labels = await _agencies(ctx)
    any_of_them = plain("book.button_any", ctx.address.lang)
    agency = pick(text, {any_of_them: ANY, **labels})
    return None if agency is None else await choose_agency(ctx, agency)


async def _agencies(ctx: Ctx) -> dict[str, str]:
    pairs, lang = await pairs_of(ctx, agency=None), ctx.address.lang
    return {
        plain("book.agency_label", lang, name=a.name, grade=a.credit_grade): str(a.id)
        for _, a in pairs
    }


async def ask_day(ctx: Ctx) -> Reply:
    """The days on which something is free."""
    diaries, window = await diaries_of(ctx)
    days = free_days(diaries, ctx.data["minutes"], window)
    if not days:
        other = (Button("book.button_any", f"book.agency:{ANY}"),)
        wider = () if "moving" in ctx.data or ctx.data["agency"] is None else other
        wait = () if "moving" in ctx.data else (Button("wait.button_join", "book.wait_day:all"),)
        return reply(
            "book.no_day", days=ctx.config.booking.horizon_days, buttons=(wider, wait, (PERSON,))
        )
    lang = ctx.address.lang
    buttons = [Button(day_label(d, lang), f"book.day:{d.isoformat()}", literal=True) for d in days]
    first = Button("book_words.button_soonest", "book.soonest")
    return reply("book.which_day", buttons=(*rows(buttons, 2), (first,)))


async def choose_day(ctx: Ctx, iso: str) -> Reply:
    """Go on to the time, or say why that day cannot be had."""
    day, lang = date.fromisoformat(iso), ctx.address.lang
    diaries, window = await diaries_of(ctx)
    label = day_label(day, lang)
    if day < ctx.today:
        return reply("book.day_past", day=label)
    if day > window.last_day:
        last = day_label(window.last_day, lang)
        return reply("book.day_too_far", day=label, last=last)
    if not ctx.worktime.is_workday(day):
        return reply("book.day_off", day=label)
    if not free_starts(diaries, day, ctx.data["minutes"], window):
        wait = Button("wait.button_join", f"book.wait_day:{iso}")
        buttons = () if "moving" in ctx.data else ((wait,),)
        return reply("book.day_full", day=label, buttons=buttons)
    ctx.advance("time", day=iso)
    return Reply()


async def typed_day(ctx: Ctx, text: str) -> Reply | None:
    """A day in words or figures, perhaps with a time."""
    named = f"{text}号" if text.isdecimal() else text  # a number that is no button is a day
    want = wanted(named, ctx.today, ctx.worktime)
    if want is None:
        return None
    if len(want.days) == 1:
        before = ctx.step, ctx.data, ctx.conversation.trail
        notes = await choose_day(ctx, want.days[0].isoformat())
        if ctx.step != "time" or (want.start, want.end) == (MIDNIGHT, None):
            return notes
        ctx.conversation.step, ctx.conversation.data, ctx.conversation.trail = before
    ctx.advance("pick", words=named[:100])
    return Reply()


async def ask_time(ctx: Ctx) -> Reply:
    """The free times of the day; the other lengths. A day that filled up leads back to the days."""
    diaries, window = await diaries_of(ctx)
    day, minutes = date.fromisoformat(ctx.data["day"]), ctx.data["minutes"]
    label = day_label(day, ctx.address.lang)
    starts = free_starts(diaries, day, minutes, window)
    if not starts:
        ctx.advance("day")
        return reply("book.day_full", day=label).then(await ask_day(ctx))
    buttons = [
        Button(f"{local(start):%H:%M}", f"book.time:{local(start):%Y%m%d%H%M%z}", literal=True)
        for start in starts
    ]
    lengths = () if "moving" in ctx.data else _other_lengths(ctx)
    return reply(
        "book.which_time",
        day=label,
        minutes=minutes,
        buttons=(*rows(buttons, 4), *((one,) for one in lengths)),
    )


def _other_lengths(ctx: Ctx) -> tuple[Button, ...]:
    return tuple(
        Button("book.button_length", f"book.length:{n}", {"minutes": n})
        for n in ctx.config.booking.lengths
        if n != ctx.data["minutes"]
    )


async def choose_length(ctx: Ctx, minutes: str) -> Reply:
    """Show the times for another length."""
    if "moving" not in ctx.data and int(minutes) in ctx.config.booking.lengths:
        ctx.conversation.data = {**ctx.data, "minutes": int(minutes)}
    return Reply()


async def choose_time(ctx: Ctx, stamp: str) -> Reply:
    """Hold it and go on to the person; when moving an appointment, ask whether to move it."""
    start = datetime.strptime(stamp, "%Y%m%d%H%M%z")
    chosen = {"day": local_day(start).isoformat(), "starts": start.isoformat()}
    if "moving" in ctx.data:
        ctx.advance("move", **chosen)
        return Reply()
    held = await hold_again(ctx, start)
    ctx.advance("confirm" if "phone" in ctx.data else "name", **chosen, held=held)
    return reply("book.held", minutes=ctx.config.booking.hold_minutes)


async def typed_time(ctx: Ctx, text: str) -> Reply | None:
    """A time in words or figures, another day, or both."""
    at = parse_time(text)
    if at is None or wanted(text, ctx.today, ctx.worktime) is not None:
        return await typed_day(ctx, text)
    day = date.fromisoformat(ctx.data["day"])
    return await choose_time(ctx, f"{datetime.combine(day, at, SHANGHAI):%Y%m%d%H%M%z}")


async def hold_again(ctx: Ctx, start: datetime) -> int:
    """Hold ``start`` for the person, giving up what they held. Raises what ``hold`` raises."""
    assert ctx.center_id is not None
    row = await hold(
        ctx.session,
        wish=Wish(
            center_id=ctx.center_id,
            area=ctx.data["area"],
            starts_at=start,
            minutes=ctx.data["minutes"],
            agency_id=ctx.data["agency"],
            advisor_id=ctx.data.get("advisor_wish"),
            sealed=ctx.data.get("sealed", False),
            enterprise_id=enterprise_id(ctx),
        ),
        to=ctx.address,
        contact_id=ctx.contact.id,
        settings=ctx.config.booking,
        worktime=ctx.worktime,
        now=ctx.now,
    )
    return row.id


def enterprise_id(ctx: Ctx) -> int | None:
    """The enterprise named in this flow, else the one the person is known to belong to."""
    named: int | None = ctx.data.get("enterprise_id", ctx.contact.enterprise_id)
    return named


async def pairs_of(ctx: Ctx, *, agency: int | None) -> list[tuple[Advisor, Agency]]:
    """Whom the person could be offered for the topic, in the order of the rotation."""
    assert ctx.center_id is not None
    return await queries.candidates(
        ctx.session,
        center_id=ctx.center_id,
        area=ctx.data["area"],
        agency_id=agency,
        enterprise_id=enterprise_id(ctx),
        now=ctx.now,
    )


async def diaries_of(ctx: Ctx) -> tuple[dict[int, Diary], Window]:
    """The diaries that what was chosen so far leaves."""
    window = Window.at(ctx.now, ctx.config.booking, ctx.worktime)
    moving = ctx.data.get("moving")
    if moving is not None:
        ids = [ctx.data["advisor"]]
    else:
        pairs = await pairs_of(ctx, agency=ctx.data["agency"])
        wish = ctx.data.get("advisor_wish")
        ids = [advisor.id for advisor, _ in pairs if wish in (None, advisor.id)]
    return await queries.diaries(
        ctx.session, ids, window, holder=ctx.contact.id, moving=moving
    ), window


STEPS = {
    "center": Step(ask_center, typed_center),
    "area": Step(ask_area, typed_area),
    "agency": Step(ask_agency, typed_agency),
    "day": Step(ask_day, typed_day),
    "time": Step(ask_time, typed_time),
}
TAPS = {
    "center": Tap("center", choose_center),
    "area": Tap("area", choose_area),
    "agency": Tap("agency", choose_agency),
    "day": Tap("day", choose_day),
    "time": Tap("time", choose_time),
    "length": Tap("time", choose_length),
}
