"""What the person who booked is told, in the chat they booked from."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from booking.calendar_file import calendar_file
from booking.model import Appointment, Status
from booking.queries import Sheet, sheet
from core import outbox
from core.messages import Address, Button, Message

DESK = "desk"  # the channel of what staff booked for somebody: there is no chat behind it


class Kind(StrEnum):
    """What there is to tell about an appointment."""

    BOOKED = "booked"
    SHOWN = "shown"
    MOVED = "moved"
    MOVED_BY_DESK = "moved_by_desk"
    CANCELLED = "cancelled"
    CANCELLED_BY_DESK = "cancelled_by_desk"
    REMINDER = "reminder"


def message(kind: Kind, one: Sheet, *, now: datetime) -> Message:
    """The appointment in words, the ways on from there, and its calendar file if that changed."""
    unchanged = kind in (Kind.SHOWN, Kind.REMINDER)
    file = None if unchanged else calendar_file(one, now=now)
    params = {"s": one, "kind": kind.value}
    return Message("booking.notice", params, (ways_on(one.appointment),), file)


def ways_on(row: Appointment) -> tuple[Button, ...]:
    """What can still be done about an appointment."""
    if row.status != Status.BOOKED:
        return (Button("booking.button_again", "book.start"),)
    return (
        Button("booking.button_move", f"book.move:{row.id}"),
        Button("booking.button_cancel", f"book.cancel:{row.id}"),
    )


def heard(row: Appointment) -> bool:
    """Whether it was booked in a chat; who came to the window or rang up is phoned."""
    return row.channel != DESK


async def tell(session: AsyncSession, kind: Kind, row: Appointment, *, now: datetime) -> None:
    """Queue it for the chat that booked, if any."""
    if not heard(row):
        return
    to = Address(row.channel, row.chat, row.lang)
    outbox.put(session, to, message(kind, await sheet(session, row), now=now), now=now)
