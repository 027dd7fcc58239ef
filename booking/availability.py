"""When an advisor is free. Pure functions over a diary; no database, no clock.

Everything is worked out on masks of quarters (see quarters.py) that begin at ``Window.origin``.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property

from booking.quarters import DAY, MINUTES, bits, each, instant, of_day, quarter, quarter_from, runs
from core.clock import at_local, local_day
from core.config import Booking
from core.worktime import Worktime

GRID = 2  # consultations start on the hour and the half hour, in quarters
FRIDAY, SATURDAY = 4, 5

Span = tuple[time, time]


@dataclass(frozen=True)
class Window:
    """From when to when one can book at present.

    first: the soonest start. worktime says which days are worked.
    before, after: quarters kept clear around each consultation.
    daily_limit: consultations a day of an advisor without limits of their own; 0 for no limit.
    """

    now: datetime
    first: datetime
    last_day: date
    worktime: Worktime
    before: int = 0
    after: int = 0
    daily_limit: int = 0

    @classmethod
    def at(cls, now: datetime, settings: Booking, worktime: Worktime) -> "Window":
        """The window at ``now``: after the notice, up to the horizon."""
        return cls(
            now=now,
            first=now + timedelta(minutes=settings.notice_minutes),
            last_day=local_day(now) + timedelta(days=settings.horizon_days),
            worktime=worktime,
            before=settings.buffer_before // MINUTES,
            after=settings.buffer_after // MINUTES,
            daily_limit=settings.daily_limit,
        )

    @cached_property
    def origin(self) -> int:
        """The quarter that bit 0 stands for: midnight, a day early for what reaches over it."""
        return quarter(at_local(local_day(self.now))) - DAY

    @cached_property
    def size(self) -> int:
        """Quarters from ``origin`` to a day after the last one."""
        return self.bit_of_day(self.last_day) + 2 * DAY

    @cached_property
    def starts(self) -> int:
        """Where consultations may start: on the grid, after the notice, up to the horizon."""
        grid = sum(1 << n for n in range(0, DAY, GRID))
        days = range(0, self.size - DAY, DAY)
        first = quarter_from(self.first) - self.origin
        return sum(grid << day for day in days) & bits(first, self.size - DAY)

    @cached_property
    def workdays(self) -> tuple[tuple[int, int], ...]:
        """The working days of the window: (where it begins, its weekday)."""
        today = local_day(self.now)
        days = [today + timedelta(days=n) for n in range((self.last_day - today).days + 1)]
        return tuple(
            (self.bit_of_day(day), day.weekday()) for day in days if self.worktime.is_workday(day)
        )

    def bit_of_day(self, day: date) -> int:
        """Where a day begins. China's days all have 24 hours."""
        return DAY + (day - local_day(self.now)).days * DAY

    def day(self, day: date) -> int:
        """The mask of a day."""
        begin = self.bit_of_day(day)
        return bits(begin, begin + DAY) if 0 <= begin < self.size else 0

    def span(self, starts_at: datetime, ends_at: datetime) -> int:
        """The mask of the quarters that the span touches."""
        first, end = quarter(starts_at) - self.origin, quarter_from(ends_at) - self.origin
        return bits(first, min(end, self.size))

    def instants(self, mask: int) -> list[datetime]:
        """When the quarters of ``mask`` begin, in order."""
        return [instant(self.origin + n) for n in each(mask)]


@dataclass(frozen=True)
class Diary:
    """What decides when one advisor is free, as masks over a window.

    hours: open by the week and the special days. away: on leave.
    taken: what live holds and appointments occupy, a mask for each place of the advisor's.
    daily_limit: consultations a day, 0 for no limit; full: days on which it is reached.
    rooms: when each room place of the center can be had; None where no room is needed.
    """

    hours: int = 0
    away: int = 0
    taken: tuple[int, ...] = (0,)
    daily_limit: int = 0
    full: int = 0
    rooms: tuple[int, ...] | None = None


