"""A question: answered from the base, narrowed down by choices, or handed to a person."""

from datetime import date
from typing import Any

from bot import unmet
from bot.context import Ctx, Intent
from bot.handlers import center, ticket
from bot.handlers.start import MENU
from bot.law_texts import law_texts
from bot.legal_opinion import wants_legal_opinion
from bot.messages import Button, Incoming, Message, Reply, column, reply
from bot.sanitise import clean
from bot.sessions import answered
from knowledge.decide import Decision

PERSON = Button("ask.button_person", "escalate.start")
PERSON_NO_ANSWER = Button("ask.button_person", "escalate.start:handoff")
PERSON_UNHELPFUL = Button("ask.button_person", "escalate.start:bad_rating")
BOOK = Button("ask.button_book", "book.start")
MOST_RELATED = 2
SMALL_TALK = frozenset({"greeting", "thanks", "bye", "test", "chat", "empty", "about", "robot"})
HAND_OFFS = {
    "greeting": "ask.greeting",
    "thanks": "ask.thanks",
    "bye": "ask.bye",
    "test": "ask.test",
    "chat": "ask.chat",
    "abuse": "ask.abuse",
    "robot": "ask.robot",
    "empty": "bot.empty",
    "unclear": "ask.unclear",
    "foreign": "ask.foreign",
    "not-in-force": "ask.gone",
    "elliptical": "ask.elliptical",
}


async def handle(incoming: Incoming, ctx: Ctx) -> Reply:
    """Answer what was typed, or do what was tapped."""
    if ctx.action is not None:
        return await _tapped(ctx, group=incoming.group)
    decision, typed = ctx.decision, clean(incoming.text or "")
    if decision is None and typed.startswith("/"):
        return reply("bot.unknown_command")
    if decision is None:
        _remember(ctx, typed)
        return _hand_off("unclear")
    if wants_legal_opinion(typed) or decision.reason in SMALL_TALK:
        return _polite(ctx, decision, typed)
    if any(one.kind == "answer" for one in decision.every):
        return await _answer(ctx, decision, typed)
    return await _no_answer(ctx, decision, typed, group=incoming.group)


def _polite(ctx: Ctx, decision: Decision, typed: str) -> Reply:
    """Small talk, and the formal legal opinion that we do not issue: what can be done instead."""
    if not wants_legal_opinion(typed):
        return _hand_off(decision.reason or "")
    _remember(ctx, typed)
    return reply("ticketlife.legal_opinion", buttons=column(PERSON, BOOK))


async def _no_answer(ctx: Ctx, decision: Decision, typed: str, *, group: bool) -> Reply:
    """Choices, law texts or a person; where a ticket waits for facts, first that."""
    # a question that leaned on the last answer leaves it to be leaned on again
    _remember(ctx, typed, ctx.conversation.last_entry if decision.understood else None)
    choosing = decision.kind == "choices"
    buttons = _to_choose(decision) if choosing else [PERSON_NO_ANSWER, BOOK]
    kept = None if group else await ticket.offer_to_keep(ctx, buttons)
    if kept is not None:
        return kept
    if choosing:
        return Reply((_choices(decision),))
    reason = decision.reason or "unsure"
    if not group:
        await unmet.unanswered(ctx, decision.understood or typed, reason)
    return await _unanswered(ctx, reason) or _hand_off(reason, decision.understood)


async def _unanswered(ctx: Ctx, reason: str) -> Reply | None:
    """Law texts in place of an answer, where they are imported and near enough."""
    return await law_texts(ctx, reason, column(PERSON_NO_ANSWER, BOOK))


async def _tapped(ctx: Ctx, *, group: bool) -> Reply:
    action = ctx.action
    assert action is not None
    if action.verb == "entry":
        asked_for = date.fromisoformat(action.args[1]) if len(action.args) > 1 else None
        decision = ctx.engine.pick(action.args[0], ctx.today, asked_for)
        if decision.kind == "handoff":
            return _hand_off("not-in-force")
        return await _answer(ctx, decision, ctx.conversation.last_question or "")
    if action.verb == "useful":
        return reply("ask.rated")
    if action.verb == "unhelpful":
        if action.args and not group:  # what a group talks about is kept nowhere
            await unmet.unhelpful(ctx, action.args[0])
        return reply("ask.sorry", buttons=column(PERSON_UNHELPFUL, BOOK))
    if action.verb == "none":  # in the field, and none of the choices was it
        if not group:
            await unmet.rejected(ctx)
        return await _unanswered(ctx, "unsure") or _hand_off("unclear")
    return _hand_off("unclear")


async def _answer(ctx: Ctx, decision: Decision, typed: str) -> Reply:
    """One message with a rating row for each question that was asked."""
    newest = [one for one in decision.every if one.kind == "answer"][-1]
    _remember(ctx, newest.understood or typed, newest.entry)
    await answered(ctx)
    found = Reply(
        tuple(
            Message("ask.answer", shown(one), _after_answer(one))
            if one.kind == "answer"
            else _choices(one)
            for one in decision.every
        )
    )
    if ctx.center_id is None and not ctx.conversation.asked_center:
        return found.then(await center.question(ctx))
    return found


def _remember(ctx: Ctx, question: str, entry: str | None = None) -> None:
    ctx.conversation.last_question, ctx.conversation.last_entry = question, entry


def shown(decision: Decision) -> dict[str, Any]:
    """The parameters of the text ``ask.answer``."""
    return {
        "a": decision.answer,
        "others": bool(decision.choices),
        "understood": decision.understood,
        "part": decision.part,
        "then": decision.then,
    }


def _to_choose(decision: Decision) -> list[Button]:
    """The choices as buttons; where another day's rules were asked for they carry that day."""
    none = [Button("ask.none", "ask.none")] if decision.kind == "choices" else []
    then = decision.then
    day = f":{then.day.isoformat()}" if then and then.day else ""
    found = [
        Button(choice.title, f"ask.entry:{choice.entry}{day}", literal=True)
        for choice in decision.choices
    ]
    return found + none


def _choices(decision: Decision) -> Message:
    buttons = column(*_to_choose(decision))
    if decision.understood is None:
        return Message("ask.choices", buttons=buttons)
    return Message("ask.choices_after", {"understood": decision.understood}, buttons)


def _after_answer(decision: Decision) -> tuple[tuple[Button, ...], ...]:
    """What else may have been meant or is worth reading, the rating, and where to go from here."""
    answer = decision.answer
    assert answer is not None
    related = _to_choose(decision) or [
        Button(other.title, f"ask.entry:{other.entry}", literal=True)
        for other in answer.related[:MOST_RELATED]
    ]
    rating = (
        Button("ask.button_useful", f"ask.useful:{answer.entry}"),
        Button("ask.button_unhelpful", f"ask.unhelpful:{answer.entry}"),
    )
    return (*column(*related), rating, (BOOK, PERSON))


def _hand_off(reason: str, understood: str | None = None) -> Reply:
    """No answer from the base. Small talk gets a short reply, everything else a person."""
    if reason == "about":
        return reply("help.all", buttons=MENU)
    if reason == "unfollowed":
        way_on = column(PERSON_NO_ANSWER, BOOK)
        return reply("ask.unfollowed", understood=understood, buttons=way_on)
    key = HAND_OFFS.get(reason, "ask.unsure")
    return reply(key, buttons=() if reason in SMALL_TALK else column(PERSON_NO_ANSWER, BOOK))


INTENT = Intent("ask", handle)
