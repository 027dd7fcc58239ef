"""One person at a keyboard; what they type is a line, what they get is printed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.channels.terminal.format import shown
from bot.messages import Incoming
from core.outbox import OutboxRow


class TerminalChannel:
    """Implements ``bot.channels.port.Channel``. ``write`` puts a text on the screen."""

    name = "terminal"
    per_second: float | None = None
    chat_interval = 0.0

    def __init__(self, write: Callable[[str], None]) -> None:
        self._write = write

    def parse(self, payload: Mapping[str, Any]) -> Incoming | None:
        """``{"id", "user", "line", "at"}`` as an event; None for anything else."""
        line, sent_at = payload.get("line"), payload.get("at")
        if not isinstance(line, str) or not isinstance(sent_at, datetime):
            return None
        user = str(payload.get("user", "local"))
        start = line.removeprefix("/start ").strip() if line.startswith("/start ") else ""
        return Incoming(
            channel=self.name,
            event_id=str(payload.get("id", "")),
            chat=user,
            user=user,
            sent_at=sent_at,
            text=line,
            start=start or None,
        )

    async def send(self, row: OutboxRow) -> None:
        """Print it."""
        self._write(shown(row.payload))
