"""Reads updates and sends outbox rows through a ``telegram.Bot``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputFile,
    LinkPreviewOptions,
)
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, TelegramError

from bot.channels.citations import Link, linked
from bot.channels.telegram.api import delivery_error
from bot.channels.telegram.format import Part, parts
from bot.channels.telegram.incoming import CHANNEL, read
from bot.messages import Incoming
from core.clock import Clock, local_day
from core.config import Outbox
from core.errors import DeliveryError
from core.outbox import OutboxRow

_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass(frozen=True)
class _Step:
    """One request of a row: words, or a file with words beneath it."""

    words: Part
    file: Mapping[str, str] | None = None
    keyboard: InlineKeyboardMarkup | None = None


class TelegramChannel:
    """Implements ``bot.channels.port.Channel``.

    link: where the texts behind citations can be read, if anywhere outside this machine.
    username: the bot's own, without the @; by it a group addresses the bot. Set from the settings
        and corrected once Telegram has told it.
    """

    name = CHANNEL

    def __init__(
        self,
        bot: Bot,
        limits: Outbox,
        clock: Clock,
        username: str = "",
        link: Link | None = None,
    ) -> None:
        self.bot = bot
        self.link = link
        self.username = username.removeprefix("@")
        self.per_second: float | None = limits.telegram_per_second
        self.chat_interval = limits.telegram_chat_interval
        self._clock = clock

    def parse(self, payload: Mapping[str, Any]) -> Incoming | None:
        """The event in an update, or None."""
        return read(payload, self.username, self._clock())

    async def send(self, row: OutboxRow) -> None:
        """Send every part of the row that has not arrived yet, in order. Raises DeliveryError.

        A part whose answer got lost on the way is sent again: Telegram has no key to know it by.
        """
        target = _target(row.chat)
        for done, step in enumerate(_steps(row)):
            if done < (row.progress or 0):
                continue
            try:
                await self._send_step(target, step, local_day(row.created_at))
            except TelegramError as error:
                raise delivery_error(error, done) from error

    async def _send_step(self, target: dict[str, Any], step: _Step, day: date) -> None:
        html = linked(step.words.html, self.link, day)
        try:
            await self._post(target, step, html, ParseMode.HTML)
        except ChatMigrated as moved:
            new_target = {"chat_id": moved.new_chat_id}
            await self._post(new_target, step, html, ParseMode.HTML)
        except BadRequest as error:
            if "parse entities" not in error.message:
                raise
            await self._post(target, step, step.words.plain, None)

    async def _post(self, target: dict[str, Any], step: _Step, text: str, mode: str | None) -> None:
        if step.file is None:
            await self.bot.send_message(
                text=text,
                parse_mode=mode,
                link_preview_options=_NO_PREVIEW,
                reply_markup=step.keyboard,
                **target,
            )
            return
        document = InputFile(step.file["content"].encode(), filename=step.file["name"])
        document.mimetype = step.file["mime"]
        await self.bot.send_document(
            document=document,
            caption=text or None,
            parse_mode=mode,
            reply_markup=step.keyboard,
            **target,
        )


def _steps(row: OutboxRow) -> list[_Step]:
    """What to send one after the other, the buttons with the last.

    A file takes the last words as its caption if they fit.
    """
    texts, file = parts(row.payload["text"]), row.payload.get("file")
    last = texts.pop() if texts and (file is None or texts[-1].fits_caption) else Part("", "")
    steps = [_Step(words) for words in texts]
    if file is not None or last.plain:
        steps.append(_Step(last, file, _keyboard(row)))
    return steps


def _keyboard(row: OutboxRow) -> InlineKeyboardMarkup | None:
    """The buttons; what a tap sends back counts them over all lines, as the outbox does."""
    if not row.menu:
        return None
    index = count()
    return InlineKeyboardMarkup(
        [
            [
                InlineKeyboardButton(b["label"], callback_data=f"{row.menu}.{next(index)}")
                for b in line
            ]
            for line in row.payload["buttons"]
        ]
    )


def _target(chat: str) -> dict[str, Any]:
    """Chat and forum topic. Raises DeliveryError for an address that no update ever gave."""
    chat_id, _, topic = chat.partition(":")
    try:
        found = {"chat_id": int(chat_id)}
        return found | {"message_thread_id": int(topic)} if topic else found
    except ValueError:
        raise DeliveryError(f"{chat!r} is not a Telegram chat", permanent=True) from None
