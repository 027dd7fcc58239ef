"""While a person of the staff talks in a chat the bot stays silent; what is said is kept."""

from bot.context import Ctx, Intent
from bot.messages import Incoming, Reply, reply
from bot.sanitise import clean
from core import outbox
from core.sanitise import visible
from core.texts import say
from directory.actor import Actor
from escalation.deadlines import ServiceLevels
from escalation.model import Status
from escalation.model_reply import Side, Talk
from escalation.queries import access_ticket
from escalation.queries_reply import open_in_chat
from escalation.service.supplement import supplement
from escalation.service.talk import end_talk, hear, keep_line, live_talk

OVER = frozenset({"结束人工", "结束对话", "退出人工", "/bot"})
LONGEST = 8000


async def in_place_of_bot(
    text: str, incoming: Incoming, ctx: Ctx, intents: dict[str, Intent], cancel: frozenset[str]
) -> Reply | None:
    """What happens to typed words while a person talks; None where the bot speaks.

    Commands still work, and so does a flow that was begun since. One that was under way before
    is put aside: what is typed now is meant for the person.
    """
    if incoming.group:
        return None
    talk = await live_talk(ctx.session, ctx.address, now=ctx.now)
    if talk is None:
        return reply("talk.nobody") if _word(text) in OVER else None
    word, flow = _word(text), intents.get(ctx.conversation.flow or "")
    begun_since = flow is not None and talk.flow_since
    if word in OVER or (word in cancel and flow is None):
        ticket = await access_ticket(ctx.session, _asker(ctx), talk.ticket_id)
        await end_talk(ctx.session, ticket, "talk.ended", now=ctx.now)
        ctx.heard_by_person = True
        return Reply()
    if begun_since or any(word in intent.commands for intent in intents.values()):
        talk.flow_since = True
        return None
    ctx.heard_by_person = True
    if flow is not None:
        if flow.leave is not None:
            await flow.leave(ctx)
        ctx.end()
    aside = reply("talk.put_aside") if flow is not None else Reply()
    return aside.then(await _to_person(visible(incoming.text or "")[:LONGEST], ctx, talk))


async def _to_person(said: str, ctx: Ctx, talk: Talk) -> Reply:
    """Keep the words; where the ticket waits for facts these are they, and its clock runs on."""
    ticket = await access_ticket(ctx.session, _asker(ctx), talk.ticket_id)
    if ticket.status == Status.WAITING_ASKER:
        levels = ServiceLevels(ctx.config.escalation, ctx.worktime)
        await supplement(
            ctx.session,
            actor=_asker(ctx),
            ticket_id=ticket.id,
            text=said,
            levels=levels,
            now=ctx.now,
        )
        return Reply()
    first = await hear(ctx.session, ticket, talk, said, now=ctx.now)
    return reply("talk.kept", by=talk.by) if first else Reply()


async def keep_for_ticket(
    incoming: Incoming, ctx: Ctx, flow_before: str | None, answer: Reply
) -> None:
    """A question to the bot and its answer, kept beside the asker's open ticket.

    Not what is filled in on the way of a flow: a booking or another matter is another matter.
    """
    asked = ctx.action is None or ctx.action.intent == "ask"
    flow = flow_before or ctx.conversation.flow
    silent = ctx.heard_by_person or not answer.messages
    if incoming.group or incoming.start or flow or silent or not asked:
        return
    ticket = await open_in_chat(ctx.session, ctx.contact.id, ctx.address)
    if ticket is None:
        return
    await ctx.session.refresh(ticket, with_for_update=True)
    said = clean(incoming.text or "") or await _label(incoming, ctx)
    if said:
        keep_line(ctx.session, ticket, Side.ASKER, said, now=ctx.now)
    for message in answer.messages:
        told = say(message.key, ctx.address.lang, **message.params)
        keep_line(ctx.session, ticket, Side.BOT, told, now=ctx.now)


async def _label(incoming: Incoming, ctx: Ctx) -> str:
    menu, _, index = (incoming.button or "").rpartition(".")
    button = await outbox.button_of(ctx.session, ctx.address, menu, int(index or 0))
    return button["label"] if button else ""


def _word(text: str) -> str:
    return text.lower().rstrip("。.!！ ")


def _asker(ctx: Ctx) -> Actor:
    return Actor(kind="asker", id=ctx.contact.id, name=ctx.contact.name or "")
