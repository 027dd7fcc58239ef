"""转人工: warn, say what will be passed on, ask, show it, and open a ticket once agreed.

The flow: question → name → telephone → topic → sub-center (if unknown) → preview → ticket.
Answers live in the flow's data under the names of FIELDS; a change from the preview asks that
field again and comes straight back. Starting arguments name the ticket's source.
"""

import dataclasses
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import date
from functools import partial

from bot.context import Ctx, Intent
from bot.handlers import center
from bot.handlers import ticket as tickets
from bot.messages import Button, Incoming, Message, Reply, column, reply, rows
from bot.sanitise import clean
from bot.sessions import remember_center
from bot.steps import is_question, pick
from core.errors import Refusal
from core.texts import plain
from core.when import parse_day
from directory import queries as people
from directory.model import Enterprise
from directory.service import clean_phone
from escalation import queries
from escalation.deadlines import ServiceLevels
from escalation.legal_dates import legal_deadline
from escalation.model import Complexity, Source
from escalation.service.open import SHORTEST, TOPICS, Matter, QuestionTooShort, open_ticket
from escalation.telling import show_button, when

FLOW = "escalate"
FIELDS = ("question", "name", "phone", "topic", "center")
LONGEST_NAME = 40
YES = frozenset(
    {"同意", "提交", "确认", "确定", "好", "好的", "可以", "是", "ok", "yes", "同意并提交"}
)
CANCEL = Button("escalate.button_cancel", "escalate.cancel")


class Stale(Refusal):
    """A button of a request that is over."""

    key = "escalate.stale"


class BadName(Refusal):
    key = "escalate.bad_name"


