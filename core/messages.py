"""What the product says, before any channel shapes it."""

from dataclasses import dataclass, field
from typing import Any

from core.texts import DEFAULT_LANGUAGE, plain, say


@dataclass(frozen=True)
class Address:
    """Where a message goes: a chat of a channel, and the language spoken there."""

    channel: str
    chat: str
    lang: str = DEFAULT_LANGUAGE


@dataclass(frozen=True)
class Button:
    """A thing to tap or to type.

    label: text key, or a literal where ``literal`` is set (names, dates, times).
    do: the action, ``intent.verb`` with arguments after colons, e.g. ``book.slot:17``.
    """

    label: str
    do: str
    params: dict[str, Any] = field(default_factory=dict)
    literal: bool = False

    def shown(self, lang: str) -> str:
        """The label as a person reads it."""
        return self.label if self.literal else plain(self.label, lang, **self.params)


@dataclass(frozen=True)
class Attachment:
    """A small file that goes with a message. ``content`` is text (calendar files)."""

    name: str
    mime: str
    content: str


@dataclass(frozen=True)
class Message:
    """A text key with its parameters, buttons (rows of at most a few) and perhaps a file."""

    key: str
    params: dict[str, Any] = field(default_factory=dict)
    buttons: tuple[tuple[Button, ...], ...] = ()
    file: Attachment | None = None

    def render(self, lang: str) -> dict[str, Any]:
        """As stored in the outbox: plain JSON with the words people will read."""
        return {
            "text": say(self.key, lang, **self.params),
            "buttons": [
                [{"label": button.shown(lang), "do": button.do} for button in row]
                for row in self.buttons
            ],
            "file": None if self.file is None else vars(self.file),
        }


def column(*buttons: Button) -> tuple[tuple[Button, ...], ...]:
    """One button a row: best for labels of more than a few characters."""
    return tuple((button,) for button in buttons)


def rows(buttons: list[Button], width: int) -> tuple[tuple[Button, ...], ...]:
    """Buttons in rows of ``width``."""
    return tuple(tuple(buttons[i : i + width]) for i in range(0, len(buttons), width))
