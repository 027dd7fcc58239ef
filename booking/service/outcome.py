"""What came of a consultation, written down by its advisor."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Status
from booking.queries import access_appointment, is_its_advisor
from core.errors import Refusal
from directory.actor import Actor

LONGEST = 2000


class NoOutcome(Refusal):
    """Only its advisor writes, of what took place, never of a sealed one, so much at most."""

    key = "appointment.no_outcome"

    def __init__(self, code: str) -> None:
        super().__init__(code=code, most=LONGEST)


async def record_outcome(
    session: AsyncSession, *, actor: Actor, appointment_id: int, text: str, now: datetime
) -> Appointment:
    """Minutes of a consultation that took place; writing again replaces them.

    Raises NoOutcome, UnknownAppointment.
    """
    row = await access_appointment(session, actor, appointment_id)
    words = text.strip()
    took_place = row.status == Status.ATTENDED and not row.sealed
    if not (took_place and is_its_advisor(actor, row) and 0 < len(words) <= LONGEST):
        raise NoOutcome(row.code)
    row.outcome, row.outcome_at = words, now
    await session.flush()
    return row
