"""Which handler gets an event.

In order: a tapped button; a deep link; a media message; a typed command; a typed button (its
number or its label); 取消 / 返回 / 重新开始 within a flow; the flow under way; else a question.
While a person of the staff talks in the chat, what is typed goes to them, commands aside.
"""

import re

from bot.context import Action, Ctx, Intent, Prompt
from bot.handlers import ask, start, upload
from bot.messages import Incoming, Reply, reply
from bot.ordinals import pointed_at
from bot.phrases import ACTIONS, books_in_words, wish
from bot.sanitise import clean, too_long
from bot.talking import in_place_of_bot
from core import outbox
from core.errors import Refusal
from escalation.service.talk import mark_flow

CANCEL = frozenset({"取消", "退出", "不办了", "算了", "/cancel", "cancel"})
BACK = frozenset({"返回", "上一步", "后退", "/back", "back"})
RESTART = frozenset({"重新开始", "重来", "从头开始", "/restart", "restart"})
BARE_DATE = re.compile(r"[\d年月日号点时分:：./\-\s]+")  # a slip in a flow, not a question

# What a group may see: answers from the base, and for which sub-center they count. Bookings,
# tickets and the ties of experts are private matters.
PUBLIC = frozenset({"ask", "help", "start", "center"})


class StaleButton(Refusal):
    key = "bot.stale_button"


class PrivatePlease(Refusal):
    key = "bot.private_please"


async def route(incoming: Incoming, ctx: Ctx, intents: dict[str, Intent]) -> Reply:
    """The reply to one event."""
    if incoming.button is not None:
        return await _tapped(incoming, ctx, intents)
    if incoming.start is not None:
        return await _by_link(incoming, incoming.start, ctx, intents)
    text = clean(incoming.text or "")
    if incoming.file is not None and not text:
        offered = None if incoming.group else await upload.offer(ctx)
        return reply("bot.media", kind=incoming.file).then(offered or Reply())
    if not text:
        return reply("bot.empty")
    to_person = await in_place_of_bot(text, incoming, ctx, intents, CANCEL)
    if to_person is not None:  # an empty reply too: the bot is silent
        return to_person
    return await _typed(text, incoming, ctx, intents)


async def _typed(text: str, incoming: Incoming, ctx: Ctx, intents: dict[str, Intent]) -> Reply:
    typed = await _typed_action(text, ctx, intents)
    if typed is not None:
        return await _act(incoming, ctx, intents, typed)
    flow = intents.get(ctx.conversation.flow or "")
    if flow is not None and flow.prompt is not None and not incoming.group:
        answer = await _in_flow(text, incoming, ctx, flow, flow.prompt)
    else:
        answer = await ask.handle(incoming, ctx)
    if too_long(incoming.text or ""):
        answer = reply("bot.cut").then(answer)
    if incoming.file is not None:
        answer = reply("bot.media", kind=incoming.file).then(answer)
    return answer


async def _by_link(incoming: Incoming, param: str, ctx: Ctx, intents: dict[str, Intent]) -> Reply:
    """A deep link: an expert's or advisor's tie, a calculation brought along, else a center's."""
    if incoming.group and param.startswith(("x_", "a_", "d_")):
        raise PrivatePlease
    if param.startswith("d_"):
        return await intents["deadline"].handle(incoming, ctx) or Reply()
    return await start.handle(incoming, ctx)


async def _tapped(incoming: Incoming, ctx: Ctx, intents: dict[str, Intent]) -> Reply:
    menu, _, index = (incoming.button or "").rpartition(".")
    do = None
    if index.isdecimal() and len(index) < 4:
        do = await outbox.action_of(ctx.session, ctx.address, menu, int(index))
    if do is None:
        raise StaleButton
    await mark_flow(ctx.session, ctx.address)
    return await _act(incoming, ctx, intents, Action.parse(do))


async def _typed_action(text: str, ctx: Ctx, intents: dict[str, Intent]) -> Action | None:
    word = text.lower().rstrip("。.!！ ")
    for intent in intents.values():
        if word in intent.commands:
            return Action(intent.name, "start")
    wished = wish(text)
    if wished is not None:
        by_words = wished == "book" and books_in_words(text)
        return Action("book", "words") if by_words else Action.parse(ACTIONS[wished][1])
    menu = await outbox.latest_menu(ctx.session, ctx.address)
    if word.isdecimal() and len(word) < 3 and 1 <= int(word) <= len(menu):
        return Action.parse(menu[int(word) - 1]["do"])
    for button in menu:
        if word == button["label"].lower():
            return Action.parse(button["do"])
    place = pointed_at(text, [button["do"] for button in menu])
    if place is not None:
        return Action.parse(menu[place]["do"])
    return None


async def _act(incoming: Incoming, ctx: Ctx, intents: dict[str, Intent], action: Action) -> Reply:
    intent = intents.get(action.intent)
    if intent is None:
        raise StaleButton
    if incoming.group and intent.name not in PUBLIC:
        raise PrivatePlease
    ctx.action = action
    answer = await intent.handle(incoming, ctx)
    if answer is None:
        raise StaleButton
    return answer


async def _in_flow(text: str, incoming: Incoming, ctx: Ctx, flow: Intent, prompt: Prompt) -> Reply:
    """What is typed while a flow is under way. A new question is answered and the flow kept."""
    if incoming.edited:
        return reply("bot.edited").then(await prompt(ctx))
    word = text.lower().rstrip("。.!！ ")
    if word in CANCEL:
        if flow.leave is not None:
            await flow.leave(ctx)
        ctx.end()
        return reply("bot.cancelled")
    if word in BACK:
        first = () if ctx.go_back() else reply("bot.first_step").messages
        return Reply(first).then(await prompt(ctx))
    if word in RESTART:
        ctx.action = Action(flow.name, "start")
    answer = await flow.handle(incoming, ctx)
    known = ctx.decision is not None and ctx.decision.kind == "answer"
    if answer is None and known and not BARE_DATE.fullmatch(text):
        answer = (await ask.handle(incoming, ctx)).then(await prompt(ctx))
    if answer is None:
        answer = reply("bot.not_understood_in_flow").then(await prompt(ctx))
    return answer
