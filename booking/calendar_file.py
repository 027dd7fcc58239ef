"""Calendar files (.ics, RFC 5545 and 5546). Nothing of the matter itself stands in them."""

from datetime import datetime
from typing import Any

from icalendar import Event, vCalAddress, vText

from booking.model import Status
from booking.queries import Sheet
from core.calendar_file import attach
from core.clock import SHANGHAI
from core.messages import Attachment
from core.texts import plain

# RFC 5546 wants an organizer and an attendee; nobody of ours takes mail.
NOBODY = "mailto:noreply@ipstation.invalid"


def calendar_file(sheet: Sheet, *, now: datetime, link: str = "") -> Attachment:
    """The appointment as it stands: a request, or a cancellation that removes the older entry.

    link: where it can be changed; it is the event's URL. What waits for its agency is tentative.
    The same UID with a higher SEQUENCE makes calendar programs replace what they have.
    """
    appointment, lang = sheet.appointment, sheet.appointment.lang
    gone = appointment.status in (Status.CANCELLED, Status.REFUSED)
    standing = "TENTATIVE" if appointment.status == Status.REQUESTED else "CONFIRMED"
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", appointment.starts_at.astimezone(SHANGHAI))
    event.add("dtend", appointment.ends_at.astimezone(SHANGHAI))
    event.add("status", "CANCELLED" if gone else standing)
    event.add("summary", plain("booking.ics_summary", lang))
    event.add("location", f"{sheet.center.name} {sheet.center.address}".strip())
    words = plain("booking.ics_description", lang, **_who(sheet))
    event.add("description", f"{words}\n{link}" if link else words)
    if link:
        event.add("url", link)
    event.add("organizer", _address(sheet.center.name))
    event.add("attendee", _address(appointment.name))
    method = "CANCEL" if gone else "REQUEST"
    first_day = appointment.local_start.date()
    return attach(appointment.code, event, method=method, first_day=first_day)


def _who(sheet: Sheet) -> dict[str, Any]:
    return {
        "code": sheet.appointment.code,
        "agency": sheet.agency.name,
        "advisor": sheet.advisor.name,
    }


def _address(name: str) -> vCalAddress:
    address = vCalAddress(NOBODY)
    address.params["cn"] = vText(name)
    return address
