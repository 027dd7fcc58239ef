"""The person's rating of a consultation, 1 to 5, once."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Status
from booking.queries import access_appointment, is_its_booker
from core import outbox
from core.database import changed
from core.errors import Refusal
from core.messages import Address, Button, Message, rows
from directory.actor import Actor

RATINGS = range(1, 6)


class NotRatable(Refusal):
    """It was rated before, did not take place, or the number is none of 1 to 5."""

    key = "appointment.not_ratable"


async def rate(
    session: AsyncSession, *, actor: Actor, appointment_id: int, rating: int, now: datetime
) -> Appointment:
    """Only the person who booked, or the holder of the link. Raises NotRatable,
    UnknownAppointment."""
    row = await access_appointment(session, actor, appointment_id)
    theirs = actor.kind == "holder" or is_its_booker(actor, row)
    if not theirs or rating not in RATINGS:
        raise NotRatable(code=row.code)
    result = await session.execute(
        update(Appointment)
        .where(
            Appointment.id == row.id,
            Appointment.status == Status.ATTENDED,
            Appointment.rating.is_(None),
        )
        .values(rating=rating, rated_at=now)
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise NotRatable(code=row.code)
    await session.refresh(row)
    return row


async def ask_rating(session: AsyncSession, row: Appointment, *, now: datetime) -> None:
    """Ask in the chat that booked, with the way to the next appointment."""
    if not row.chat:
        return
    stars = [Button(f"appointment.rating.{n}", f"book.rate:{row.id}:{n}") for n in RATINGS]
    follow = Button("appointment.button_follow", f"book.follow:{row.id}")
    message = Message("appointment.how_was_it", {"code": row.code}, (*rows(stars, 2), (follow,)))
    outbox.put(session, Address(row.channel, row.chat, row.lang), message, now=now)
