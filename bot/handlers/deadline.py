"""When a term ends (期限计算), asked step by step or in one line: 期限 一通 2026-11-20.

The flow: kind (by topic, or typed) → day → how the notice came, where that matters → for annual
fees the kind of patent and the year → card with a calendar file.
"""

import dataclasses
import re
from contextlib import suppress
from datetime import date, datetime, timedelta
from typing import Any

from bot.context import Ctx, Intent
from bot.deadline_link import decode
from bot.handlers.ask import BOOK, PERSON
from bot.handlers.remind import offer
from bot.messages import Attachment, Button, Incoming, Reply, column, reply, rows
from bot.phrases import one_line
from bot.sessions import answered
from bot.steps import Flow, Step, Tap, asks, pick
from core.calendar_file import attach, day_event
from core.errors import Refusal
from core.numerals import whole_number
from core.texts import DEFAULT_LANGUAGE, plain
from core.when import parse_day
from knowledge.calculate.annual import NoFeeLeft
from knowledge.calculate.annuities import PATENTS
from knowledge.calculate.deadline import due, sources_of
from knowledge.calculate.kinds import Kind, UnknownKind, catalogue
from knowledge.calculate.tables import yuan
from knowledge.calculate.term import Deadline

AGAIN = Button("deadline.button_again", "deadline.start")
TOPICS = Button("deadline.button_topics", "deadline.topics")
PAGE = 8
MOST_NEAR = 5
ALARMS = (7, 1)
HURRY = 7

# Shown before the others of their topic.
COMMON = (
    *("reply-first", "reply-further", "correction", "registration", "examination-request"),
    *("priority", "grace-period", "annual-fee", "annual-fee-late", "reexamination"),
    *("trademark-review", "trademark-opposition", "trademark-opposition-answer"),
    *("trademark-use-evidence", "trademark-renewal", "infringement-limitation"),
    *("ruling-answer", "appeal-judgment", "pct-national"),
)
# Notices for which the way they came changes the day, and the way that gives the later day.
LATER = {"patent": "post", "trademark": "electronic"}
MODES = ("electronic", "post", "received")
_WORDS = {  # the first that is in what was typed
    "received": ("不清楚", "不知道", "不确定", "收到", "签收", "not sure", "unknown", "received"),
    "electronic": ("电子", "网上", "线上", "系统", "electronic", "online", "email"),
    "post": ("邮", "纸质", "挂号", "快递", "post", "mail"),
    "announcement": ("公告", "announce"),
}
_AHEAD = ("window", "backward")  # counted from a day that mostly lies ahead
_BEFORE_UNIT = re.compile(r"(?<=\d)\s+(?=[年月日号])")
_AFTER_UNIT = re.compile(r"(?<=\d[年月])\s+(?=\d)")


class StaleStep(Refusal):
    """A button of a calculation that is over, or of a step not reached yet."""

    key = "deadline.stale"


