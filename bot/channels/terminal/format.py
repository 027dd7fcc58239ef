"""How a message looks in a terminal."""

from typing import Any

from bot.channels.markdown import to_plain


def shown(payload: dict[str, Any]) -> str:
    """The words, then the buttons with the number to type for each."""
    lines = [to_plain(payload["text"])]
    buttons = [button["label"] for row in payload["buttons"] for button in row]
    if buttons:
        lines.append("\n".join(f"  [{n}] {label}" for n, label in enumerate(buttons, 1)))
    if payload.get("file"):
        lines.append(f"  <{payload['file']['name']}>")
    return "\n\n".join(lines)
