"""Whatever people do in whatever order, nobody's time is given away twice.

Random sequences of holding, confirming, cancelling, moving, waiting, leave and changed limits. The
rule is read from the appointments themselves, never from the cells that guard them; with the guard
removed the same sequences break it.
"""

import asyncio
import shutil
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from booking.model import AdvisorLimits, Appointment, Cell, Status
from booking.quarters import MINUTES, quarter
from booking.service.cancel import cancel
from booking.service.expire import release_expired
from booking.service.reschedule import reschedule
from booking.service.rules import Rules, add_leave, set_limits
from core.config import load
from core.database import Database
from core.errors import Refusal
from directory.actor import SYSTEM
from tests.conftest import ROOT
from tests.unit.booking.room import ADVISORS, TUESDAY_10, Room, make_room

USERS = ("u1", "u2", "u3")
STARTS = tuple(TUESDAY_10 + timedelta(minutes=30 * n) for n in range(3))
AGENCIES = (None, "agency_a", "agency_b")
CONFIG = load(ROOT / "config.toml", environ={})
DONE = (Status.LAPSED, Status.CANCELLED)

users, starts = st.sampled_from(USERS), st.sampled_from(STARTS)
steps = st.lists(
    st.one_of(
        st.tuples(
            st.just("hold"), users, starts, st.sampled_from((30, 60)), st.sampled_from(AGENCIES)
        ),
        st.tuples(st.just("confirm"), users),
        st.tuples(st.just("cancel"), users),
        st.tuples(st.just("move"), users, starts),
        st.tuples(st.just("wait"), st.sampled_from((1, 6, 11))),
        st.tuples(st.just("sweep")),
        st.tuples(st.just("leave"), st.sampled_from(ADVISORS), starts),
        st.tuples(st.just("capacity"), st.sampled_from(ADVISORS), st.integers(1, 2)),
    ),
    min_size=6,
    max_size=16,
)


@dataclass
class Life:
    """One sequence under way. ``latest``: the appointment each person acted on last."""

    room: Room
    latest: dict[str, Appointment] = field(default_factory=dict)

    async def take(self, verb: str, *args: object) -> None:
        """One step; a refusal is an answer, anything else is a bug."""
        act: Callable[..., Awaitable[None]] = getattr(self, verb)
        try:
            await act(*args)
        except Refusal:
            return

    async def hold(self, user: str, start: datetime, minutes: int, agency: str | None) -> None:
        self.latest[user] = await self.room.hold(user, start, minutes, agency=agency)

    async def confirm(self, user: str) -> None:
        if user in self.latest:
            await self.room.confirm(self.latest[user], user)

    async def cancel(self, user: str) -> None:
        if user in self.latest:
            actor = await self.room.asker(user)
            async with self.room.session() as session:
                row = self.latest[user].id
                await cancel(session, actor=actor, appointment_id=row, now=self.room.clock())

    async def move(self, user: str, start: datetime) -> None:
        if user in self.latest:
            actor = await self.room.asker(user)
            async with self.room.session() as session:
                await reschedule(
                    session,
                    actor=actor,
                    appointment_id=self.latest[user].id,
                    starts_at=start,
                    settings=self.room.settings,
                    worktime=self.room.worktime,
                    now=self.room.clock(),
                )

    async def wait(self, minutes: int) -> None:
        self.room.clock.move(minutes=minutes)

    async def sweep(self) -> None:
        async with self.room.session() as session:
            await release_expired(session, self.room.clock())

    async def leave(self, advisor: str, start: datetime) -> None:
        async with self.room.session() as session:
            await add_leave(
                session,
                actor=SYSTEM,
                advisor_id=self.room.ids[advisor],
                starts_at=start,
                ends_at=start + timedelta(minutes=30),
                rules=Rules(self.room.settings, self.room.worktime),
                now=self.room.clock(),
            )

    async def capacity(self, advisor: str, places: int) -> None:
        async with self.room.session() as session:
            await set_limits(
                session,
                actor=SYSTEM,
                advisor_id=self.room.ids[advisor],
                capacity=places,
                rules=Rules(self.room.settings, self.room.worktime),
                now=self.room.clock(),
            )

    async def twice_given(self) -> list[tuple[int, int]]:
        """Quarters of an advisor that more people were promised than the advisor ever took."""
        async with self.room.session() as session:
            rows = (await session.scalars(select(Appointment))).all()
            places = {one.advisor_id for one in await session.scalars(select(AdvisorLimits))}
        now = self.room.clock()
        taken = Counter(
            (row.advisor_id, quarter(row.starts_at) + n)
            for row in rows
            if row.status not in DONE
            and not (row.status == Status.HELD and row.hold_until and row.hold_until <= now)
            for n in range(row.minutes // MINUTES)
        )
        return [key for key, count in taken.items() if count > (2 if key[0] in places else 1)]

    async def cells_fit(self) -> bool:
        """Whether everybody who stands occupies exactly their time, and nobody else anything."""
        async with self.room.session() as session:
            rows = (await session.scalars(select(Appointment))).all()
            cells = Counter(
                await session.scalars(
                    select(Cell.appointment_id).where(Cell.advisor_id.is_not(None))
                )
            )
        wanted = {row.id: row.minutes // MINUTES for row in rows if row.status not in DONE}
        return dict(cells) == wanted


async def live(tables: Path, sequence: list[tuple[object, ...]], *, guarded: bool) -> bool:
    """Whether the rule held after every step."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copyfile(tables, f"{folder}/t.db")
        database = Database(f"sqlite+aiosqlite:///{folder}/t.db")
        try:
            if not guarded:
                async with database.engine.begin() as connection:
                    await connection.execute(text("DROP INDEX uq_booking_cells_advisor"))
            life = Life(await make_room(database, CONFIG))
            for verb, *args in sequence:
                await life.take(str(verb), *args)
                if await life.twice_given():
                    return False
                if guarded:
                    assert await life.cells_fit()
            return True
        finally:
            await database.close()


@settings(max_examples=12, deadline=None, derandomize=True, database=None)
@given(sequence=steps)
def test_no_sequence_gives_a_time_away_twice(
    sqlite_tables: Path, sequence: list[tuple[object, ...]]
) -> None:
    assert asyncio.run(live(sqlite_tables, sequence, guarded=True))


def test_without_the_guard_a_sequence_does(sqlite_tables: Path) -> None:
    """The same check, so that it is known to be able to fail."""
    for other in ("u2", "u3"):
        sequence: list[tuple[object, ...]] = [
            ("hold", "u1", STARTS[0], 60, "agency_b"),
            ("hold", other, STARTS[1], 30, "agency_b"),
        ]
        assert asyncio.run(live(sqlite_tables, sequence, guarded=True))
        assert not asyncio.run(live(sqlite_tables, sequence, guarded=False))


@pytest.mark.parametrize("minutes", [9, 11])
def test_a_hold_that_ran_out_is_free_for_the_next(sqlite_tables: Path, minutes: int) -> None:
    sequence: list[tuple[object, ...]] = [
        ("hold", "u1", STARTS[0], 30, "agency_b"),
        ("wait", minutes),
        ("hold", "u2", STARTS[0], 30, "agency_b"),
        ("confirm", "u1"),
        ("confirm", "u2"),
    ]
    assert asyncio.run(live(sqlite_tables, sequence, guarded=True))
