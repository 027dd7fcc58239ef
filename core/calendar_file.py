"""Calendar files (.ics, RFC 5545): one event, as an attachment or with reminders on a day."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from core.messages import Attachment

_MORNING = timedelta(hours=9)  # a reminder at midnight helps nobody


def attach(name: str, event: Event, *, method: str, first_day: date) -> Attachment:
    """A file of one event. name: without ``.ics``; first_day: from when time zones must hold."""
    calendar = Calendar()
    calendar.add("prodid", "-//ipstation//ipstation//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", method)
    calendar.add_component(event)
    calendar.add_missing_timezones(first_date=first_day)
    return Attachment(f"{name}.ics", "text/calendar", calendar.to_ical().decode("utf-8"))


def day_event(
    day: date, *, uid: str, summary: str, description: str, alarms: Iterable[int], now: datetime
) -> Event:
    """An event that lasts the whole of ``day`` and blocks no time.

    alarms: how many days before; each rings at nine in the morning of that day.
    """
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    event.add("summary", summary)
    event.add("description", description)
    for days in alarms:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", summary)
        alarm.add("trigger", _MORNING - timedelta(days=days))
        event.add_component(alarm)
    return event
