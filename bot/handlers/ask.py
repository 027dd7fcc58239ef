"""A question: answered from the base, narrowed down by choices, or handed to a person."""

from bot.context import Ctx, Intent
from bot.handlers import center, ticket
from bot.messages import Button, Incoming, Message, Reply, column, reply
from bot.sanitise import clean
from bot.sessions import answered
from knowledge.answer import compose
from knowledge.entry import Entry

PERSON = Button("ask.button_person", "escalate.start")
PERSON_NO_ANSWER = Button("ask.button_person", "escalate.start:handoff")
PERSON_UNHELPFUL = Button("ask.button_person", "escalate.start:bad_rating")
BOOK = Button("ask.button_book", "book.start")
MOST_RELATED = 2
SMALL_TALK = frozenset({"greeting", "thanks", "goodbye", "abuse", "test"})


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """Answer what was typed, or do what was tapped."""
    if ctx.action is not None:
        return await _tapped(ctx)
    decision = ctx.decision
    if decision is None:
        typed = clean(incoming.text or "")
        return reply("bot.unknown_command") if typed.startswith("/") else _hand_off("unclear")
    ctx.conversation.last_question = clean(incoming.text or "")
    ctx.conversation.last_entry = None
    if decision.kind == "answer" and decision.entry is not None:
        return await _answer(ctx, decision.entry)
    if decision.kind == "choices":
        buttons = [
            Button(choice.title, f"ask.entry:{choice.entry}", literal=True)
            for choice in decision.choices
        ]
        buttons.append(Button("ask.none", "ask.none"))
        kept = await ticket.offer_to_keep(ctx, buttons)
        return kept or reply("ask.choices", buttons=column(*buttons))
    if decision.reason in SMALL_TALK:
        return reply(f"ask.{decision.reason}")
    kept = await ticket.offer_to_keep(ctx, [PERSON_NO_ANSWER, BOOK])
    return kept or _hand_off(decision.reason)


async def _tapped(ctx: Ctx) -> Reply:
    action = ctx.action
    assert action is not None
    if action.verb == "entry":
        entry = ctx.engine.entry(action.args[0])
        if entry is None:
            return _hand_off("gone")
        return await _answer(ctx, entry)
    if action.verb == "useful":
        return reply("ask.rated")
    if action.verb == "unhelpful":
        return reply("ask.sorry", buttons=column(PERSON_UNHELPFUL, BOOK))
    return _hand_off("unclear")


async def _answer(ctx: Ctx, entry: Entry) -> Reply:
    composed = compose(entry, ctx.today)
    if composed is None:
        return _hand_off("gone")
    ctx.conversation.last_entry = entry.id
    await answered(ctx)
    message = Message("ask.answer", {"a": composed}, _after_answer(ctx, entry))
    if ctx.center_id is None and not ctx.conversation.asked_center:
        return Reply((message, await center.question(ctx)))
    return Reply((message,))


def _after_answer(ctx: Ctx, entry: Entry) -> tuple[tuple[Button, ...], ...]:
    related = [
        Button(other.question, f"ask.entry:{other.id}", literal=True)
        for other in map(ctx.engine.entry, entry.related[:MOST_RELATED])
        if other is not None
    ]
    rating = (
        Button("ask.button_useful", f"ask.useful:{entry.id}"),
        Button("ask.button_unhelpful", f"ask.unhelpful:{entry.id}"),
    )
    return (*column(*related), rating, (BOOK, PERSON))


def _hand_off(reason: str) -> Reply:
    """No answer from the base: a person."""
    key = {"foreign": "ask.foreign", "gone": "ask.gone", "empty": "bot.empty"}.get(reason)
    return reply(key or "ask.unsure", buttons=column(PERSON_NO_ANSWER, BOOK))


INTENT = Intent("ask", handle)
