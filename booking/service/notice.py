"""What the person who booked is told, in the chat they booked from."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from booking.calendar_file import calendar_file
from booking.links import Links
from booking.model import STANDING, Appointment, Status
from booking.queries import Sheet, sheet
from core import outbox
from core.clock import local
from core.messages import Address, Button, Message

LATE = (10, 20, 30)  # minutes somebody can say they will be late
ENDED = (Status.CANCELLED, Status.REFUSED)
DESK = "desk"  # the channel of what staff booked for somebody: there is no chat behind it


class Kind(StrEnum):
    """What there is to tell about an appointment."""

    BOOKED = "booked"
    SHOWN = "shown"
    AGREED = "agreed"
    PASSED_ON = "passed_on"
    REFUSED = "refused"
    MOVED = "moved"
    MOVED_BY_DESK = "moved_by_desk"
    CANCELLED = "cancelled"
    CANCELLED_BY_DESK = "cancelled_by_desk"
    REMINDER = "reminder"


def message(
    kind: Kind, one: Sheet, *, now: datetime, links: Links | None = None, nearest: str = ""
) -> Message:
    """The appointment in words, the ways on from there, and its calendar file if that changed.

    nearest: free times instead of one that was refused.
    """
    row = one.appointment
    link = links.to(row) if links is not None and row.status in STANDING else ""
    unchanged = kind in (Kind.SHOWN, Kind.REMINDER)
    file = None if unchanged else calendar_file(one, now=now, link=link)
    due = None if row.respond_by is None else local(row.respond_by)
    params = {"s": one, "kind": kind.value, "link": link, "due": due, "nearest": nearest}
    return Message("booking.notice", params, ways_on(row, now), file)


def ways_on(row: Appointment, now: datetime) -> tuple[tuple[Button, ...], ...]:
    """What can still be done about an appointment."""
    if row.status not in STANDING or row.ends_at <= now:
        return ((Button("booking.button_again", "book.start"),),)
    change = (
        Button("booking.button_move", f"book.move:{row.id}"),
        Button("booking.button_cancel", f"book.cancel:{row.id}"),
    )
    late = Button("appointment.button_late", f"book.late:{row.id}")
    brief = () if row.sealed else (Button("appointment.button_prepare", f"prepare.start:{row.id}"),)
    return (change, (late, *brief))


def heard(row: Appointment) -> bool:
    """Whether it was booked in a chat; who came to the window or rang up is phoned."""
    return row.channel != DESK


async def tell(
    session: AsyncSession,
    kind: Kind,
    row: Appointment,
    *,
    now: datetime,
    links: Links | None = None,
    nearest: str = "",
) -> None:
    """Queue it for the chat that booked, if any."""
    if not heard(row) or not row.chat:
        return
    to = Address(row.channel, row.chat, row.lang)
    what = message(kind, await sheet(session, row), now=now, links=links, nearest=nearest)
    outbox.put(session, to, what, now=now)
