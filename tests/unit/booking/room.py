"""A center with advisors at work from Monday to Friday, and what people do there."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Availability, Cell
from booking.quarters import instant
from booking.service.confirm import Person, confirm
from booking.service.hold import Wish, hold
from core.clock import at_local
from core.config import Booking, Config
from core.database import Database
from core.messages import Address
from core.worktime import Worktime
from directory.actor import Actor
from directory.model import Account, Advisor, Contact, Role
from directory.service import recognise
from tests.fakes import FakeClock
from tests.world import populate, utc

ADVISORS = ("advisor_a", "advisor_a2", "advisor_b")
TUESDAY_10 = utc(2026, 11, 24, 2)  # ten o'clock in China on the day after FakeClock's Monday
SETTINGS = Booking(confirm=False)


@dataclass
class Room:
    """The booking room over a populated database."""

    database: Database
    clock: FakeClock
    worktime: Worktime
    ids: dict[str, int]
    settings: Booking = SETTINGS
    contacts: dict[str, int] = field(default_factory=dict)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        async with self.database.transaction() as session:
            yield session

    async def contact(self, user: str) -> int:
        """The id of a person with a chat of their own."""
        if user not in self.contacts:
            async with self.session() as session:
                row = await recognise(session, channel="fake", user=user, now=self.clock())
                self.contacts[user] = row.id
        return self.contacts[user]

    async def asker(self, user: str) -> Actor:
        return Actor(kind="asker", id=await self.contact(user), name=user)

    async def hold(
        self,
        user: str = "zhang",
        starts_at: datetime = TUESDAY_10,
        minutes: int = 30,
        *,
        agency: str | None = "agency_b",
        enterprise: str | None = None,
    ) -> Appointment:
        """Hold a time; agency B has one advisor only."""
        contact_id = await self.contact(user)
        async with self.session() as session:
            return await hold(
                session,
                wish=Wish(
                    center_id=self.ids["north"],
                    area="filing",
                    starts_at=starts_at,
                    minutes=minutes,
                    agency_id=None if agency is None else self.ids[agency],
                    enterprise_id=None if enterprise is None else self.ids[enterprise],
                ),
                to=Address("fake", user),
                contact_id=contact_id,
                settings=self.settings,
                worktime=self.worktime,
                now=self.clock(),
            )

    async def confirm(
        self, held: Appointment, user: str = "zhang", *, enterprise: str | None = None
    ) -> Appointment:
        """Confirm what was held."""
        actor = await self.asker(user)
        async with self.session() as session:
            return await confirm(
                session,
                actor=actor,
                appointment_id=held.id,
                person=Person(
                    name="示例人",
                    phone="13800000000",
                    enterprise_name=enterprise or "",
                    enterprise_id=None if enterprise is None else self.ids[enterprise],
                ),
                settings=self.settings,
                worktime=self.worktime,
                now=self.clock(),
            )

    async def book(self, user: str = "zhang", *args: Any, **kwargs: Any) -> Appointment:
        """Hold and confirm."""
        enterprise = kwargs.get("enterprise")
        held = await self.hold(user, *args, **kwargs)
        return await self.confirm(held, user, enterprise=enterprise)

    async def desk(self, username: str = "staff") -> Actor:
        """A member of staff."""
        async with self.session() as session:
            row = await session.get_one(Account, self.ids[username])
            return Actor("desk", row.id, row.name, row.role, row.center_id)

    async def advisor(self, name: str = "advisor_b") -> Actor:
        """An advisor at the desk."""
        async with self.session() as session:
            row = await session.get_one(Advisor, self.ids[name])
            return Actor("desk", 900, row.name, Role.ADVISOR, row.center_id, advisor_id=row.id)

    async def cells(self, appointment_id: int) -> list[datetime]:
        """What an appointment occupies of its advisor's time."""
        async with self.session() as session:
            found = await session.scalars(
                select(Cell.quarter)
                .where(Cell.appointment_id == appointment_id, Cell.advisor_id.is_not(None))
                .order_by(Cell.quarter)
            )
            return [instant(n) for n in found]

    async def row(self, appointment_id: int) -> Appointment:
        """An appointment as stored."""
        async with self.session() as session:
            return await session.get_one(Appointment, appointment_id)

    async def contact_row(self, user: str) -> Contact:
        """A person as stored."""
        async with self.session() as session:
            return await session.get_one(Contact, self.contacts[user])


def weekly(advisor_id: int) -> list[Availability]:
    """Nine to twelve and half past one to half past five, Monday to Friday."""
    spans = ((time(9), time(12)), (time(13, 30), time(17, 30)))
    return [
        Availability(advisor_id=advisor_id, weekday=day, start=start, end=end)
        for day in range(5)
        for start, end in spans
    ]


async def make_room(database: Database, config: Config) -> Room:
    """Populate ``database`` and give every advisor a working week."""
    ids = await populate(database)
    async with database.transaction() as session:
        for name in ADVISORS:
            session.add_all(weekly(ids[name]))
    return Room(database, FakeClock(), config.calendar(), ids)


both_backends = pytest.mark.parametrize(
    "room_database",
    ["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)],
    indirect=True,
)


def local_time(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    """A wall-clock time in China in 2026."""
    return at_local(TUESDAY_10.date().replace(month=month, day=day), hour, minute)