async def handle(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """Start, count again for another way of delivery, or take an answer."""
    action = ctx.action
    if action is not None and action.verb == "start":
        return await _start(incoming, ctx)
    if incoming.start is not None:
        return await _linked(incoming.start, ctx)
    if action is not None and action.verb == "count":
        kind, day, mode = action.args
        return await _shown(ctx, {"kind": _known(kind).id, "day": day, "mode": mode})
    return await FLOW.take(incoming, ctx)


async def _linked(param: str, ctx: Ctx) -> Reply:
    """A calculation brought along by a deep link, most often from its web page."""
    data = decode(param)
    if data is None:
        raise StaleStep
    return await _shown(ctx, data)


async def _start(incoming: Incoming, ctx: Ctx) -> Reply:
    said = None if incoming.button else one_line(incoming.text or "")
    if said is None:
        ctx.begin(FLOW.name, "kind")
        return await FLOW.prompt(ctx)
    kind, said_day, mode = _read(said, ctx.today)
    ctx.begin(FLOW.name, "kind", said_day=said_day, mode=mode, patent=None, year=None)
    ctx.action = None
    taken = await FLOW.take(dataclasses.replace(incoming, text=kind), ctx)
    return taken or await FLOW.prompt(ctx)


def _read(line: str, today: date) -> tuple[str, str, str | None]:
    """Kind, day and way of delivery in the words of one line; the day is not checked yet."""
    words = _AFTER_UNIT.sub("", _BEFORE_UNIT.sub("", line)).split()
    days = [w for w in words if parse_day(w, today)] or words[1:]
    rest = [word for word in words if word not in days]
    modes = [mode for word in rest[1:] if (mode := _mode(word))]
    kind = "".join(word for n, word in enumerate(rest) if n == 0 or not _mode(word))
    return kind, " ".join(days), next(iter(modes), None)


async def ask_kind(ctx: Ctx) -> Reply:
    """Topics; or the kinds of one topic, a page at a time; or those that come near."""
    data, known = ctx.data, catalogue().kinds
    if data.get("near"):
        near = [known[id_] for id_ in data["near"] if id_ in known]
        return reply("deadline.near", asked=data["asked"], buttons=_kinds(near, TOPICS))
    if data.get("topic") is None:
        buttons = [
            Button(topic, f"deadline.topic:{n}:0", literal=True)
            for n, topic in enumerate(_topics())
        ]
        return reply("deadline.which_topic", buttons=column(*buttons))
    topic, page = _topics()[data["topic"]], data["page"]
    kinds = _of_topic(topic)
    on = kinds[page * PAGE : (page + 1) * PAGE]
    left = len(kinds) - (page + 1) * PAGE
    more = Button("deadline.button_more", f"deadline.topic:{data['topic']}:{page + 1}", {"n": left})
    listed = _kinds(on, *([more] if left > 0 else []), TOPICS)
    return reply("deadline.which_kind", topic=topic, buttons=listed)


async def typed_kind(ctx: Ctx, text: str) -> Reply | None:
    """A kind or a topic by name; else the kinds that come near."""
    with suppress(UnknownKind):
        return await choose_kind(ctx, catalogue().find(text).id)
    topic = pick(text, {name: n for n, name in enumerate(_topics())})
    if topic is not None:
        return await choose_topic(ctx, str(topic), "0")
    if asks(text):
        return None
    near = [kind.id for kind in catalogue().near(text)[:MOST_NEAR]]
    if not near:
        return reply("deadline.bad_kind")
    ctx.advance("kind", near=near, asked=text[:30])
    return Reply()


async def choose_topic(ctx: Ctx, topic: str, page: str) -> Reply:
    """Show a page of its kinds."""
    ctx.advance("kind", topic=int(topic), page=int(page), near=None)
    return Reply()


async def all_topics(ctx: Ctx) -> Reply:
    """Back to the topics."""
    ctx.advance("kind", topic=None, near=None)
    return Reply()


async def choose_kind(ctx: Ctx, id_: str) -> Reply:
    """Go on to the day; in a single line it is there already."""
    kind = _known(id_).id
    said = ctx.data.get("said_day")
    ctx.advance("day", kind=kind, said_day=None)
    return Reply() if said is None else await typed_day(ctx, said) or Reply()


async def ask_day(ctx: Ctx) -> Reply:
    """The day from which the term runs."""
    kind = _kind(ctx)
    yesterday = ctx.today - timedelta(days=1)
    buttons = (
        Button("deadline.button_today", f"deadline.day:{ctx.today}"),
        Button("deadline.button_yesterday", f"deadline.day:{yesterday}"),
    )
    return reply("deadline.which_day", name=kind.name, give=kind.give, buttons=(buttons,))


async def typed_day(ctx: Ctx, text: str) -> Reply | None:
    """The day in any usual writing."""
    day = parse_day(text, ctx.today, past=_kind(ctx).shape not in _AHEAD)
    if day is not None and not (asks(text) and len(text) > 12):
        return await _next(ctx, day=day.isoformat())
    return None if asks(text) else reply("deadline.bad_day", text=text[:30])


async def choose_day(ctx: Ctx, day: str) -> Reply:
    """Today or yesterday."""
    return await _next(ctx, day=day)


async def ask_mode(ctx: Ctx) -> Reply:
    """How the notice came."""
    buttons = [Button(f"deadline.mode_{mode}", f"deadline.mode:{mode}") for mode in MODES]
    return reply("deadline.which_mode", day=ctx.data["day"], buttons=column(*buttons))


async def typed_mode(ctx: Ctx, text: str) -> Reply | None:
    """The way in other words."""
    mode = _mode(text)
    if mode is None:
        return None if asks(text) else reply("deadline.bad_mode")
    return await _next(ctx, mode=mode)


async def choose_mode(ctx: Ctx, mode: str) -> Reply:
    """One of the ways."""
    return await _next(ctx, mode=mode)


async def ask_patent(ctx: Ctx) -> Reply:
    """Which kind of patent the annual fee is for."""
    buttons = [Button(f"fees.kind_{kind}", f"deadline.patent:{kind}") for kind in PATENTS]
    unsure = Button("deadline.button_unsure", "deadline.patent:")
    return reply("deadline.which_patent", buttons=(tuple(buttons), (unsure,)))


async def typed_patent(ctx: Ctx, text: str) -> Reply | None:
    """Its name, or part of it."""
    patent = pick(text, {plain(f"fees.kind_{kind}", ctx.address.lang): kind for kind in PATENTS})
    if patent is None:
        return None if asks(text) else reply("fees.bad_kind")
    return await _next(ctx, patent=patent)


async def choose_patent(ctx: Ctx, patent: str) -> Reply:
    """One of the kinds, or none."""
    return await _next(ctx, patent=patent or None)


async def ask_year(ctx: Ctx) -> Reply:
    """Which annual fee."""
    button = Button("deadline.button_next_year", "deadline.year")
    return reply("deadline.which_year", buttons=column(button))


async def typed_year(ctx: Ctx, text: str) -> Reply | None:
    """The number of the year."""
    year = whole_number(text)
    if year is None:
        return None if asks(text) else reply("deadline.bad_year")
    return await _next(ctx, year=year)


async def next_year(ctx: Ctx) -> Reply:
    """The one that falls due next."""
    return await _next(ctx, year=None)


async def _next(ctx: Ctx, **found: Any) -> Reply:
    """Keep the answer and ask what is still missing, or show the term.

    Every answer is tried at once, so that a wrong one is refused where it can be changed.
    """
    data, kind = {**ctx.data, **found}, _kind(ctx)
    asked = ["mode"] if kind.delivery in LATER else []
    asked += ["patent", "year"] if kind.shape == "annual" else []
    missing = next((step for step in asked if step not in data), None)
    try:
        _worked(ctx, data)
    except NoFeeLeft:
        if missing is None:  # else a year may still be named
            raise
    if missing is None:
        ctx.end()
        return await _shown(ctx, data)
    ctx.advance(missing, **found)
    return Reply()


def _worked(ctx: Ctx, data: dict[str, Any]) -> Deadline:
    return due(
        data["kind"],
        date.fromisoformat(data["day"]),
        worktime=ctx.worktime,
        delivery=data.get("mode"),
        year=data.get("year"),
        patent=data.get("patent"),
        today=ctx.today,
    )


async def _shown(ctx: Ctx, data: dict[str, Any]) -> Reply:
    term, lang, row = _worked(ctx, data), ctx.address.lang, ctx.conversation
    row.last_question = plain("deadline.asked", lang, name=term.name, day=term.given)
    row.last_entry = None
    await answered(ctx)
    steps = [(s.name, s.until, None if s.fee is None else yuan(s.fee)) for s in term.steps]
    return reply(
        "deadline.card",
        d=term,
        left=(term.last_day - ctx.today).days,
        hurry=HURRY,
        early=term.given > ctx.today and _known(term.kind).delivery is not None,
        steps=steps,
        sources=[source.cite() for source in sources_of(term)],
        file=_file(ctx, term) if term.last_day >= ctx.today else None,
        buttons=(
            *rows(list(offer(ctx, term.kind, term.last_day)), 2),
            *column(*_recount(data), AGAIN),
            (PERSON, BOOK),
        ),
    )


def _recount(data: dict[str, Any]) -> tuple[Button, ...]:
    """The same for the other meaning of the day, where only the day of receipt was counted."""
    mode = LATER.get(_known(data["kind"]).delivery or "")
    if mode is None or data.get("mode") not in (None, "received"):
        return ()
    do = f"deadline.count:{data['kind']}:{data['day']}:{mode}"
    return (Button(f"deadline.recount_{mode}", do),)


def _file(ctx: Ctx, term: Deadline) -> Attachment:
    uid = f"{term.kind}-{ctx.conversation.id}-{int(ctx.now.timestamp())}@ipstation"
    return calendar_file(term, uid=uid, lang=ctx.address.lang, now=ctx.now)


def calendar_file(
    term: Deadline, *, uid: str, now: datetime, lang: str = DEFAULT_LANGUAGE
) -> Attachment:
    """The last day for a person's calendar, with alarms 7 days and 1 day before."""
    event = day_event(
        term.last_day,
        uid=uid,
        summary=plain(f"deadline.ics_{term.sense}", lang, name=term.name),
        description=plain("deadline.ics_description", lang, after=term.after, start=term.start),
        alarms=ALARMS,
        now=now,
    )
    name = f"{term.kind}-{term.last_day}"
    return attach(name, event, method="PUBLISH", first_day=term.last_day)


def _known(id_: str) -> Kind:
    kind = catalogue().kinds.get(id_)
    if kind is None:
        raise StaleStep
    return kind


def _kind(ctx: Ctx) -> Kind:
    return _known(ctx.data["kind"])


def _topics() -> tuple[str, ...]:
    return tuple(dict.fromkeys(kind.group for kind in catalogue().kinds.values()))


def _of_topic(topic: str) -> list[Kind]:
    """Its kinds: the common ones first, those that nobody has to keep last."""
    found = [kind for kind in catalogue().kinds.values() if kind.group == topic]
    return sorted(found, key=lambda kind: (kind.id not in COMMON, kind.sense != "act"))


def _kinds(kinds: list[Kind], *more: Button) -> tuple[tuple[Button, ...], ...]:
    found = [Button(kind.name, f"deadline.kind:{kind.id}", literal=True) for kind in kinds]
    return (*column(*found), more)


def _mode(text: str) -> str | None:
    said = text.lower()
    return next((mode for mode, words in _WORDS.items() if any(w in said for w in words)), None)


FLOW = Flow(
    name="deadline",
    steps={
        "kind": Step(ask_kind, typed_kind),
        "day": Step(ask_day, typed_day),
        "mode": Step(ask_mode, typed_mode),
        "patent": Step(ask_patent, typed_patent),
        "year": Step(ask_year, typed_year, number=True),
    },
    taps={
        "topic": Tap("kind", choose_topic),
        "topics": Tap("kind", all_topics),
        "kind": Tap("kind", choose_kind),
        "day": Tap("day", choose_day),
        "mode": Tap("mode", choose_mode),
        "patent": Tap("patent", choose_patent),
        "year": Tap("year", next_year),
    },
    stale=StaleStep,
)

INTENT = Intent(
    FLOW.name,
    handle,
    commands=("/deadline", "期限计算", "期限计算器", "期限", "deadline"),
    prompt=FLOW.prompt,
)