def hours_of(
    weekly: Iterable[tuple[int, time, time]],
    special: Mapping[date, Sequence[Span]],
    window: Window,
) -> int:
    """The mask of an advisor's hours: (weekday, start, end) rules, and days with hours of their
    own (none: closed).

    A make-up day (调休) without rules of its own follows the working day next to it: a Saturday
    the Friday, a Sunday the Monday.
    """
    week = [0] * 7
    for weekday, start, end in weekly:
        week[weekday] |= bits(of_day(start, up=True), of_day(end))
    hours = 0
    for begin, weekday in window.workdays:
        own = week[weekday]
        if not own and weekday >= SATURDAY:
            own = week[FRIDAY if weekday == SATURDAY else 0]
        hours |= own << begin
    for day, spans in special.items():
        hours &= ~window.day(day)
        if day <= window.last_day:
            for start, end in spans:
                hours |= bits(of_day(start, up=True), of_day(end)) << window.bit_of_day(day)
    return hours


def offered(diary: Diary, minutes: int, window: Window) -> int:
    """The mask of the starts that the rules allow, whether or not they are taken."""
    return runs(diary.hours & ~diary.away, minutes // MINUTES) & window.starts


def free(diary: Diary, minutes: int, window: Window) -> int:
    """The mask of the starts that can be booked."""
    starts = offered(diary, minutes, window) & ~diary.full
    if not starts:
        return 0
    length, everything = minutes // MINUTES, bits(0, window.size)
    with_buffers = window.before + length + window.after
    seats = (runs(everything & ~taken, with_buffers) << window.before for taken in diary.taken)
    starts &= _any(seats)
    if diary.rooms is not None:
        starts &= _any(runs(place, length) for place in diary.rooms)
    return starts


def offered_on(diary: Diary, day: date, minutes: int, window: Window) -> list[datetime]:
    """Starts of ``day`` that the rules allow, whether or not they are taken."""
    return window.instants(offered(diary, minutes, window) & window.day(day))


def free_on(diary: Diary, day: date, minutes: int, window: Window) -> list[datetime]:
    """Starts of ``day`` that can be booked."""
    return window.instants(free(diary, minutes, window) & window.day(day))


def is_offered(diary: Diary, starts_at: datetime, minutes: int, window: Window) -> bool:
    """Whether the rules allow that very start, whether or not it is taken."""
    at = quarter(starts_at)
    if instant(at) != starts_at or not 0 <= at - window.origin < window.size:
        return False
    return bool(offered(diary, minutes, window) >> (at - window.origin) & 1)


def free_starts(
    diaries: Mapping[int, Diary], day: date, minutes: int, window: Window
) -> list[datetime]:
    """Starts of ``day`` at which at least one of several advisors is free, in order."""
    return window.instants(_free_of_any(diaries, minutes, window) & window.day(day))


def free_days(diaries: Mapping[int, Diary], minutes: int, window: Window) -> list[date]:
    """Days of the window on which at least one of several advisors is free."""
    found = _free_of_any(diaries, minutes, window)
    today = local_day(window.now)
    days = (today + timedelta(days=n) for n in range((window.last_day - today).days + 1))
    return [day for day in days if found & window.day(day)]


def first_free(diaries: Mapping[int, Diary], minutes: int, window: Window) -> datetime | None:
    """The first start at which at least one of several advisors is free; None when none is."""
    found = _free_of_any(diaries, minutes, window)
    return instant(window.origin + next(each(found))) if found else None


def nearest(
    diaries: Mapping[int, Diary], wanted: datetime, minutes: int, window: Window, count: int = 3
) -> list[datetime]:
    """The free starts closest to ``wanted``, in order of time."""
    found = window.instants(_free_of_any(diaries, minutes, window))
    return sorted(sorted(found, key=lambda start: abs(start - wanted))[:count])


def _free_of_any(diaries: Mapping[int, Diary], minutes: int, window: Window) -> int:
    return _any(free(diary, minutes, window) for diary in diaries.values())


def _any(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found
