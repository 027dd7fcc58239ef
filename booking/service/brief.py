"""Before a consultation: five short questions, and the page for the advisor that they make.

The questions and the materials to bring are texts by knowledge area (``prepare.*``). Nothing of it
is kept for a sealed appointment.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import STANDING, Appointment, Status
from booking.model_life import BriefAnswer
from booking.queries import access_appointment, sheet
from booking.service.advise import Note, tell_advisor
from core.errors import Refusal
from core.messages import Message
from core.texts import DEFAULT_LANGUAGE, catalogue, plain
from directory.actor import Actor

QUESTIONS = range(1, 6)
LONGEST = 200
GENERAL = "general"


class NoBrief(Refusal):
    """It is sealed, over, or there is no such question."""

    key = "appointment.no_brief"


class TooLong(Refusal):
    """An answer is a line or two; whatever is longer is better said face to face."""

    key = "appointment.answer_too_long"


def matter(area: str) -> str:
    """The area whose questions and materials are used: its own where it has some."""
    first = min(QUESTIONS)
    return area if f"prepare.{area}.{first}" in catalogue(DEFAULT_LANGUAGE) else GENERAL


async def answer(
    session: AsyncSession,
    *,
    actor: Actor,
    appointment_id: int,
    number: int,
    text: str,
    now: datetime,
) -> Appointment:
    """Keep an answer; a second one to the same question replaces it.

    Raises NoBrief, TooLong, UnknownAppointment.
    """
    row = await access_appointment(session, actor, appointment_id)
    standing = row.status in STANDING and row.starts_at > now
    if row.sealed or not standing or number not in QUESTIONS:
        raise NoBrief(code=row.code)
    words = " ".join(text.split())
    if not 0 < len(words) <= LONGEST:
        raise TooLong(most=LONGEST, given=len(words))
    this = BriefAnswer.appointment_id == row.id, BriefAnswer.number == number
    await session.execute(delete(BriefAnswer).where(*this))
    session.add(BriefAnswer(appointment_id=row.id, number=number, text=words))
    await session.flush()
    return row


async def answers(session: AsyncSession, row: Appointment) -> Sequence[BriefAnswer]:
    """What was answered, in the order of the questions."""
    found = select(BriefAnswer).where(BriefAnswer.appointment_id == row.id)
    return (await session.scalars(found.order_by(BriefAnswer.number))).all()


async def finish(session: AsyncSession, row: Appointment, *, now: datetime) -> int:
    """The person has said what they want to say: the advisor is told. How many answers there are.

    An advisor who has not agreed yet reads them then.
    """
    count = len(await answers(session, row))
    if count and row.status == Status.BOOKED:
        await tell_advisor(session, Note.PREPARED, row, now=now)
    return count


async def brief_message(session: AsyncSession, row: Appointment) -> Message:
    """The one page for the advisor. Raises NoBrief for a sealed one."""
    if row.sealed:
        raise NoBrief(code=row.code)
    area = matter(row.area)
    params = {
        "s": await sheet(session, row),
        "area": plain(f"area.{row.area}"),
        "answers": [
            (plain(f"prepare.{area}.{one.number}"), one.text) for one in await answers(session, row)
        ],
    }
    return Message("prepare.brief", params)
