"""Booking in words: what was understood is shown, with free times that fit, before one is held."""

from datetime import date, datetime, timedelta

from booking.availability import free_starts, nearest
from booking.words import MIDNIGHT, Wanted, wanted
from bot.context import Ctx
from bot.handlers import book_slot, book_wait
from bot.handlers.ask import PERSON
from bot.handlers.book_flow import day_label, when_label
from bot.messages import Button, Reply, column, reply, rows
from bot.steps import Step, Tap
from core.clock import at_local, local
from core.texts import plain
from core.when import parse_time
from directory import queries as people

MOST = 8
SOONEST = "asap"
YES = frozenset({"是", "是的", "对", "对的", "好", "好的", "可以", "行", "确认", "ok", "yes", "y"})
# A word of a special field decides before the general ones: 专利侵权 is about infringement.
BY_RANK = (
    *("trade-secret", "enforcement", "financing", "operation", "search", "copyright"),
    *("other-ip", "trademark", "filing"),
)


async def begin(ctx: Ctx, text: str) -> None:
    """Start the flow with whatever the words say: topic, agency, advisor, time."""
    data = {"minutes": ctx.config.booking.lengths[0], "words": text[:100]}
    if (area := _area(text)) is not None:
        data["area"] = area
    data |= await _by_name(ctx, text)
    data.setdefault("agency", None)
    if wanted(text, ctx.today, ctx.worktime) is None:
        del data["words"]
    ctx.begin("book", book_slot.ahead(data, ctx.center_id), **data)


def _area(text: str) -> str | None:
    """The topic that the words name."""
    for area in BY_RANK:
        if any(word in text for word in plain(f"book_words.topic.{area}").split()):
            return area
    return None


async def _by_name(ctx: Ctx, text: str) -> dict[str, object]:
    """The agency or the advisor that the words name."""
    if ctx.center_id is None:
        return {}
    found: dict[str, object] = {}
    for advisor, agency in await people.advisors_of(ctx.session, ctx.center_id):
        if advisor.name in text:
            return {"agency": agency.id, "advisor_wish": advisor.id}
        if agency.name in text or _stem(agency.name) in text:
            found = {"agency": agency.id}
    return found


def _stem(name: str) -> str:
    """An agency's name without what every agency's name ends with."""
    for end in plain("book_words.agency_ends").split():
        name = name.removesuffix(end)
    return name


async def ask_pick(ctx: Ctx) -> Reply:
    """What was understood, and free times that fit; else the nearest there are."""
    want, lang = _want(ctx), ctx.address.lang
    diaries, window = await book_slot.diaries_of(ctx)
    starts = [
        start
        for day in (want.days or _every_day(ctx.today, window.last_day))
        if ctx.today <= day <= window.last_day
        for start in free_starts(diaries, day, ctx.data["minutes"], window)
        if want.suits(local(start).time())
    ]
    key = "book_words.sure" if want.exact and starts else "book_words.choose"
    if not starts:
        middle = at_local(want.days[0] if want.days else ctx.today, want.start.hour or 9)
        starts = nearest(diaries, middle, ctx.data["minutes"], window)
        key = "book_words.nothing_then"
    if not starts:
        return await book_slot.ask_day(ctx)
    label = "book_words.button_yes" if key == "book_words.sure" else None
    buttons = [_button(start, lang, label) for start in _spread(starts)]
    more = [Button("book_words.button_days", "book.days")]
    if "moving" not in ctx.data:
        more.append(Button("book_words.button_agency", "book.other_agency"))
        if key == "book_words.nothing_then":
            more.append(book_wait.button("pick"))
    return reply(key, understood=echo(want, lang), buttons=(*rows(buttons, 2), tuple(more)))


def _button(start: datetime, lang: str, label: str | None) -> Button:
    do = f"book.pick:{local(start):%Y%m%d%H%M%z}"
    return Button(label, do) if label else Button(when_label(start, lang), do, literal=True)


