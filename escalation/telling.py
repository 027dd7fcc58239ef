"""How the people of a ticket hear about it: each step is a message in their own chat."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core import outbox
from core.clock import local
from core.masking import masked
from core.messages import Address, Button, Message, rows
from core.texts import DEFAULT_LANGUAGE, plain
from directory.queries import expert_contacts
from escalation.family import merged_tickets
from escalation.model import Ticket
from escalation.queries import briefing, identity_of, words_of
from escalation.sealing import kept_back

RATINGS = range(1, 6)
FACTS = ("supplement", "supplement_expert", "reopen")


def when(instant: datetime | None, lang: str = DEFAULT_LANGUAGE) -> str:
    """An instant as a person reads it, on a wall clock in China."""
    if instant is None:
        return ""
    at = local(instant)
    return plain("escalation.when", lang, month=at.month, day=at.day, time=f"{at:%H:%M}")


def show_button(ticket: Ticket) -> Button:
    """The way to the ticket's page in a chat."""
    return Button("escalation.button_show", f"ticket.show:{ticket.id}")


def supplement_button(ticket: Ticket) -> Button:
    """The way to add facts."""
    return Button("escalation.button_supplement", f"ticket.supplement:{ticket.id}")


def rating_buttons(ticket: Ticket) -> tuple[tuple[Button, ...], ...]:
    """One to five, in the order of their numbers, and the way to ask on."""
    stars = [Button(f"escalation.rating.{n}", f"ticket.rate:{ticket.id}:{n}") for n in RATINGS]
    reopen = Button("escalation.button_reopen", f"ticket.reopen:{ticket.id}")
    return (*rows(stars, 2), (reopen,))


async def tell_asker(
    session: AsyncSession,
    ticket: Ticket,
    key: str,
    *,
    now: datetime,
    buttons: tuple[tuple[Button, ...], ...] = (),
    **params: object,
) -> None:
    """Say ``key`` to the asker, and to those whose tickets go on in this one.

    The others get the way to their own ticket in place of the buttons: what is asked, rated or
    taken back here is the leading ticket's.
    """
    await tell_one(session, ticket, key, now=now, buttons=buttons, due_of=ticket, **params)
    told = {(ticket.channel, ticket.chat)}
    for other in await merged_tickets(session, ticket):
        if (other.channel, other.chat) not in told:
            told.add((other.channel, other.chat))
            own = ((show_button(other), supplement_button(other)),)
            await tell_one(session, other, key, now=now, buttons=own, due_of=ticket, **params)


async def tell_one(
    session: AsyncSession,
    ticket: Ticket,
    key: str,
    *,
    now: datetime,
    buttons: tuple[tuple[Button, ...], ...] = (),
    due_of: Ticket | None = None,
    **params: object,
) -> None:
    """Say ``key`` to this ticket's own asker; ``number`` and ``due`` are filled in.

    A walk-in has no chat and hears nothing: it was served face to face. Of a confidential ticket
    nobody hears the words: a chat is no place for them.
    """
    if ticket.channel is None or ticket.chat is None:
        return
    to = Address(ticket.channel, ticket.chat, ticket.lang)
    outbox.put(session, to, to_asker(ticket, key, buttons, due_of=due_of, **params), now=now)


def to_asker(
    ticket: Ticket,
    key: str,
    buttons: tuple[tuple[Button, ...], ...] = (),
    *,
    due_of: Ticket | None = None,
    **params: object,
) -> Message:
    """What the asker reads when ``key`` is said, for sending and for a preview alike."""
    lead = due_of or ticket
    said = {name: kept_back(lead, name, value, ticket.lang) for name, value in params.items()}
    filled = {"number": ticket.number, "due": when(lead.due_at, ticket.lang), **said}
    return Message(key, filled, buttons)


async def expert_card(session: AsyncSession, ticket: Ticket) -> Message:
    """What an expert may read of a ticket, with what can be done: the matter, never the asker."""
    hide = await identity_of(session, ticket)
    facts = [masked(text, hide) for text in await _facts(session, ticket)]
    params = {
        "number": ticket.number,
        "area": plain(f"area.{ticket.area}"),
        "question": masked(ticket.question, hide),
        "bot_question": masked(ticket.bot_question or "", hide),
        "facts": facts,
        "note": masked(await briefing(session, ticket), hide),
        "due": when(ticket.expert_due_at),
    }
    return Message("escalation.card", params, expert_buttons(ticket))


async def _facts(session: AsyncSession, ticket: Ticket) -> list[str]:
    """What the askers added, those of merged tickets with their questions first."""
    said = await words_of(session, ticket, *FACTS)
    for other in await merged_tickets(session, ticket):
        said += [other.question, *await words_of(session, other, *FACTS)]
    return said


def expert_buttons(ticket: Ticket) -> tuple[tuple[Button, ...], ...]:
    """What an expert can do with a ticket that is with them."""
    accepted = ticket.expert_accepted_at is not None
    verbs = ["answer", "decline"] if accepted else ["accept", "decline", "answer"]
    first = [Button(f"escalation.button_{v}", f"expert.{v}:{ticket.id}") for v in verbs]
    more = [Button(f"ticketlife.button_{v}", f"expert.{v}:{ticket.id}") for v in ("ask", "propose")]
    return (*rows(first, 3), *rows(more, 2))


async def tell_expert(
    session: AsyncSession, expert_id: int, message: Message, *, now: datetime
) -> None:
    """Say it in every chat tied to the expert."""
    for contact in await expert_contacts(session, expert_id):
        # Experts' chats are private ones, where the chat bears the user's name.
        outbox.put(session, Address(contact.channel, contact.user), message, now=now)
