"""The Bot API client: made from the settings, with raw updates and errors in our own terms."""

import json
import logging
import os
from datetime import timedelta
from typing import Any

from telegram import Bot
from telegram.error import BadRequest, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from core.config import Telegram as Settings
from core.errors import DeliveryError

# The library's switch for giving periods as timedelta; without it every 429 also warns.
os.environ.setdefault("PTB_TIMEDELTA", "true")

# What we ask Telegram for; everything else would only be thrown away.
UPDATE_KINDS = ("message", "edited_message", "callback_query")

BAD_TOKEN = (
    "Telegram refuses the bot token: put the one @BotFather shows in IPSTATION_TELEGRAM_TOKEN"
)


def open_bot(settings: Settings) -> Bot:
    """A client for the configured Bot API server. Opens no connection yet; shut it down at the end.

    A slow answer is waited for rather generously: giving up on a message that did arrive means
    sending it twice.
    """
    for name in ("httpx", "httpcore", "telegram"):
        # Their informative lines hold request addresses, and those hold the token.
        logging.getLogger(name).setLevel(logging.WARNING)
    request = HTTPXRequest(read_timeout=20, write_timeout=20, connect_timeout=10, pool_timeout=10)
    return Bot(settings.token, base_url=settings.base_url, request=request)


async def raw_updates(bot: Bot, *, offset: int | None, wait: int) -> list[dict[str, Any]]:
    """The updates from ``offset`` on as plain JSON, waiting up to ``wait`` seconds for one.

    Asking from an offset confirms every update before it. Raises TelegramError.
    """
    arguments: dict[str, Any] = {"timeout": wait, "allowed_updates": json.dumps(UPDATE_KINDS)}
    if offset is not None:
        arguments["offset"] = offset
    # Bot.get_updates parses the whole batch and fails with it at the first update that it does
    # not understand. Method names ignore case; this spelling asks for the plain answer.
    found = await bot.do_api_request("GetUpdates", arguments, read_timeout=wait + 20)
    return [u for u in found if isinstance(u, dict) and isinstance(u.get("update_id"), int)]


def delivery_error(error: TelegramError, progress: int) -> DeliveryError:
    """What a failed sending means for the outbox; ``progress`` parts had arrived before it."""
    if isinstance(error, InvalidToken):
        return DeliveryError(BAD_TOKEN, permanent=True, progress=progress)
    return DeliveryError(
        f"{type(error).__name__}: {error.message}",
        # BadRequest is a kind of NetworkError to the library, but trying again does not help.
        permanent=isinstance(error, Forbidden | BadRequest),
        retry_after=pause(error),
        progress=progress,
    )


def pause(error: Exception) -> timedelta | None:
    """How long Telegram asks to be left alone, if it does."""
    if not isinstance(error, RetryAfter):
        return None
    asked = error.retry_after
    return asked if isinstance(asked, timedelta) else timedelta(seconds=asked)