def _spread(starts: list[datetime]) -> list[datetime]:
    """The first few of each day, so that several days show up."""
    days = len({local(start).date() for start in starts})
    each, seen, chosen = max(1, MOST // days), dict[date, int](), []
    for start in starts:
        day = local(start).date()
        seen[day] = seen.get(day, 0) + 1
        if seen[day] <= each:
            chosen.append(start)
    return chosen[:MOST]


def _every_day(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def echo(want: Wanted, lang: str) -> str:
    """What was understood, as a person reads it: 12月2日 周三 12:00–18:00."""
    if want.soonest:
        days = plain("book_words.soonest", lang)
    elif len(want.days) == 1:
        days = day_label(want.days[0], lang)
    else:
        days = f"{day_label(want.days[0], lang)} – {day_label(want.days[-1], lang)}"
    if want.exact:
        return f"{days} {want.start:%H:%M}"
    if want.start == MIDNIGHT and want.end is None:
        return days
    first = "" if want.start == MIDNIGHT else f"{want.start:%H:%M}"
    last = "" if want.end is None else f"{want.end:%H:%M}"
    return f"{days} {first}–{last}"


async def typed_pick(ctx: Ctx, text: str) -> Reply | None:
    """Yes to the one time shown, a time of that day, or other words."""
    want = _want(ctx)
    if text.lower().rstrip("。.!！ ") in YES and want.exact:
        return await book_slot.choose_time(ctx, f"{_instant(want):%Y%m%d%H%M%z}")
    if wanted(text, ctx.today, ctx.worktime) is None and len(want.days) == 1:
        at = parse_time(text)
        if at is None:
            return None
        return await book_slot.choose_time(
            ctx, f"{local(at_local(want.days[0], at.hour, at.minute)):%Y%m%d%H%M%z}"
        )
    return await book_slot.typed_day(ctx, text)


def _instant(want: Wanted) -> datetime:
    return local(at_local(want.days[0], want.start.hour, want.start.minute))


def _want(ctx: Ctx) -> Wanted:
    words = ctx.data.get("words", SOONEST)
    return wanted(words, ctx.today, ctx.worktime) or Wanted()


async def to_days(ctx: Ctx) -> Reply:
    """The list of days instead."""
    ctx.advance("day")
    return Reply()


async def soonest(ctx: Ctx) -> Reply:
    """The first free times of all."""
    ctx.advance("pick", words=SOONEST)
    return Reply()


async def other_agency(ctx: Ctx) -> Reply:
    """Choose the agency; the words are kept."""
    ctx.advance("agency", advisor_wish=None)
    return Reply()


async def ask_advisor(ctx: Ctx) -> Reply:
    """The advisors for the topic, in the order of the rotation."""
    pairs = await book_slot.pairs_of(ctx, agency=None)
    if not pairs:
        return reply("book.no_agency", buttons=column(PERSON))
    buttons = [
        Button(f"{a.name}（{g.name}）", f"book.advisor:{a.id}", literal=True) for a, g in pairs
    ]
    key = "book_words.which_sealed" if ctx.data.get("sealed") else "book_words.which_advisor"
    return reply(key, buttons=column(*buttons))


async def choose_advisor(ctx: Ctx, number: str) -> Reply:
    """Go on to the time with this advisor only."""
    for advisor, agency in await book_slot.pairs_of(ctx, agency=None):
        if advisor.id == int(number):
            data = {**ctx.data, "agency": agency.id, "advisor_wish": advisor.id}
            ctx.advance(book_slot.ahead(data, ctx.center_id), **data)
    return Reply()


async def typed_advisor(ctx: Ctx, text: str) -> Reply | None:
    """A name, or part of one."""
    found = [
        advisor.id
        for advisor, _ in await book_slot.pairs_of(ctx, agency=None)
        if text in advisor.name or advisor.name in text
    ]
    return await choose_advisor(ctx, str(found[0])) if len(found) == 1 else None


async def named(ctx: Ctx) -> Reply:
    """By advisor."""
    ctx.advance("advisor", sealed=False)
    return Reply()


async def sealed(ctx: Ctx) -> Reply:
    """A confidential matter: nothing of it is kept, for one named advisor."""
    ctx.advance("advisor", sealed=True)
    return Reply()


STEPS = {"pick": Step(ask_pick, typed_pick), "advisor": Step(ask_advisor, typed_advisor)}
TAPS = {
    "pick": Tap("pick", book_slot.choose_time),
    "days": Tap("pick", to_days),
    "other_agency": Tap("pick", other_agency),
    "soonest": Tap("day", soonest),
    "advisor": Tap("advisor", choose_advisor),
    "named": Tap("agency", named),
    "sealed": Tap("agency", sealed),
}
