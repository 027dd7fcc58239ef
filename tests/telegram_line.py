"""A station on a line to the tests' own Bot API server."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from bot.channels.telegram.adapter import TelegramChannel
from bot.channels.telegram.api import open_bot
from bot.channels.telegram.receive import Receiver
from bot.messages import Incoming
from bot.model import Inbox
from bot.station import Station
from core.config import Config
from core.database import Database
from core.outbox import OutboxRow
from knowledge.engine import Engine
from tests.fakes import FakeClock
from tests.fakes_telegram import FakeTelegram, fake_telegram, settings
from tests.world import populate


class Failing:
    """The dispatcher, except that it fails for some texts before or after its commit."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.before: list[str] = []
        self.after: list[str] = []

    async def handle(self, incoming: Incoming) -> object:
        if incoming.text in self.before:
            self.before.remove(incoming.text)
            raise ConnectionError("database away")
        outcome = await self.inner.handle(incoming)
        if incoming.text in self.after:
            self.after.remove(incoming.text)
            raise ConnectionError("killed after the commit")
        return outcome


@dataclass
class Line:
    """The station on one side, Telegram's server on the other."""

    fake: FakeTelegram
    station: Station
    receiver: Receiver
    dispatcher: Failing
    restart: Callable[..., Receiver]
    waits: list[float] = field(default_factory=list)

    async def arrive(self, *updates: dict[str, Any]) -> None:
        """These updates come, are handled and answered."""
        for update in updates:
            self.fake.push(update)
        await self.receiver.poll()
        await self.station.pump.drain("telegram")

    async def inbox(self) -> list[str]:
        """What was handled, in order."""
        async with self.station.database.reading() as session:
            return list(await session.scalars(select(Inbox.text).order_by(Inbox.id)))

    async def answers(self, chat: str) -> list[OutboxRow]:
        async with self.station.database.reading() as session:
            return list(await session.scalars(select(OutboxRow).where(OutboxRow.chat == chat)))

    def offsets(self) -> list[int | None]:
        """From where each request for updates asked."""
        asked = [params.get("offset") for params in self.fake.called("getUpdates")]
        return [None if offset is None else int(offset) for offset in asked]


@asynccontextmanager
async def open_line(database: Database, config: Config, engine: Engine) -> AsyncIterator[Line]:
    """Both ends, running. Waiting is written down instead of done, and chance is fixed."""
    waits: list[float] = []

    async def wait(seconds: float) -> None:
        waits.append(seconds)

    await populate(database)
    async with fake_telegram() as fake:
        config, clock = settings(config, fake), FakeClock()
        async with open_bot(config.telegram) as bot:
            channel = TelegramChannel(bot, config.outbox, clock, "IpStationBot")
            station = Station.build(
                config, [channel], engine=engine, database=database, clock=clock
            )
            dispatcher = Failing(station.dispatcher)

            def receiver(chance: float = 1.0) -> Receiver:
                return Receiver(bot, channel, dispatcher, config, sleep=wait, jitter=lambda: chance)

            yield Line(fake, station, receiver(), dispatcher, receiver, waits)
