"""The queue's filter as it stands in the address, and as it asks the database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy.ext.asyncio import AsyncSession

from console.visit import LARGEST_ID, Visit
from core.clock import at_local, local_day
from core.texts import plain
from directory.queries import enterprise_by_name, enterprises_like
from escalation.listing import WINDOW, Key, Wanted
from escalation.model import OPEN, Source, Status
from escalation.service.open import TOPICS

_TABLED = {
    "open": OPEN,
    "new": (Status.NEW,),
    "working": (Status.ACCEPTED, Status.IN_PROGRESS),
    "waiting": (Status.WAITING_ASKER,),
    "expert": (Status.WITH_EXPERT,),
    "answered": (Status.ANSWERED, Status.RATED),
}
_STANDING = {status for statuses in _TABLED.values() for status in statuses}
# The tabs of the queue, in order, and what each holds.
TABS: dict[str, tuple[Status, ...]] = {
    **_TABLED,
    "done": tuple(status for status in Status if status not in _STANDING),
}
EXPERT_TABS = ("expert", "answered", "done")

MINE, NOBODY = "me", "none"
PRESSING = ("late", "today")
CHANNELS = ("web", "telegram", WINDOW)
_FIELDS = ("area", "person", "pressing", "source", "channel", "enterprise", "since", "until")
_MATCHING = 20


@dataclass(frozen=True)
class Filter:
    """A tab and what narrows it. ``values``: the parameters that are set, all of them sound.

    wrong: what could not be read, in words; it then does not narrow.
    """

    tab: str
    values: Mapping[str, str] = field(default_factory=dict)
    wrong: tuple[str, ...] = ()

    def address(self, **more: str) -> str:
        """As parameters of an address."""
        given = {"tab": self.tab, **self.values, **more}
        return urlencode({name: value for name, value in given.items() if value})


def filter_of(visit: Visit) -> Filter:
    """The filter in the address."""
    tabs = EXPERT_TABS if visit.actor.expert_id is not None else tuple(TABS)
    tab = visit.query("tab")
    tab = tab if tab in tabs else tabs[0]
    values, wrong = {}, []
    for name in _FIELDS if visit.actor.expert_id is None else ("area",):
        given = visit.query(name)
        if given and _sound(name, given):
            values[name] = given
        elif given:
            wrong.append(plain("deskwork.filter.wrong", given=given[:30]))
    return Filter(tab, values, tuple(wrong))


def _sound(name: str, given: str) -> bool:
    if name in ("since", "until"):
        return day_of(given) is not None
    if name == "person":
        return given in (MINE, NOBODY) or _is_id(given)
    offered: Mapping[str, tuple[str, ...]] = {
        "area": TOPICS,
        "pressing": PRESSING,
        "source": tuple(Source),
        "channel": CHANNELS,
    }
    return name == "enterprise" or given in offered[name]


def day_of(given: str) -> date | None:
    """A day of these years, else None."""
    try:
        day = date.fromisoformat(given)
    except ValueError:
        return None
    return day if 2000 < day.year < 2100 else None


def _is_id(given: str) -> bool:
    return given.isascii() and given.isdecimal() and int(given) <= LARGEST_ID


async def wanted_of(session: AsyncSession, visit: Visit, chosen: Filter) -> Wanted:
    """The filter as it asks the database."""
    values, statuses = chosen.values, TABS[chosen.tab]
    pressing = values.get("pressing", "")
    today = at_local(local_day(visit.now))
    if pressing:  # the clock stands still for what waits for the asker
        statuses = tuple(one for one in statuses if one in OPEN and one != Status.WAITING_ASKER)
    return Wanted(
        statuses or (Status.NEW,),
        area=values.get("area", ""),
        source=values.get("source", ""),
        channel=values.get("channel", ""),
        assignee_id=_person(visit, values.get("person", "")),
        enterprises=await _enterprises(session, visit, values.get("enterprise", "")),
        since=day_of(values.get("since", "")),
        until=day_of(values.get("until", "")),
        due_from=visit.now if pressing == "today" else None,
        due_before={"late": visit.now, "today": today + timedelta(days=1)}.get(pressing),
        newest_first=chosen.tab == "done",
    )


def _person(visit: Visit, given: str) -> int | None:
    if given == MINE:
        return visit.actor.id
    return {"": None, NOBODY: 0}[given] if given in ("", NOBODY) else int(given)


async def _enterprises(session: AsyncSession, visit: Visit, given: str) -> tuple[int, ...] | None:
    """Those of that name or credit code, else those whose name contains it."""
    if not given:
        return None
    exact = await enterprise_by_name(session, given)
    if exact is not None:
        return (exact.id,)
    near = await enterprises_like(session, given, visit.actor.center_id, _MATCHING)
    return tuple(one.id for one in near)


def key_of(given: str) -> Key | None:
    """A place in the list, as the links to the next page carry it."""
    instant, _, number = given.partition(".")
    if not (given.isascii() and instant.isdecimal() and _is_id(number) and len(instant) < 18):
        return None
    try:
        return datetime.fromtimestamp(0, UTC) + timedelta(microseconds=int(instant)), int(number)
    except OverflowError:
        return None


def key_text(key: Key) -> str:
    """The place in the list as text."""
    since = key[0] - datetime.fromtimestamp(0, UTC)
    return f"{since // timedelta(microseconds=1)}.{key[1]}"
