"""The web chat as a channel: one visitor, one chat."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from bot.channels.web.hub import Hub
from bot.messages import Incoming
from core.outbox import OutboxRow

_MENU = re.compile(r"[A-Za-z0-9_-]{1,12}")
_START = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TYPED_START = re.compile(rf"/start\s+({_START.pattern})")


class WebChannel:
    """Implements ``bot.channels.port.Channel``.

    A row counts as sent once it is stored: every socket reads its chat from the outbox, so
    whoever is away gets it on the next connection. ``send`` only says that there is news.
    """

    name = "web"
    per_second: float | None = None
    chat_interval = 0.0

    def __init__(self) -> None:
        self.hub = Hub()

    def parse(self, payload: Mapping[str, Any]) -> Incoming | None:
        """A frame of the page, with ``visitor`` and ``at`` added by the socket.

        The page's id is unique for one visitor only, hence the visitor in the event id.
        """
        given = _given(payload)
        visitor, sent_at, key = payload.get("visitor"), payload.get("at"), frame_id(payload)
        if given is None or key is None:
            return None
        if not isinstance(visitor, str) or not visitor or not isinstance(sent_at, datetime):
            return None
        return Incoming(
            channel=self.name,
            event_id=f"{visitor}:{key}",
            chat=visitor,
            user=visitor,
            sent_at=sent_at,
            text=given.get("text"),
            button=given.get("button"),
            start=given.get("start"),
        )

    async def send(self, row: OutboxRow) -> None:
        """Let the chat's sockets in this process look into the outbox now."""
        self.hub.wake(row.chat)


def frame_id(payload: Mapping[str, Any]) -> str | None:
    """The UUID a frame carries, in one spelling, or None."""
    try:
        return str(UUID(str(payload.get("id"))))
    except ValueError:
        return None


def _given(payload: Mapping[str, Any]) -> dict[str, str] | None:
    kind = payload.get("type")
    if kind == "say" and isinstance(payload.get("text"), str):
        typed = _TYPED_START.fullmatch(payload["text"].strip())
        return {"text": payload["text"]} | ({"start": typed[1]} if typed else {})
    if kind == "tap":
        menu, index = str(payload.get("menu")), payload.get("index")
        if _MENU.fullmatch(menu) and type(index) is int and 0 <= index < 1000:
            return {"button": f"{menu}.{index}"}
    if kind == "start":
        param = str(payload.get("param") or "")
        return {"start": param if _START.fullmatch(param) else ""}
    return None
