"""What the pages of the rules share: open conflicts, and times as people type them."""

import re
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from booking.conflicts import Clash, conflicts
from booking.queries import unsealed
from booking.service.rules import Rules
from console.scope import centers_in_view
from console.visit import Visit
from core.clock import SHANGHAI

_SPAN = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~～至到]\s*(\d{1,2})[:：](\d{2})")
_BETWEEN = re.compile(r"[\s,，、;；]*")


def rules_of(visit: Visit) -> Rules:
    """What a change of a rule is judged by."""
    return Rules(visit.desk.config.booking, visit.desk.worktime)


async def open_clashes(
    session: AsyncSession, visit: Visit, *, advisor_id: int | None = None
) -> list[Clash]:
    """What waits for a decision: of that advisor, of the advisor who looks, or of every center in
    view."""
    rules, mine = rules_of(visit), advisor_id or visit.actor.advisor_id
    wanted: dict[str, Any] = {
        "settings": rules.settings,
        "worktime": rules.worktime,
        "now": visit.now,
    }
    if mine is not None:
        found = await conflicts(session, visit.actor, advisor_id=mine, **wanted)
    else:
        found = [
            clash
            for center in await centers_in_view(session, visit)
            for clash in await conflicts(session, visit.actor, center_id=center.id, **wanted)
        ]
    shown = [replace(clash, sheet=unsealed(visit.actor, clash.sheet)) for clash in found]
    return sorted(shown, key=lambda clash: clash.sheet.appointment.starts_at)


def spans_in(visit: Visit, name: str) -> list[tuple[time, time]]:
    """The spans typed into a field, such as ``09:00-12:00 13:30-17:30``; none is fine.

    What is no span is complained about.
    """
    text = visit.form.line(name, most=120)
    found, at = [], 0
    for match in _SPAN.finditer(text):
        if not _BETWEEN.fullmatch(text[at : match.start()]):
            break
        at = match.end()
        try:
            found.append((_clock(match[1], match[2]), _clock(match[3], match[4])))
        except ValueError:
            break
    else:
        if _BETWEEN.fullmatch(text[at:]) and all(start < end for start, end in found):
            return found
    visit.form.wrong(name, "diary.bad_spans")
    return []


def _clock(hour: str, minute: str) -> time:
    """24:00 is the end of a day, which a ``time`` cannot say."""
    return time(23, 59) if (hour, minute) == ("24", "00") else time(int(hour), int(minute))


def moment_in(visit: Visit, name: str) -> datetime | None:
    """An instant as browsers send a date with a time; else None and a complaint."""
    try:
        typed = datetime.fromisoformat(visit.form.values.get(name, ""))
    except ValueError:
        visit.form.wrong(name, "diary.bad_moment")
        return None
    return typed.replace(tzinfo=SHANGHAI)
