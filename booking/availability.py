"""When an advisor is free. Pure functions over a diary; no database, no clock."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from core.clock import SHANGHAI, at_local, local, local_day
from core.config import Booking
from core.worktime import Worktime

GRID = timedelta(minutes=30)  # consultations start on the hour and the half hour
CELL_MINUTES = 15  # what a consultation occupies, see model.Cell
SATURDAY = 5


@dataclass(frozen=True)
class Diary:
    """What decides when one advisor is free.

    weekly: (weekday, start, end) in China's wall-clock time.
    away: spans of leave. occupied: the cells that live holds and appointments take.
    """

    weekly: tuple[tuple[int, time, time], ...] = ()
    away: tuple[tuple[datetime, datetime], ...] = ()
    occupied: frozenset[datetime] = frozenset()


@dataclass(frozen=True)
class Window:
    """From when to when one can book at present.

    first: the soonest start. worktime says which days are worked.
    """

    now: datetime
    first: datetime
    last_day: date
    worktime: Worktime

    @classmethod
    def at(cls, now: datetime, settings: Booking, worktime: Worktime) -> "Window":
        """The window at ``now``: after the notice, up to the horizon."""
        return cls(
            now=now,
            first=now + timedelta(minutes=settings.notice_minutes),
            last_day=local_day(now) + timedelta(days=settings.horizon_days),
            worktime=worktime,
        )

    @property
    def end(self) -> datetime:
        """The midnight that ends the last day."""
        return at_local(self.last_day + timedelta(days=1))

    def days(self) -> Iterator[date]:
        """The working days of the window."""
        day = local_day(self.first)
        while day <= self.last_day:
            if self.worktime.is_workday(day):
                yield day
            day += timedelta(days=1)


def cells_of(starts_at: datetime, minutes: int) -> tuple[datetime, ...]:
    """The cells that a consultation takes, in order."""
    return tuple(starts_at + timedelta(minutes=n) for n in range(0, minutes, CELL_MINUTES))


def offered_on(diary: Diary, day: date, minutes: int, window: Window) -> list[datetime]:
    """Starts of ``day`` that the rules allow, whether or not they are taken."""
    if not window.worktime.is_workday(day) or day > window.last_day:
        return []
    length = timedelta(minutes=minutes)
    starts = []
    for begin, end in _spans(diary, day):
        start = _on_grid(begin)
        while start + length <= end:
            if start >= window.first and not _away(diary, start, start + length):
                starts.append(start)
            start += GRID
    return starts


def free_on(diary: Diary, day: date, minutes: int, window: Window) -> list[datetime]:
    """Starts of ``day`` that can be booked."""
    return [
        start
        for start in offered_on(diary, day, minutes, window)
        if diary.occupied.isdisjoint(cells_of(start, minutes))
    ]


def is_offered(diary: Diary, starts_at: datetime, minutes: int, window: Window) -> bool:
    """Whether the rules allow that very start, whether or not it is taken."""
    return starts_at in offered_on(diary, local_day(starts_at), minutes, window)


def free_starts(
    diaries: dict[int, Diary], day: date, minutes: int, window: Window
) -> list[datetime]:
    """Starts of ``day`` at which at least one of several advisors is free, in order."""
    found = {start for diary in diaries.values() for start in free_on(diary, day, minutes, window)}
    return sorted(found)


def free_days(diaries: dict[int, Diary], minutes: int, window: Window) -> list[date]:
    """Days of the window on which at least one of several advisors is free."""
    return [
        day
        for day in window.days()
        if any(free_on(diary, day, minutes, window) for diary in diaries.values())
    ]


def nearest(
    diaries: dict[int, Diary], wanted: datetime, minutes: int, window: Window, count: int = 3
) -> list[datetime]:
    """The free starts closest to ``wanted``, in order of time."""
    found = {start for day in window.days() for start in free_starts(diaries, day, minutes, window)}
    return sorted(sorted(found, key=lambda start: abs(start - wanted))[:count])


def _spans(diary: Diary, day: date) -> list[tuple[datetime, datetime]]:
    """The weekly rules of ``day`` as instants.

    A make-up day (调休) without rules of its own follows the working day next to it: a Saturday
    the Friday, a Sunday the Monday.
    """
    own = [span for span in diary.weekly if span[0] == day.weekday()]
    if not own and day.weekday() >= SATURDAY:
        neighbour = 4 if day.weekday() == SATURDAY else 0
        own = [span for span in diary.weekly if span[0] == neighbour]
    return sorted(
        (at_local(day, start.hour, start.minute), at_local(day, end.hour, end.minute))
        for _, start, end in own
    )


def _on_grid(instant: datetime) -> datetime:
    """The first start on the grid at or after ``instant``."""
    midnight = datetime.combine(local(instant).date(), time(), SHANGHAI).astimezone(UTC)
    steps = -((midnight - instant) // GRID)  # rounded up
    return midnight + steps * GRID


def _away(diary: Diary, start: datetime, end: datetime) -> bool:
    return any(begin < end and start < until for begin, until in diary.away)
