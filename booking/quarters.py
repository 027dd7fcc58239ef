"""Time in quarters of an hour, and sets of quarters as the bits of one integer.

A quarter is numbered from 1970 in UTC, so its number means the same instant everywhere. In a mask,
bit n stands for the n-th quarter after some origin; one shift or one "and" then treats weeks of a
diary at once, which is what makes hundreds of diaries quick to look through.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time

MINUTES = 15
SECONDS = MINUTES * 60
DAY = 24 * 60 // MINUTES


def quarter(instant: datetime) -> int:
    """The quarter in which ``instant`` lies."""
    return int(instant.timestamp() // SECONDS)


def quarter_from(instant: datetime) -> int:
    """The first quarter that begins at or after ``instant``."""
    return -int(-instant.timestamp() // SECONDS)


def instant(number: int) -> datetime:
    """When a quarter begins, in UTC."""
    return datetime.fromtimestamp(number * SECONDS, UTC)


def of_day(clock: time, *, up: bool = False) -> int:
    """Quarters from midnight to a wall-clock time, rounded down, or ``up``.

    The last second of a day counts as its end, because a ``time`` cannot say 24:00.
    """
    if clock >= time(23, 59):
        return DAY
    minutes = clock.hour * 60 + clock.minute
    return -(-minutes // MINUTES) if up else minutes // MINUTES


def bits(first: int, end: int) -> int:
    """The mask of the quarters from ``first`` up to, not including, ``end``."""
    first = max(first, 0)
    return ((1 << (end - first)) - 1) << first if end > first else 0


def runs(mask: int, length: int) -> int:
    """Where ``length`` quarters of ``mask`` in a row begin."""
    found = mask
    for n in range(1, length):
        found &= mask >> n
    return found


def each(mask: int) -> Iterator[int]:
    """The numbers of the set bits, ascending."""
    while mask:
        lowest = mask & -mask
        yield lowest.bit_length() - 1
        mask ^= lowest
