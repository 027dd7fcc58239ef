"""A raw Telegram update as an ``Incoming``. Pure functions; what is nothing for us gives None.

Field names are those of the Bot API's Update, Message and CallbackQuery objects.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.messages import Incoming

CHANNEL = "telegram"
GROUPS = ("group", "supergroup")

# The commands in Telegram's menu. In a group only these are taken without the bot's name; any
# other command there may be meant for another bot.
COMMANDS = ("start", "ask", "book", "human", "deadline", "fees", "me", "help")

# Kinds of message that are a thing rather than words. An animation also comes as a document and
# a venue also as a location, so the more exact kind stands first.
_FILES = (
    "photo", "voice", "video", "video_note", "audio", "animation", "document", "sticker",
    "contact", "venue", "location", "poll", "dice", "story", "paid_media",
)  # fmt: skip

_COMMAND = re.compile(
    r"/(?P<name>[A-Za-z0-9_]{1,32})(?:@(?P<bot>[A-Za-z0-9_]+))?(?![A-Za-z0-9_/@])\s*(?P<rest>.*)",
    re.DOTALL,
)
_FURTHEST = 2**33  # seconds since 1970 that a datetime can hold with room to spare


@dataclass(frozen=True)
class _Words:
    """What was typed, taken apart. ``bot`` is the bot that a command names, in lower case."""

    text: str
    start: str | None = None
    command: str | None = None
    bot: str = ""


def read(payload: Mapping[str, Any], username: str, now: datetime) -> Incoming | None:
    """The event in an update, or None. Never raises, whatever the payload.

    username: the bot's own, without the @; empty when not known yet.
    now: when it arrived; Telegram does not say when a button was tapped.
    """
    match payload:
        case {"update_id": int(number), "callback_query": {} as query}:
            return _tap(number, query, now)
        case {"update_id": int(number), "edited_message": {} as message}:
            return _message(number, message, username, edited=True)
        case {"update_id": int(number), "message": {} as message}:
            return _message(number, message, username, edited=False)
    return None


def callback_id(payload: Mapping[str, Any]) -> str | None:
    """The id by which a tapped button must be answered, or Telegram shows it as waiting."""
    match payload:
        case {"callback_query": {"id": str(found)}}:
            return found
    return None


def _tap(number: int, query: Mapping[str, Any], now: datetime) -> Incoming | None:
    match query:
        case {
            "id": str(query_id),
            "from": {"id": int(user)},
            "data": str(data),
            "message": {"chat": {"id": int(), "type": str(kind)}} as message,
        }:
            return Incoming(
                channel=CHANNEL,
                event_id=f"{number}-{query_id}",
                chat=_chat(message),
                user=str(user),
                sent_at=now,
                button=data,
                group=kind in GROUPS,
            )
    return None


def _message(
    number: int, message: Mapping[str, Any], username: str, *, edited: bool
) -> Incoming | None:
    user, sent_at = _author(message), _sent_at(message)
    file = next((kind for kind in _FILES if kind in message), None)
    typed = message.get("text", message.get("caption"))
    words = _words(typed, username) if isinstance(typed, str) else None
    # An edited thing without words is mostly a live location moving on: not news.
    nothing = words is None and (file is None or edited)
    if user is None or sent_at is None or nothing:
        return None
    match message:
        case {"message_id": int(message_id), "chat": {"id": int(), "type": str(kind)}}:
            pass
        case _:
            return None
    group = kind in GROUPS
    if kind != "private" and not (group and _addressed(message, words, username)):
        return None
    # The pictures of one album arrive as separate messages; together they are one event.
    album = None if edited else message.get("media_group_id")
    return Incoming(
        channel=CHANNEL,
        # Update ids alone start anew at a random number after a quiet week.
        event_id=f"album-{album}"[:80] if album else f"{number}-{message_id}",
        chat=_chat(message),
        user=user,
        sent_at=sent_at,
        text=words.text if words else None,
        file=file,
        start=words.start if words else None,
        group=group,
        edited=edited,
    )


def _author(message: Mapping[str, Any]) -> str | None:
    """Who wrote it; a group's anonymous administrator writes as the group. None for bots."""
    match message:
        case {"is_automatic_forward": True}:
            return None
        case {"sender_chat": {"id": int(chat)}}:
            return str(chat)
        case {"from": {"id": int(user)} as sender} if not sender.get("is_bot"):
            return str(user)
    return None


def _sent_at(message: Mapping[str, Any]) -> datetime | None:
    seconds = message.get("edit_date", message.get("date"))
    if not isinstance(seconds, int) or not 0 <= seconds < _FURTHEST:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _chat(message: Mapping[str, Any]) -> str:
    """``<chat>``, or ``<chat>:<topic>`` in a forum: each topic is a conversation of its own."""
    match message:
        case {"is_topic_message": True, "message_thread_id": int(topic), "chat": {"id": int(chat)}}:
            return f"{chat}:{topic}"
    return str(message["chat"]["id"])


def _words(typed: str, username: str) -> _Words:
    """Command, deep-link parameter and question, without the bot's name."""
    found = _COMMAND.fullmatch(typed.strip())
    if found is None:
        return _Words(_mention(username).sub(" ", typed).strip())
    command, bot = found["name"].lower(), (found["bot"] or "").lower()
    rest = _mention(username).sub(" ", found["rest"]).strip()
    if command == "ask" and rest:
        return _Words(rest, command=command, bot=bot)
    start = rest or None if command == "start" else None
    return _Words(f"/{command}", start, command, bot)


def _addressed(message: Mapping[str, Any], words: _Words | None, username: str) -> bool:
    """Whether a message in a group is meant for this bot: a command, its name, or a reply to it."""
    me = username.lower()
    if words is not None and words.command is not None:
        return words.bot == me if words.bot else words.command in COMMANDS
    match message:
        case {"reply_to_message": {"from": {"username": str(author)}}} if author.lower() == me:
            return True
    typed = message.get("text", message.get("caption"))
    return isinstance(typed, str) and _mention(username).search(typed) is not None


def _mention(username: str) -> re.Pattern[str]:
    """``@username``, also with Chinese directly around it, where Telegram marks no mention."""
    name = re.escape(username) or "(?!)"  # matches nothing while the name is not known
    return re.compile(rf"(?<![A-Za-z0-9_])@{name}(?![A-Za-z0-9_])", re.IGNORECASE)
