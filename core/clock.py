"""The only place that reads the time.

``now`` is read once per event, request or job tick and passed on as an argument. Instants are
stored in UTC and shown in Asia/Shanghai.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The present instant, aware, UTC."""
    return datetime.now(UTC)


def local(instant: datetime) -> datetime:
    """The same instant on a wall clock in China."""
    return instant.astimezone(SHANGHAI)


def local_day(instant: datetime) -> date:
    """The calendar day in China at that instant."""
    return local(instant).date()


def at_local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The instant of a wall-clock time in China, in UTC."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)
