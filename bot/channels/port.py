"""What every channel offers."""

from collections.abc import Mapping
from typing import Any, Protocol

from bot.messages import Incoming
from core.outbox import OutboxRow


class Channel(Protocol):
    """A way to reach people.

    per_second: messages a second over all chats, or None for no limit.
    chat_interval: seconds between two messages to one chat.
    """

    name: str
    per_second: float | None
    chat_interval: float

    def parse(self, payload: Mapping[str, Any]) -> Incoming | None:
        """The event in a raw payload, or None when it is nothing for us. Never raises."""
        ...

    async def send(self, row: OutboxRow) -> None:
        """Deliver one row. Raises DeliveryError."""
        ...
