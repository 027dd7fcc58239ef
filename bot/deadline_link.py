"""A calculation in a deep link: ``d_<kind>_<day>[_m<mode>][_y<year>][_p<patent>]``.

It leads from the web page into the chat, where the same term is shown and reminders are offered.
"""

import re
from datetime import date
from typing import Any

from knowledge.calculate.annuities import PATENTS
from knowledge.calculate.delivery import MODES
from knowledge.calculate.kinds import catalogue

_LINK = re.compile(
    r"d_(?P<kind>[a-z0-9-]{1,40})_(?P<day>\d{8})(?:_m(?P<mode>[a-z]))?(?:_y(?P<year>\d{1,2}))?"
    r"(?:_p(?P<patent>[a-z]))?"
)
_MODES = {mode[0]: mode for mode in MODES}
_PATENTS = {patent[0]: patent for patent in PATENTS}


def encode(
    kind: str,
    day: date,
    *,
    mode: str | None = None,
    year: int | None = None,
    patent: str | None = None,
) -> str:
    """The parameter: at most 64 characters of those that Telegram allows."""
    parts = ["d", kind, f"{day:%Y%m%d}"]
    parts += [f"m{mode[0]}"] if mode else []
    parts += [f"y{year}"] if year else []
    parts += [f"p{patent[0]}"] if patent else []
    return "_".join(parts)


def decode(param: str) -> dict[str, Any] | None:
    """What the calculation needs (kind, day as ISO date, mode, year, patent); None for other links
    and for one that names nothing we know."""
    found = _LINK.fullmatch(param)
    if found is None or found["kind"] not in catalogue().kinds:
        return None
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:
        return None
    return {
        "kind": found["kind"],
        "day": day.isoformat(),
        "mode": _MODES.get(found["mode"] or ""),
        "year": int(found["year"]) if found["year"] else None,
        "patent": _PATENTS.get(found["patent"] or ""),
    }
