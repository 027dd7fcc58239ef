"""A small invented world, and people who talk to the station as users do."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count

from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.markdown import to_plain
from bot.dispatch import Outcome
from bot.messages import Incoming
from bot.station import Station
from core.database import Database
from core.outbox import OutboxRow
from directory.model import Account, Advisor, Agency, Center, Enterprise, Expert, Role
from tests.fakes import FakeChannel, FakeClock

_events = count(1)


@dataclass
class World:
    """The station under test with its fakes, and the ids of the people in it."""

    station: Station
    channel: FakeChannel
    clock: FakeClock
    ids: dict[str, int] = field(default_factory=dict)

    def person(self, chat: str = "zhang") -> "Person":
        """Somebody with a chat of their own."""
        return Person(self, chat)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """A write transaction on the station's database."""
        async with self.station.database.transaction() as session:
            yield session

    async def drain(self) -> None:
        """Send what is due."""
        await self.station.pump.drain(self.channel.name)


@dataclass
class Person:
    """One end of a chat."""

    world: World
    chat: str
    last: list[OutboxRow] = field(default_factory=list)

    async def say(self, text: str, *, event: str | None = None) -> list[str]:
        """Type a line; what the bot says to it, in plain words."""
        return await self._send(text=text, event=event)

    async def open(self, link: str) -> list[str]:
        """Come by a deep link or QR code."""
        return await self._send(text="/start", start=link)

    async def tap(self, label: str) -> list[str]:
        """Tap the newest button whose label contains ``label``."""
        return await self._send(button=self.find(label))

    def find(self, label: str) -> str:
        """The callback value of the newest button with ``label`` in its label."""
        for row in reversed([r for r in self.world.channel.rows if r.chat == self.chat]):
            buttons = [b for line in row.payload["buttons"] for b in line]
            for index, button in enumerate(buttons):
                if label in button["label"]:
                    return f"{row.menu}.{index}"
        raise AssertionError(f"no button {label!r} was shown; last said: {self.told()[-1:]}")

    def labels(self) -> list[str]:
        """The labels of the buttons in the newest reply."""
        return [b["label"] for row in self.last for line in row.payload["buttons"] for b in line]

    def told(self) -> list[str]:
        """Everything this chat was told so far."""
        return self.world.channel.texts(self.chat)

    async def event(self, incoming: Incoming) -> Outcome:
        """Hand over a ready event."""
        outcome = await self.world.station.dispatcher.handle(incoming)
        await self.world.drain()
        return outcome

    async def _send(
        self,
        *,
        text: str | None = None,
        button: str | None = None,
        start: str | None = None,
        event: str | None = None,
    ) -> list[str]:
        before = len(self.world.channel.rows)
        await self.event(
            Incoming(
                channel=self.world.channel.name,
                event_id=event or f"e{next(_events)}",
                chat=self.chat,
                user=self.chat,
                sent_at=self.world.clock(),
                text=text,
                button=button,
                start=start,
            )
        )
        self.last = [r for r in self.world.channel.rows[before:] if r.chat == self.chat]
        return [to_plain(row.payload["text"]) for row in self.last]


async def populate(database: Database) -> dict[str, int]:
    """Two centers with an agency or two each, an enterprise each, experts and desk accounts."""
    async with database.transaction() as session:
        rows: dict[str, object] = {
            "north": Center(code="north", name="示例北园分中心", address="示例路 1 号"),
            "south": Center(code="south", name="示例南园分中心", address="示例路 2 号"),
            "agency_a": Agency(name="示例甲代理机构", credit_grade="A"),
            "agency_b": Agency(name="示例乙代理机构", credit_grade="B"),
            "expert_filing": Expert(name="示例专家甲", areas=["filing", "search"]),
            "expert_filing_2": Expert(name="示例专家乙", areas=["filing"]),
            "expert_enforcement": Expert(name="示例专家丙", areas=["enforcement"]),
        }
        session.add_all(rows.values())
        await session.flush()
        ids = {name: row.id for name, row in rows.items()}  # type: ignore[attr-defined]
        more: dict[str, object] = {
            "advisor_a": _advisor(ids, "agency_a", "示例顾问一"),
            "advisor_a2": _advisor(ids, "agency_a", "示例顾问二"),
            "advisor_b": _advisor(ids, "agency_b", "示例顾问三"),
            "factory": Enterprise(
                name="示例北园机械有限公司", uscc="91430000DEMO000001", center_id=ids["north"]
            ),
            "southern": Enterprise(
                name="示例南园电子有限公司", uscc="91430000DEMO000002", center_id=ids["south"]
            ),
            "staff": _account("staff", Role.STAFF, ids["north"]),
            "staff_south": _account("staff_south", Role.STAFF, ids["south"]),
            "province": _account("province", Role.PROVINCE, None),
        }
        session.add_all(more.values())
        await session.flush()
        return ids | {name: row.id for name, row in more.items()}  # type: ignore[attr-defined]


def _advisor(ids: dict[str, int], agency: str, name: str) -> Advisor:
    return Advisor(
        agency_id=ids[agency],
        center_id=ids["north"],
        name=name,
        areas=["filing", "trademark", "enforcement"],
    )


def _account(username: str, role: Role, center_id: int | None) -> Account:
    # Not a hash: nobody signs in with these; sign-in tests make their own account.
    return Account(
        username=username, password_hash="!", name=f"示例{username}", role=role, center_id=center_id
    )


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """An aware UTC instant."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)
