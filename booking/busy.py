"""Busy times in a calendar file from elsewhere. Nothing but when is taken from it."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import recurring_ical_events
from icalendar import Calendar

from core.clock import SHANGHAI, at_local
from core.errors import Refusal

MOST_SPANS = 2000
MOST_EVENTS = 5000
LONGEST_ADDRESS = 500
OURS = "@ipstation"  # what we have sent out ourselves must not come back as busy
# Rules that repeat within a day are no appointments, and would be millions of them.
TOO_OFTEN = ("SECONDLY", "MINUTELY", "HOURLY")
WITHIN_A_DAY = ("BYSECOND", "BYMINUTE", "BYHOUR")

Busy = tuple[datetime, datetime]


class BadAddress(Refusal):
    """An address that is not read: not HTTPS, or of a host that the settings do not allow."""

    key = "diary.busy_address"


class BadCalendar(Refusal):
    """What the address gave is no calendar, or one that cannot be taken in."""

    key = "diary.busy_garbage"


def checked_address(given: str, hosts: Collection[str]) -> str:
    """The address to read from. Raises BadAddress."""
    url = given.strip().replace("webcal://", "https://", 1)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadAddress(hosts="、".join(hosts) or "—") from None
    plain_host = parts.username is None and port in (None, 443) and not _is_number(host)
    if (
        parts.scheme != "https"
        or not plain_host
        or host.lower() not in {allowed.lower() for allowed in hosts}
        or len(url) > LONGEST_ADDRESS
        or any(char.isspace() or not char.isprintable() for char in url)
    ):
        raise BadAddress(hosts="、".join(hosts) or "—")
    return url


def _is_number(host: str) -> bool:
    """Whether the host is an address rather than a name."""
    try:
        ip_address(host)
    except ValueError:
        return host.replace(".", "").isdecimal()
    return True


def busy_spans(data: bytes, start: datetime, end: datetime) -> list[Busy]:
    """When the calendar is busy between two instants, joined and in order. Raises BadCalendar.

    All-day events count as whole days in China, times without a zone as China's; what is free
    (TRANSPARENT), cancelled or our own does not count.
    """
    try:
        calendar = Calendar.from_ical(data)
        if not isinstance(calendar, Calendar):
            raise BadCalendar
        found = [*_events(calendar, start, end), *_free_busy(calendar)]
    except BadCalendar:
        raise
    except Exception as error:  # a parser has its own errors for every sort of garbage
        raise BadCalendar from error
    within = ((max(a, start), min(b, end)) for a, b in found)
    return _joined(sorted((a, b) for a, b in within if a < b))


def _events(calendar: Any, start: datetime, end: datetime) -> Iterator[Busy]:
    events = calendar.walk("VEVENT")
    if len(events) > MOST_EVENTS:
        raise BadCalendar
    for event in events:
        _require_sober(event)
    # A day more on both sides: all-day events are compared without a zone.
    around = (start - timedelta(days=1)).astimezone(SHANGHAI), end.astimezone(SHANGHAI)
    for event in recurring_ical_events.of(calendar, skip_bad_series=True).between(*around):
        if _counts(event):
            yield _instant(event.start), _instant(event.end)


def _require_sober(event: Any) -> None:
    """Raises BadCalendar for a rule that repeats within a day."""
    rules = event.get("RRULE")
    for rule in rules if isinstance(rules, list) else [rules] if rules else []:
        often = any(str(f).upper() in TOO_OFTEN for f in rule.get("FREQ", ()))
        if often or any(len(rule.get(part, ())) > 1 for part in WITHIN_A_DAY):
            raise BadCalendar("diary.busy_too_often")


def _counts(event: Any) -> bool:
    return (
        str(event.get("TRANSP", "OPAQUE")).upper() != "TRANSPARENT"
        and str(event.get("STATUS", "")).upper() != "CANCELLED"
        and not str(event.get("UID", "")).endswith(OURS)
    )


def _free_busy(calendar: Any) -> Iterator[Busy]:
    for part in calendar.walk("VFREEBUSY"):
        given = part.get("FREEBUSY", [])
        for line in given if isinstance(given, list) else [given]:
            if str(line.params.get("FBTYPE", "BUSY")).upper() == "FREE":
                continue
            for begin, until in getattr(line, "dts", None) or [(line.start, line.end)]:
                last = begin + until if isinstance(until, timedelta) else until
                yield _instant(begin), _instant(last)


def _instant(when: date | datetime) -> datetime:
    if not isinstance(when, datetime):
        return at_local(when)
    return when if when.tzinfo is not None else when.replace(tzinfo=SHANGHAI)


def _joined(spans: list[Busy]) -> list[Busy]:
    found: list[Busy] = []
    for begin, end in spans:
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((begin, end))
    if len(found) > MOST_SPANS:
        raise BadCalendar("diary.busy_too_often")
    return found
