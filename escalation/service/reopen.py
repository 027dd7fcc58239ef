"""重开: the answer was not enough; the same ticket goes on."""

from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from core.messages import column
from directory.actor import Actor
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import move
from escalation.model import Ticket
from escalation.promises import due_anew
from escalation.queries import access_ticket
from escalation.service.answer import words
from escalation.telling import show_button, tell_asker

REOPENABLE = timedelta(days=30)  # after closing; later it is a new matter


class TooLateToReopen(Refusal):
    key = "escalation.too_late_to_reopen"


async def reopen(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    text: str,
    levels: ServiceLevels,
    now: datetime,
) -> Ticket:
    """Go on, with what is still open in words; the due date starts anew, and so does the rating.

    The rating given before stays in the timeline.
    Raises UnknownTicket, NoWords, TooLateToReopen, NotYours, NotPossible, Overtaken.
    """
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(text)
    if ticket.closed_at is not None and now - ticket.closed_at > REOPENABLE:
        raise TooLateToReopen(number=ticket.number)
    promised = await due_anew(session, ticket, levels, start=now)
    await move(
        session,
        ticket,
        "reopen",
        actor=actor,
        now=now,
        text=said,
        changes={
            **promised,
            "extended_at": None,
            "expert_id": None,
            "answered_at": None,
            "closed_at": None,
            "rating": None,
            "rating_reason": None,
        },
    )
    buttons = column(show_button(ticket))
    await tell_asker(session, ticket, "escalation.reopened", now=now, buttons=buttons)
    return ticket
