"""What an advisor is told, in every chat tied to them. Nothing of the matter itself."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Status
from booking.queries import Sheet, sheet
from core import outbox
from core.clock import local
from core.messages import Address, Button, Message
from directory.queries import advisor_contacts


class Note(StrEnum):
    """What there is to tell."""

    ASKED = "asked"
    SHOWN = "shown"
    MOVED = "moved"
    CANCELLED = "cancelled"
    LATE = "late"
    PREPARED = "prepared"


def card(note: Note, one: Sheet) -> Message:
    """An appointment for its advisor; with two buttons while their word is awaited."""
    row = one.appointment
    due = None if row.respond_by is None else local(row.respond_by)
    buttons: tuple[tuple[Button, ...], ...] = ()
    if row.status == Status.REQUESTED:
        yes = Button("appointment.button_agree", f"advise.yes:{row.id}")
        no = Button("appointment.button_decline", f"advise.no:{row.id}")
        buttons = ((yes, no),)
    elif row.status == Status.BOOKED and not row.sealed:
        buttons = ((Button("appointment.button_brief", f"advise.brief:{row.id}"),),)
    return Message("appointment.advisor", {"s": one, "note": note.value, "due": due}, buttons)


async def tell_advisor(
    session: AsyncSession,
    note: Note,
    row: Appointment,
    *,
    now: datetime,
    advisor_id: int | None = None,
) -> None:
    """Say it to the appointment's advisor, or to the one who had it before."""
    contacts = await advisor_contacts(session, advisor_id or row.advisor_id)
    if not contacts:
        return
    message = card(note, await sheet(session, row))
    for contact in contacts:
        outbox.put(session, Address(contact.channel, contact.user), message, now=now)
