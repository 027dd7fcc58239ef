"""Which part of the diary a page shows: a day or a week, per advisor or per room."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from booking.timetable import Line, by_advisor, by_room
from console.scope import centers_in_view, chosen_center
from console.visit import Visit
from core.clock import local_day
from directory.model import Center

FARTHEST = 3660  # days from today that a page can be asked for
WEEK = 7


@dataclass(frozen=True)
class Look:
    """What was asked for. ``center`` None: an advisor, who sees the own diary only."""

    day: date
    today: date
    week: bool
    rooms: bool
    centers: Sequence[Center]
    center: Center | None

    @property
    def days(self) -> list[date]:
        """The day, or the Monday to Sunday around it."""
        if not self.week:
            return [self.day]
        monday = self.day - timedelta(days=self.day.weekday())
        return [monday + timedelta(days=n) for n in range(WEEK)]

    @property
    def step(self) -> timedelta:
        """How far the next page is."""
        return timedelta(days=WEEK if self.week else 1)

    def query(self, **changed: str) -> str:
        """The address of this look with something changed."""
        parts = {
            "day": self.day.isoformat(),
            "view": "week" if self.week else "day",
            "by": "room" if self.rooms else "advisor",
        }
        if self.center is not None and len(self.centers) > 1:
            parts["center"] = self.center.code
        return "&".join(f"{name}={value}" for name, value in {**parts, **changed}.items())


async def look_of(session: AsyncSession, visit: Visit) -> Look:
    """What the address asks for. Raises HTTPNotFound for a foreign center."""
    today = local_day(visit.now)
    own = visit.actor.advisor_id is not None
    centers = [] if own else await centers_in_view(session, visit)
    return Look(
        day=chosen_day(visit, today),
        today=today,
        week=visit.query("view") == "week",
        rooms=visit.query("by") == "room" and not own,
        centers=centers,
        center=None if own else chosen_center(visit, centers),
    )


def chosen_day(visit: Visit, today: date) -> date:
    """The day in the address; today, with a word about it, when that is not a day."""
    given = visit.query("day")
    if given:
        visit.form.values["day"] = given
        day = visit.form.day("day")
        if day is not None and abs((day - today).days) < FARTHEST:
            return day
        visit.form.wrong("day", "desk.form.bad_day")
    return today


async def lines_of(session: AsyncSession, visit: Visit, look: Look) -> list[Line]:
    """The diary lines that the look shows."""
    worktime = visit.desk.worktime
    if look.rooms and look.center is not None:
        return await by_room(
            session,
            visit.actor,
            days=look.days,
            worktime=worktime,
            now=visit.now,
            center_id=look.center.id,
        )
    return await by_advisor(
        session,
        visit.actor,
        days=look.days,
        worktime=worktime,
        now=visit.now,
        center_id=None if look.center is None else look.center.id,
        advisor_id=visit.actor.advisor_id,
    )
