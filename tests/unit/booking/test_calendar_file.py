"""The calendar file: one identity, rising revisions, China's time, nothing of the matter."""

from datetime import UTC

from icalendar import Calendar

from booking import queries
from booking.calendar_file import calendar_file
from booking.model import Appointment
from booking.service.cancel import cancel
from tests.unit.booking.room import TUESDAY_10, Room


async def parsed(room: Room, row: Appointment) -> tuple[Calendar, str]:
    async with room.session() as session:
        file = calendar_file(await queries.sheet(session, row), now=room.clock())
    assert (file.name, file.mime) == (f"{row.code}.ics", "text/calendar")
    return Calendar.from_ical(file.content), file.content  # type: ignore[return-value]


async def test_a_request_and_its_cancellation(room: Room) -> None:
    row = await room.book(enterprise="factory")
    calendar, text = await parsed(room, row)
    (event,) = calendar.walk("VEVENT")
    assert (calendar["METHOD"], event["SEQUENCE"], event["STATUS"]) == ("REQUEST", 0, "CONFIRMED")
    assert event.decoded("DTSTART").astimezone(UTC) == TUESDAY_10
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert "BEGIN:VTIMEZONE" in text
    assert event["ORGANIZER"]
    assert event["ATTENDEE"].params["CN"] == "示例人"
    for private in ("13800000000", "示例北园机械有限公司", "filing"):
        assert private not in text.replace("\r\n ", "")

    async with room.session() as session:
        actor = await room.asker("zhang")
        gone = await cancel(session, actor=actor, appointment_id=row.id, now=room.clock())
    calendar, _ = await parsed(room, gone)
    (cancelled,) = calendar.walk("VEVENT")
    assert cancelled["UID"] == event["UID"]
    assert (calendar["METHOD"], cancelled["SEQUENCE"], cancelled["STATUS"]) == (
        "CANCEL",
        1,
        "CANCELLED",
    )
