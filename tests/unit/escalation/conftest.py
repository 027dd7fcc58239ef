"""The escalation room over a populated database, on a Monday morning."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.markdown import to_plain
from core.config import Config
from core.database import Database
from core.messages import Address
from core.outbox import OutboxRow
from directory.actor import Actor, account_actor, contact_actor
from directory.model import Account
from directory.service import recognise
from escalation.deadlines import ServiceLevels
from escalation.model import Source, Ticket
from escalation.service.open import Matter, open_ticket
from escalation.service.pass_on import pass_on
from escalation.service.take import take
from ledger.model import ServiceCount
from tests.fakes import FakeClock
from tests.world import populate

QUESTION = "公开展览过的产品还能不能申请专利？"
# Seconds a transaction is given to run into another's lock; with the lock gone it ends sooner.
WAITS = 0.3
_agreements = count(1)


@dataclass
class Room:
    """The room, and the people who meet in it."""

    database: Database
    clock: FakeClock
    levels: ServiceLevels
    ids: dict[str, int]
    actors: dict[str, Actor] = field(default_factory=dict)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        async with self.database.transaction() as session:
            yield session

    async def contact(self, user: str, expert: str | None = None) -> Actor:
        """A person in a chat; an expert where the chat is tied to one."""
        async with self.session() as session:
            row = await recognise(session, channel="fake", user=user, now=self.clock())
            row.expert_id = None if expert is None else self.ids[expert]
            return contact_actor(row)

    async def desk(self, username: str) -> Actor:
        """A signed-in account."""
        async with self.session() as session:
            return account_actor(await session.get_one(Account, self.ids[username]))

    async def open(
        self, user: str = "asker", *, event: str | None = None, **matter: object
    ) -> Ticket:
        """A ticket of that person."""
        actor = await self.contact(user)
        known = {"question": QUESTION, "area": "filing", "center_id": self.ids["north"]}
        async with self.session() as session:
            return await open_ticket(
                session,
                actor=actor,
                matter=Matter(**{**known, **matter}),  # type: ignore[arg-type]
                to=Address("fake", user),
                event=event or f"agreement{next(_agreements)}",
                source=Source.REQUEST,
                levels=self.levels,
                now=self.clock(),
            )

    async def taken(self, user: str = "asker", **matter: object) -> tuple[Ticket, Actor]:
        """A ticket that the center's staff took charge of, and who did."""
        ticket, staff = await self.open(user, **matter), await self.desk("staff")
        await self.do(take, staff, ticket, levels=self.levels)
        return ticket, staff

    async def with_expert(self, user: str = "asker", **matter: object) -> tuple[Ticket, Actor]:
        """A ticket of area filing that is with expert_filing, and the expert's chat "doctor"."""
        doctor = await self.contact("doctor", "expert_filing")
        ticket, staff = await self.taken(user, **matter)
        expert_id = self.ids["expert_filing"]
        await self.do(pass_on, staff, ticket, levels=self.levels, expert_id=expert_id)
        return ticket, doctor

    async def do(
        self, verb: Callable[..., Awaitable[Ticket]], actor: Actor, ticket: Ticket, **given: object
    ) -> Ticket:
        """One step in a transaction of its own."""
        async with self.session() as session:
            return await verb(session, actor=actor, ticket_id=ticket.id, now=self.clock(), **given)

    async def fresh(self, ticket: Ticket) -> Ticket:
        """The ticket as it stands now."""
        async with self.session() as session:
            return await session.get_one(Ticket, ticket.id)

    async def told(self, chat: str) -> list[str]:
        """What a chat was told, in plain words."""
        async with self.session() as session:
            query = select(OutboxRow).where(OutboxRow.chat == chat).order_by(OutboxRow.id)
            return [to_plain(row.payload["text"]) for row in await session.scalars(query)]

    async def counted(self) -> list[tuple[str, str, int | None, str]]:
        """The ledger: code, source, center, handler."""
        async with self.session() as session:
            query = select(ServiceCount).order_by(ServiceCount.code, ServiceCount.id)
            rows = await session.scalars(query)
            return [(row.code, row.source, row.center_id, row.handler) for row in rows]


@pytest.fixture
async def room(sqlite_database: Database, config: Config) -> Room:
    """The room on SQLite."""
    return await _make(sqlite_database, config)


@pytest.fixture
async def both_rooms(database: Database, config: Config) -> Room:
    """The room on each backend: for races and for what the database itself computes."""
    return await _make(database, config)


@pytest.fixture
async def postgres_room(postgres_database: Database, config: Config) -> Room:
    """The room on PostgreSQL, where two transactions really run at the same time."""
    return await _make(postgres_database, config)


async def _make(database: Database, config: Config) -> Room:
    levels = ServiceLevels(config.escalation, config.calendar())
    return Room(database, FakeClock(), levels, await populate(database))
