"""Working time (工作时间): one calendar for slots and for service levels.

Rest days and make-up days (调休) follow the State Council's yearly notice as carried by the
``chinesecalendar`` library. A year it lacks is filled from ``worktime.holidays`` and
``worktime.workdays``. Without those, weekends and the holidays that need no notice
(全国年节及纪念日放假办法) are rest days, make-up days are not known, and ``gaps`` says so loudly.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import chinese_calendar
import holidays
from chinese_calendar.constants import holidays as _known_days

from core.clock import SHANGHAI, local

_LIBRARY_YEARS = frozenset(day.year for day in _known_days)


@dataclass(frozen=True)
class Worktime:
    """Working spans of a day and the days that are worked."""

    spans: tuple[tuple[time, time], ...]
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Whether offices are open on ``day``, make-up days (调休) included."""
        if day in self.workdays:
            return True
        if day in self.holidays:
            return False
        if day.year in _LIBRARY_YEARS:
            return bool(chinese_calendar.is_workday(day))
        if day.weekday() >= 5:
            return False
        return day not in _by_law(day.year) or not self.gaps([day.year])

    def gaps(self, years: Iterable[int]) -> list[int]:
        """Years for which neither the library nor the settings know the public holidays."""
        configured = {day.year for day in self.holidays}
        return [year for year in years if year not in _LIBRARY_YEARS | configured]

    def next_workday(self, day: date) -> date:
        """``day`` itself if worked, else the first working day after it."""
        while not self.is_workday(day):
            day += timedelta(days=1)
        return day

    def spans_on(self, day: date) -> list[tuple[datetime, datetime]]:
        """The working spans of ``day`` as UTC instants; empty on a rest day."""
        if not self.is_workday(day):
            return []
        return [
            (
                datetime.combine(day, start, SHANGHAI).astimezone(UTC),
                datetime.combine(day, end, SHANGHAI).astimezone(UTC),
            )
            for start, end in self.spans
        ]

    def is_open(self, instant: datetime) -> bool:
        """Whether people are at work at that instant."""
        return any(a <= instant < b for a, b in self.spans_on(local(instant).date()))

    def due_in_days(self, start: datetime, working_days: int) -> datetime:
        """End of the working time of the n-th working day.

        The working day of ``start`` counts as the first if working time is left on it,
        so that 1 means "the same working day".
        """
        day = local(start).date()
        spans = self.spans_on(day)
        if not spans or start >= spans[-1][1]:
            day = self.next_workday(day + timedelta(days=1))
        for _ in range(working_days - 1):
            day = self.next_workday(day + timedelta(days=1))
        return self.spans_on(day)[-1][1]

    def minutes_between(self, start: datetime, end: datetime) -> int:
        """Whole minutes of working time from ``start`` to ``end``; none when that is earlier."""
        worked, day = timedelta(), local(start).date()
        while day <= local(end).date():
            for opening, closing in self.spans_on(day):
                worked += max(min(closing, end) - max(opening, start), timedelta())
            day += timedelta(days=1)
        return int(worked.total_seconds()) // 60

    def after_minutes(self, start: datetime, minutes: int) -> datetime:
        """The instant when ``minutes`` of working time have passed since ``start``."""
        left = timedelta(minutes=minutes)
        day = local(start).date()
        while True:
            for opening, end in self.spans_on(day):
                begin = max(opening, start)
                if begin >= end:
                    continue
                if end - begin >= left:
                    return begin + left
                left -= end - begin
            day = self.next_workday(day + timedelta(days=1))


@cache
def _by_law(year: int) -> frozenset[date]:
    """The public holidays of a year as the law itself has them. Where the days off in lieu of
    those on a weekend (补假) fall, only the yearly notice says; a term must not be held longer."""
    return frozenset(holidays.country_holidays("CN", years=year, observed=False))


def festival(day: date) -> str | None:
    """The library's name of the public holiday on ``day``; None for any other day."""
    name: str | None = _known_days.get(day)
    return name


def parse_spans(spans: Iterable[str]) -> tuple[tuple[time, time], ...]:
    """``["09:00-12:00", …]`` as times. Raises ValueError naming the bad span."""
    parsed = []
    for span in spans:
        first, _, last = span.partition("-")
        start, end = time.fromisoformat(first), time.fromisoformat(last)
        if start >= end:
            raise ValueError(f"worktime span {span!r} ends before it starts")
        parsed.append((start, end))
    return tuple(parsed)
