"""Fakes for the outside world: a clock that is set, a channel that keeps what it gets."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.channels.markdown import to_plain
from bot.messages import Incoming
from core.outbox import OutboxRow
from knowledge.decide import Decision, handoff
from knowledge.engine import Engine

# A Monday morning in China: 2026-11-23 10:00.
MONDAY = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


class FakeClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **delta: float) -> datetime:
        """Let time pass: ``move(minutes=31)``."""
        self.now += timedelta(**delta)
        return self.now


class FakeChannel:
    """Keeps every row it is given; ``failures`` are raised first, one per send."""

    per_second: float | None = None
    chat_interval = 0.0

    def __init__(self, name: str = "fake") -> None:
        self.name = name
        self.rows: list[OutboxRow] = []
        self.failures: list[Exception] = []

    def parse(self, payload: Mapping[str, Any]) -> Incoming | None:
        return None

    async def send(self, row: OutboxRow) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.rows.append(row)

    def texts(self, chat: str) -> list[str]:
        """What a chat was told so far, in plain words."""
        return [to_plain(row.payload["text"]) for row in self.rows if row.chat == chat]


class Unsure(Engine):
    """An engine that has no answer, for a reason; the other's matcher takes long to make anew."""

    def __init__(self, ready: Engine, reason: str = "unsure") -> None:
        vars(self).update(vars(ready))
        self.reason = reason

    def ask(self, question: str, day: date, last: object = None) -> Decision:
        return handoff(self.reason)
