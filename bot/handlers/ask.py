"""A question: answered from the base, narrowed down by choices, or handed to a person."""

from bot.context import Ctx, Intent
from bot.handlers import center, ticket
from bot.handlers.start import MENU
from bot.messages import Button, Incoming, Message, Reply, column, reply
from bot.sanitise import clean
from bot.sessions import answered
from knowledge.answer import Answer
from knowledge.decide import Choice

PERSON = Button("ask.button_person", "escalate.start")
PERSON_NO_ANSWER = Button("ask.button_person", "escalate.start:handoff")
PERSON_UNHELPFUL = Button("ask.button_person", "escalate.start:bad_rating")
BOOK = Button("ask.button_book", "book.start")
MOST_RELATED = 2
SMALL_TALK = frozenset({"greeting", "thanks", "bye", "test", "empty", "about"})
HAND_OFFS = {
    "greeting": "ask.greeting",
    "thanks": "ask.thanks",
    "bye": "ask.bye",
    "test": "ask.test",
    "abuse": "ask.abuse",
    "empty": "bot.empty",
    "unclear": "ask.unclear",
    "foreign": "ask.foreign",
    "not-in-force": "ask.gone",
}


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """Answer what was typed, or do what was tapped."""
    if ctx.action is not None:
        return await _tapped(ctx)
    decision, typed = ctx.decision, clean(incoming.text or "")
    if decision is None and typed.startswith("/"):
        return reply("bot.unknown_command")
    ctx.conversation.last_question, ctx.conversation.last_entry = typed, None
    if decision is None:
        return _hand_off("unclear")
    if decision.answer is not None:
        return await _answer(ctx, decision.answer, decision.choices)
    if decision.kind == "choices":
        buttons = [
            Button(choice.title, f"ask.entry:{choice.entry}", literal=True)
            for choice in decision.choices
        ]
        buttons.append(Button("ask.none", "ask.none"))
        kept = None if incoming.group else await ticket.offer_to_keep(ctx, buttons)
        return kept or reply("ask.choices", buttons=column(*buttons))
    reason = decision.reason or "unsure"
    kept = None
    if reason not in SMALL_TALK and not incoming.group:
        kept = await ticket.offer_to_keep(ctx, [PERSON_NO_ANSWER, BOOK])
    return kept or _hand_off(reason)


async def _tapped(ctx: Ctx) -> Reply:
    action = ctx.action
    assert action is not None
    if action.verb == "entry":
        answer = ctx.engine.answer(action.args[0], ctx.today)
        return _hand_off("not-in-force") if answer is None else await _answer(ctx, answer)
    if action.verb == "useful":
        return reply("ask.rated")
    if action.verb == "unhelpful":
        return reply("ask.sorry", buttons=column(PERSON_UNHELPFUL, BOOK))
    return _hand_off("unclear")


async def _answer(ctx: Ctx, answer: Answer, others: tuple[Choice, ...] = ()) -> Reply:
    """``others``: what else may have been meant, where the engine was not sure."""
    ctx.conversation.last_entry = answer.entry
    await answered(ctx)
    message = Message(
        "ask.answer", {"a": answer, "others": bool(others)}, _after_answer(answer, others)
    )
    if ctx.center_id is None and not ctx.conversation.asked_center:
        return Reply((message,)).then(await center.question(ctx))
    return Reply((message,))


def _after_answer(answer: Answer, others: tuple[Choice, ...]) -> tuple[tuple[Button, ...], ...]:
    related = [
        Button(other.title, f"ask.entry:{other.entry}", literal=True)
        for other in others or answer.related[:MOST_RELATED]
    ]
    rating = (
        Button("ask.button_useful", f"ask.useful:{answer.entry}"),
        Button("ask.button_unhelpful", f"ask.unhelpful:{answer.entry}"),
    )
    return (*column(*related), rating, (BOOK, PERSON))


def _hand_off(reason: str) -> Reply:
    """No answer from the base. Small talk gets a short reply, everything else a person."""
    if reason == "about":
        return reply("help.all", buttons=MENU)
    key = HAND_OFFS.get(reason, "ask.unsure")
    return reply(key, buttons=() if reason in SMALL_TALK else column(PERSON_NO_ANSWER, BOOK))


INTENT = Intent("ask", handle)