async def handle(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """Start, take an answer, submit. A refusal never loses the flow."""
    verb = None if ctx.action is None else ctx.action.verb
    if verb == "start":
        return await _start(incoming, ctx)
    if verb == "mine":
        return await tickets.listing(ctx)
    if verb == "submit" and ctx.conversation.flow != FLOW:
        return await _submitted_before(ctx)
    if ctx.conversation.flow != FLOW:
        raise Stale
    try:
        notes = await (_typed(incoming, ctx) if verb is None else _tapped(ctx, verb))
    except Refusal as refusal:
        notes = reply(refusal.key, **refusal.params)
    if notes is None or ctx.conversation.flow != FLOW:
        return notes
    return notes.then(await prompt(ctx))


async def prompt(ctx: Ctx) -> Reply:
    """The present question."""
    if ctx.step == "preview":
        return await _preview(ctx)
    if ctx.step == "edit":
        return _edit(ctx)
    if ctx.step == "center":
        found = await center.choices(ctx, "escalate.center")
        return reply("escalate.which_center", buttons=column(*found, CANCEL))
    asks: dict[str, Callable[[Ctx], Reply]] = {
        "question": _ask_question,
        "name": partial(_ask_own, field="name"),
        "phone": partial(_ask_own, field="phone"),
        "topic": _ask_topic,
        "legal_due": _ask_legal_due,
    }
    return asks[ctx.step or "question"](ctx)


async def _start(incoming: Incoming, ctx: Ctx) -> Reply:
    """Warn and explain before any free text is taken; then the first question."""
    if ctx.center_id is None and not await people.centers(ctx.session):
        return reply("center.none")  # found out at the end, the words would be lost
    row = ctx.conversation
    named = ctx.action.args[0] if ctx.action is not None and ctx.action.args else ""
    data: dict[str, object] = {
        "source": named if named in set(Source) else Source.REQUEST,
        "event": f"{incoming.channel}:{incoming.event_id}",
        "attach": True,
    }
    if row.last_question and len(row.last_question) >= SHORTEST:
        data |= {"bot_question": row.last_question, "bot_entry": row.last_entry}
    if ctx.center_id is not None:
        data["center"] = ctx.center_id
    ctx.begin(FLOW, "question", **data)
    still_open = await queries.open_of_contact(ctx.session, ctx.contact.id)
    notice = reply(
        "escalate.notice",
        bot_question=data.get("bot_question"),
        open=[ticket.number for ticket in still_open],
    )
    return notice.then(await prompt(ctx))


def _ask_question(ctx: Ctx) -> Reply:
    last = ctx.data.get("bot_question")
    same = [Button("escalate.button_last", "escalate.last")] if last else []
    return reply("escalate.which_question", buttons=column(*same, CANCEL))


def _ask_own(ctx: Ctx, field: str) -> Reply:
    """Name or phone, with what is known of the person."""
    known = getattr(ctx.contact, field)
    same = [Button(known, f"escalate.same:{field}", literal=True)] if known else []
    skip = Button("escalate.button_skip", f"escalate.skip:{field}")
    return reply(f"escalate.which_{field}", buttons=column(*same, skip))


def _ask_legal_due(ctx: Ctx) -> Reply:
    none = Button("ticketlife.button_no_legal_due", "escalate.skip:legal_due")
    return reply("ticketlife.which_legal_due", buttons=column(none))


def _ask_topic(ctx: Ctx) -> Reply:
    """The topics, the likely one first."""
    guess = ctx.data.get("guess")
    others = [Button(f"area.{area}", f"escalate.topic:{area}") for area in TOPICS if area != guess]
    if guess not in TOPICS:
        return reply("escalate.which_topic", buttons=rows(others, 2))
    name = plain(f"area.{guess}", ctx.address.lang)
    likely = Button("escalate.button_likely", f"escalate.topic:{guess}", {"area": name})
    return reply("escalate.which_topic", buttons=((likely,), *rows(others, 2)))


async def _preview(ctx: Ctx) -> Reply:
    """Exactly what will be passed on, and by when it will be answered."""
    matter = _matter(ctx)
    enterprise = None
    if matter.enterprise_id is not None:
        enterprise = await ctx.session.get_one(Enterprise, matter.enterprise_id)
    center_id = matter.center_id if enterprise is None else enterprise.center_id
    entry = ctx.engine.base.entries.get(matter.bot_entry or "")
    due = _levels(ctx).answer_due(Complexity.ORDINARY, ctx.now)
    message = Message(
        "escalate.preview",
        {
            "matter": matter,
            "entry": None if entry is None else entry.question,
            "enterprise": None if enterprise is None else enterprise.name,
            "center": (await people.center_by_id(ctx.session, center_id)).name,
            "topic": plain(f"area.{matter.area}", ctx.address.lang),
            "due": when(due, ctx.address.lang),
        },
        column(
            Button("escalate.button_submit", f"escalate.submit:{_digest(ctx)}"),
            Button("ticketlife.button_legal_due", "escalate.change:legal_due"),
            Button("escalate.button_edit", "escalate.edit"),
            CANCEL,
        ),
    )
    return Reply((message,))


def _edit(ctx: Ctx) -> Reply:
    buttons = [Button(f"escalate.change_{name}", f"escalate.change:{name}") for name in FIELDS]
    if ctx.data.get("bot_question") and ctx.data["attach"]:
        buttons.append(Button("escalate.button_detach", "escalate.detach"))
    return reply("escalate.which_change", buttons=rows(buttons, 2))


async def _typed(incoming: Incoming, ctx: Ctx) -> Reply | None:
    """What a typed answer does to the flow; None when it answers nothing."""
    text = clean(incoming.text or "")
    takes = {
        "question": _take_question,
        "name": _take_name,
        "phone": _take_phone,
        "topic": _take_topic,
        "center": _take_center,
        "preview": _take_yes,
        "legal_due": _take_legal_due,
    }
    if ctx.step not in takes or (ctx.step in ("name", "phone") and is_question(ctx, text)):
        return None
    return await takes[ctx.step](ctx, text)


async def _tapped(ctx: Ctx, verb: str) -> Reply:
    """What a button does to the flow; the question that comes next is put after the reply."""
    argument = (ctx.action.args if ctx.action else ()) or ("",)
    if verb not in TAPS:
        raise Stale
    return await TAPS[verb](ctx, argument[0])


async def _take_question(ctx: Ctx, text: str) -> Reply:
    if len(text) < SHORTEST:
        raise QuestionTooShort
    decision, nearest = ctx.decision, None
    if decision is not None:
        nearest = decision.choices[0].entry if decision.choices else decision.entry
    return _fill(ctx, question=text, guess=_area_of(ctx, nearest))


async def _use_last(ctx: Ctx, _: str) -> Reply:
    if not ctx.data.get("bot_question"):
        raise Stale
    guess = _area_of(ctx, ctx.data.get("bot_entry"))
    return _fill(ctx, question=ctx.data["bot_question"], guess=guess)


def _area_of(ctx: Ctx, entry_id: str | None) -> str | None:
    entry = ctx.engine.base.entries.get(entry_id or "")
    return None if entry is None else entry.area


async def _take_name(ctx: Ctx, text: str) -> Reply:
    name = " ".join(text.split())
    if len(name) > LONGEST_NAME or name.isdecimal():
        raise BadName
    return _fill(ctx, name=name)


async def _take_phone(ctx: Ctx, text: str) -> Reply | None:
    return _fill(ctx, phone=clean_phone(text)) if any(c.isdecimal() for c in text) else None


async def _take_legal_due(ctx: Ctx, text: str) -> Reply | None:
    day = parse_day(text, ctx.today)
    if day is None:
        return None
    if day < ctx.today:
        return reply("ticketlife.legal_due_past")
    return _fill(ctx, legal_due=day.isoformat())


async def _use_known(ctx: Ctx, field: str) -> Reply:
    return _fill(ctx, **{field: {"name": ctx.contact.name, "phone": ctx.contact.phone}[field]})


async def _skip(ctx: Ctx, field: str) -> Reply:
    return _fill(ctx, **{field: None})


async def _take_topic(ctx: Ctx, text: str) -> Reply | None:
    topic = pick(text, {plain(f"area.{area}", ctx.address.lang): area for area in TOPICS})
    return None if topic is None else _fill(ctx, topic=topic)


async def _choose_topic(ctx: Ctx, topic: str) -> Reply:
    return _fill(ctx, topic=topic)


async def _take_center(ctx: Ctx, text: str) -> Reply | None:
    chosen = await center.typed(ctx, text)
    return None if chosen is None else await _choose_center(ctx, chosen)


async def _choose_center(ctx: Ctx, center_id: str) -> Reply:
    chosen = await people.center_by_id(ctx.session, int(center_id))
    await remember_center(ctx, chosen.id)
    return _fill(ctx, center=chosen.id)


async def _take_yes(ctx: Ctx, text: str) -> Reply | None:
    return await _submit(ctx, _digest(ctx)) if text.lower() in YES else None


async def _open_edit(ctx: Ctx, _: str) -> Reply:
    ctx.advance("edit")
    return Reply()


async def _change(ctx: Ctx, field: str) -> Reply:
    ctx.advance(field)
    return Reply()


async def _detach(ctx: Ctx, _: str) -> Reply:
    return _fill(ctx, attach=False)


async def _cancel(ctx: Ctx, _: str) -> Reply:
    ctx.end()
    return reply("bot.cancelled")


def _fill(ctx: Ctx, **answers: object) -> Reply:
    """Keep the answers and go to the first field without one, else to the preview."""
    missing = [name for name in FIELDS if name not in {**ctx.data, **answers}]
    ctx.advance(missing[0] if missing else "preview", **answers)
    return Reply()


def _matter(ctx: Ctx) -> Matter:
    data = ctx.data
    attached = data["attach"] and data.get("bot_question") != data["question"]
    return Matter(
        question=data["question"],
        area=data["topic"],
        center_id=data["center"],
        enterprise_id=ctx.contact.enterprise_id,
        person_name=data["name"],
        phone=data["phone"],
        bot_question=data.get("bot_question") if attached else None,
        bot_entry=data.get("bot_entry") if data["attach"] else None,
        legal_due=_legal_due(ctx),
    )


def _legal_due(ctx: Ctx) -> date | None:
    """The legal deadline as given, else as the question names it; what it names is shown first."""
    if "legal_due" in ctx.data:
        given = ctx.data["legal_due"]
        return None if given is None else date.fromisoformat(given)
    return legal_deadline(ctx.data["question"], ctx.today)


def _digest(ctx: Ctx) -> str:
    """Names this request with exactly this content: what is agreed to, and agreed to once."""
    shown = [ctx.data["event"], dataclasses.asdict(_matter(ctx))]
    return hashlib.sha256(json.dumps(shown, sort_keys=True, default=str).encode()).hexdigest()[:32]


async def _submit(ctx: Ctx, agreed: str) -> Reply:
    """Open the ticket for what was shown; the service tells number and date."""
    if any(name not in ctx.data for name in FIELDS):
        raise Stale
    if agreed != _digest(ctx):
        ctx.advance("preview")
        return reply("escalate.changed")
    matter = _matter(ctx)
    ctx.contact.name = matter.person_name or ctx.contact.name
    ctx.contact.phone = matter.phone or ctx.contact.phone
    await open_ticket(
        ctx.session,
        actor=dataclasses.replace(ctx.actor, name=matter.person_name or ctx.actor.name),
        matter=matter,
        to=ctx.address,
        event=agreed,
        source=Source(ctx.data["source"]),
        levels=_levels(ctx),
        now=ctx.now,
    )
    ctx.end()
    return Reply()


async def _submitted_before(ctx: Ctx) -> Reply:
    """A second tap on 同意并提交: say the number again."""
    agreed = ctx.action.args[0] if ctx.action is not None and ctx.action.args else ""
    ticket = await queries.opened_by(ctx.session, agreed)
    if ticket is None or ticket.contact_id != ctx.contact.id:
        raise Stale
    due = when(ticket.due_at, ctx.address.lang)
    return reply(
        "escalate.already", number=ticket.number, due=due, buttons=column(show_button(ticket))
    )


def _levels(ctx: Ctx) -> ServiceLevels:
    return ServiceLevels(ctx.config.escalation, ctx.worktime)


TAPS: dict[str, Callable[[Ctx, str], Awaitable[Reply]]] = {
    "last": _use_last,
    "same": _use_known,
    "skip": _skip,
    "topic": _choose_topic,
    "center": _choose_center,
    "edit": _open_edit,
    "change": _change,
    "detach": _detach,
    "submit": _submit,
    "cancel": _cancel,
}

INTENT = Intent(
    FLOW,
    handle,
    commands=("转人工", "人工", "人工客服", "人工服务", "找人", "/human", "human"),
    prompt=prompt,
)
