"""Words for days in booking."""

from datetime import date, datetime

from core.clock import local
from core.texts import plain

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def day_label(day: date, lang: str) -> str:
    """A day as a person reads it: 11月25日 周三."""
    name = WEEKDAYS[day.weekday()]
    weekday = plain(f"book.weekday_{name}", lang)
    return plain("book.day_label", lang, month=day.month, day=day.day, weekday=weekday)


def when_label(instant: datetime, lang: str) -> str:
    """A day and a time as a person reads them: 11月25日 周三 10:00."""
    return f"{day_label(local(instant).date(), lang)} {local(instant):%H:%M}"
