"""An advisor's diary as a calendar subscription. It names nobody and nothing of a matter."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Calendar, Event
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment
from booking.model_desk import CalendarFeed
from booking.queries import Sheet, sheets, unsealed
from core.clock import SHANGHAI, local_day
from core.security import fingerprint
from core.texts import plain
from directory.actor import Actor
from directory.model import Advisor

PAST = timedelta(days=90)
OFTEN = timedelta(hours=1)  # how soon calendar programs are asked to look again
CALENDAR = Actor(kind="calendar")  # a program elsewhere: it learns less than the advisor does
# By the state of an appointment; any other is confirmed.
STANDING = {"requested": "TENTATIVE", "cancelled": "CANCELLED", "refused": "CANCELLED"}


async def feed_of_token(session: AsyncSession, token: str, now: datetime) -> str | None:
    """The calendar behind a token; None where there is none, it was revoked, or its advisor has
    left."""
    advisor = await session.scalar(
        select(Advisor)
        .join(CalendarFeed, CalendarFeed.advisor_id == Advisor.id)
        .where(CalendarFeed.fingerprint == fingerprint(token), Advisor.active)
    )
    if advisor is None:
        return None
    found = await sheets(
        session,
        Appointment.advisor_id == advisor.id,
        Appointment.starts_at > now - PAST,
        Appointment.arranged_at.is_not(None),
    )
    return feed((unsealed(CALENDAR, one) for one in found), now)


def feed(found: Iterable[Sheet], now: datetime) -> str:
    """A calendar of these appointments."""
    calendar = Calendar()
    calendar.add("prodid", "-//ipstation//ipstation//ZH")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", plain("diary.feed_name"))
    calendar.add("refresh-interval", OFTEN, parameters={"VALUE": "DURATION"})
    for one in found:
        calendar.add_component(_event(one))
    calendar.add_missing_timezones(first_date=local_day(now - PAST))
    text: bytes = calendar.to_ical()
    return text.decode("utf-8")


def _event(one: Sheet) -> Event:
    """The identity and the revision are those of the file that the person got."""
    row = one.appointment
    changed = row.settled_at or row.arranged_at or row.created_at
    event = Event()
    event.add("uid", row.uid)
    event.add("sequence", row.sequence)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", row.starts_at.astimezone(SHANGHAI))
    event.add("dtend", row.ends_at.astimezone(SHANGHAI))
    event.add("status", STANDING.get(row.status, "CONFIRMED"))
    event.add("summary", plain("diary.feed_summary", initial=row.name[:1] or "—"))
    event.add("description", plain("diary.feed_description", code=row.code))
    event.add("location", one.center.name)
    event.add("class", "PRIVATE")
    return event
