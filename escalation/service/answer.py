"""答复: a member of staff answers; the answer goes to the asker's chat with a rating."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from escalation.lifecycle import move
from escalation.model import Ticket
from escalation.queries import access_ticket
from escalation.telling import rating_buttons, tell_asker


class NoWords(Refusal):
    """Nothing was written where words are needed."""

    key = "escalation.no_words"


def words(text: str) -> str:
    """The text without blank ends. Raises NoWords when nothing is left."""
    stripped = text.strip()
    if not stripped:
        raise NoWords
    return stripped


async def answer(
    session: AsyncSession, *, actor: Actor, ticket_id: int, text: str, now: datetime
) -> Ticket:
    """Answer the asker. Raises UnknownTicket, NoWords, NotYours, NotPossible, Overtaken."""
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(text)
    await move(
        session, ticket, "answer", actor=actor, now=now, text=said, changes={"answered_at": now}
    )
    await tell_asker(
        session,
        ticket,
        "escalation.answered",
        now=now,
        buttons=rating_buttons(ticket),
        by=actor.name,
        answer=said,
    )
    return ticket
