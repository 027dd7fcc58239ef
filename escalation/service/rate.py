"""评价: the asker rates the answer, and may say why."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import changed
from core.errors import Refusal
from core.messages import Button, rows
from directory.actor import Actor
from escalation.alerts import raise_alert
from escalation.counting import count_rating
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import NotYours, Party, move, party_of, write_event
from escalation.model import AlertKind, Ticket
from escalation.promises import levels_at
from escalation.queries import access_ticket
from escalation.sealing import readable
from escalation.service.answer import words
from escalation.telling import RATINGS, tell_asker, when

BAD = 2


class BadRating(Refusal):
    key = "escalation.bad_rating"


class AlreadyRated(Refusal):
    key = "escalation.already_rated"


async def rate(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    rating: int,
    levels: ServiceLevels,
    now: datetime,
) -> Ticket:
    """Rate from 1 to 5, once an answer; the first rating of a matter counts (S01).

    1 and 2 are offered a reopening, and the staff are warned to contact the asker and settle it.
    Raises UnknownTicket, BadRating, AlreadyRated, NotYours, NotPossible, Overtaken, MonthClosed.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    if rating not in RATINGS:
        raise BadRating
    if ticket.rating is not None:
        raise AlreadyRated(number=ticket.number, rating=ticket.rating)
    changes = {"rating": rating}
    await move(session, ticket, "rate", actor=actor, now=now, text=str(rating), changes=changes)
    await count_rating(session, ticket, rating, now=now)
    if rating > BAD:
        await tell_asker(session, ticket, "escalation.rated", now=now, rating=rating)
        return ticket
    await _answer_for_it(session, ticket, levels=levels, now=now)
    return ticket


async def _answer_for_it(
    session: AsyncSession, ticket: Ticket, *, levels: ServiceLevels, now: datetime
) -> None:
    """A bad rating: warn the staff, promise the asker a contact, and offer to go on."""
    there = await levels_at(session, ticket.center_id, levels)
    dates = {AlertKind.CONTACT: there.contact_due(now), AlertKind.SETTLE: there.settle_due(now)}
    for kind, due_at in dates.items():
        await raise_alert(session, ticket, kind, since=now, due_at=due_at, now=now)
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
        rating=ticket.rating,
        contact=when(dates[AlertKind.CONTACT], ticket.lang),
    )


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
        .values(rating_reason=readable(ticket, said))
    )
    if not changed(result):
        raise AlreadyRated(number=ticket.number, rating=ticket.rating or "-")
    write_event(session, ticket, "rating_reason", actor=actor, now=now, text=said)
    await tell_asker(session, ticket, "escalation.reason_kept", now=now)
    return ticket
