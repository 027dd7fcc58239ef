"""评价: the asker rates the answer, and may say why."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import changed
from core.errors import Refusal
from core.messages import Button, rows
from directory.actor import Actor
from escalation.lifecycle import NotYours, Party, move, party_of, write_event
from escalation.model import Ticket
from escalation.queries import access_ticket
from escalation.service.answer import words
from escalation.telling import RATINGS, tell_asker

BAD = 2


class BadRating(Refusal):
    key = "escalation.bad_rating"


class AlreadyRated(Refusal):
    key = "escalation.already_rated"


async def rate(
    session: AsyncSession, *, actor: Actor, ticket_id: int, rating: int, now: datetime
) -> Ticket:
    """Rate from 1 to 5, once an answer; 1 and 2 are offered a reopening.

    Raises UnknownTicket, BadRating, AlreadyRated, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if rating not in RATINGS:
        raise BadRating
    if ticket.rating is not None:
        raise AlreadyRated(number=ticket.number, rating=ticket.rating)
    changes = {"rating": rating}
    await move(session, ticket, "rate", actor=actor, now=now, text=str(rating), changes=changes)
    if rating > BAD:
        await tell_asker(session, ticket, "escalation.rated", now=now, rating=rating)
        return ticket
    buttons = [
        Button("escalation.button_reopen", f"ticket.reopen:{ticket.id}"),
        Button("escalation.button_reason", f"ticket.reason:{ticket.id}"),
    ]
    await tell_asker(
        session,
        ticket,
        "escalation.rated_low",
        now=now,
        buttons=rows(buttons, 2),
        rating=rating,
    )
    return ticket


async def give_reason(
    session: AsyncSession, *, actor: Actor, ticket_id: int, text: str, now: datetime
) -> Ticket:
    """Say why the rating is what it is, once.

    Raises UnknownTicket, NoWords, NotYours, AlreadyRated.
    """
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(text)
    if party_of(actor, ticket) is not Party.ASKER:
        raise NotYours
    result = await session.execute(
        update(Ticket)
        .where(Ticket.id == ticket.id, Ticket.rating.is_not(None), Ticket.rating_reason.is_(None))
        .values(rating_reason=said)
    )
    if not changed(result):
        raise AlreadyRated(number=ticket.number, rating=ticket.rating or "-")
    write_event(session, ticket, "rating_reason", actor=actor, now=now, text=said)
    await tell_asker(session, ticket, "escalation.reason_kept", now=now)
    return ticket
