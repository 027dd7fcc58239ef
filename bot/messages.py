"""The one vocabulary of all chat channels."""

from dataclasses import dataclass
from datetime import datetime

from core.messages import Address, Attachment, Button, Message, column, rows

__all__ = [
    "Address",
    "Attachment",
    "Button",
    "Incoming",
    "Message",
    "Reply",
    "column",
    "reply",
    "rows",
]


@dataclass(frozen=True)
class Incoming:
    """One thing a person did in a chat, whatever the channel.

    event_id: unique within the channel; a repeat of it is the same event.
    text: what was typed, as received (not trusted, not cleaned).
    button: ``<menu>.<index>`` of a tapped button.
    file: kind of a media message ("photo", "voice", "document", "sticker", …); never downloaded.
    start: parameter of a deep link or QR code.
    group: the chat has several people in it.
    """

    channel: str
    event_id: str
    chat: str
    user: str
    sent_at: datetime
    text: str | None = None
    button: str | None = None
    file: str | None = None
    start: str | None = None
    group: bool = False
    edited: bool = False


@dataclass(frozen=True)
class Reply:
    """What to say back, in order."""

    messages: tuple[Message, ...] = ()

    def then(self, other: "Reply") -> "Reply":
        """This reply followed by another."""
        return Reply(self.messages + other.messages)


def reply(
    key: str,
    *,
    buttons: tuple[tuple[Button, ...], ...] = (),
    file: Attachment | None = None,
    **params: object,
) -> Reply:
    """A reply of one message."""
    return Reply((Message(key, dict(params), buttons, file),))
