"""Receiving updates: long polling or webhook. Telegram is told "received" only after the commit."""

import asyncio
import hmac
import json
import logging
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from telegram import Bot
from telegram.error import Conflict, EndPointNotFound, InvalidToken, TelegramError

from bot.channels.telegram.adapter import TelegramChannel
from bot.channels.telegram.api import BAD_TOKEN, UPDATE_KINDS, pause, raw_updates
from bot.channels.telegram.incoming import COMMANDS, callback_id
from bot.messages import Incoming
from core.config import Config
from core.texts import DEFAULT_LANGUAGE, LANGUAGES, plain

log = logging.getLogger(__name__)

WEBHOOK_PATH = "/hooks/telegram"
SECRET_HEADER = "x-telegram-bot-api-secret-token"

POLL_SECONDS = 50  # how long one request waits for news
LONGEST_DELAY = 60.0
PERSON_NEEDED_DELAY = 30.0  # a wrong token or a second poller does not mend itself quickly
STRIKES = 5

IN_USE = (
    "Telegram: another program receives with this bot token (%s). Stop the other one, or give this "
    'one a token of its own; a second replica should use [telegram] mode = "webhook". '
    "Trying again in %.0f s."
)


class Handles(Protocol):
    """The dispatcher, as far as receiving needs it."""

    async def handle(self, incoming: Incoming) -> object:
        """Handle one event; returns after the commit."""
        ...


class Receiver:
    """Takes updates to the dispatcher.

    sleep, jitter: injected by tests; ``jitter`` gives a number from 0 to 1.
    """

    def __init__(
        self,
        bot: Bot,
        channel: TelegramChannel,
        dispatcher: Handles,
        config: Config,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.bot = bot
        self.channel = channel
        self.dispatcher = dispatcher
        self.config = config
        self._sleep = sleep
        self._jitter = jitter
        self._offset: int | None = None
        self._failures = 0
        self._strikes: Counter[int] = Counter()

    async def run(self) -> None:
        """Introduce the bot to Telegram, then receive until cancelled."""
        while not await self.connect():
            pass
        if self.config.telegram.mode == "webhook":
            await asyncio.Event().wait()  # never set: Telegram calls, and ``accept`` answers
        while True:
            await self.poll()

    async def connect(self) -> bool:
        """Learn the bot's name, publish its commands, and set or delete the webhook.

        False when Telegram did not do all of it; the wait before the next try is over then.
        """
        try:
            await self.bot.initialize()
            self.channel.username = self.bot.username
            if self.config.telegram.mode == "webhook":
                await self.bot.set_webhook(
                    self.config.server.public_url.rstrip("/") + WEBHOOK_PATH,
                    secret_token=self.config.telegram.webhook_secret,
                    allowed_updates=UPDATE_KINDS,
                )
            else:
                await self.bot.delete_webhook()
            for lang in LANGUAGES:
                menu = [(name, plain(f"telegram.command_{name}", lang)) for name in COMMANDS]
                # Without a code the menu holds for everybody whose language has none of its own.
                code = None if lang == DEFAULT_LANGUAGE else lang
                await self.bot.set_my_commands(menu, language_code=code)
        except Exception as error:
            await self._wait_out(error)
            return False
        self._failures = 0
        log.info("Telegram: connected as @%s, %s", self.bot.username, self.config.telegram.mode)
        return True

    async def poll(self) -> None:
        """Ask once for updates and handle them; after a failure, wait."""
        try:
            updates = await raw_updates(self.bot, offset=self._offset, wait=POLL_SECONDS)
        except Exception as error:
            await self._wait_out(error)
            return
        if not await self._commit_all(updates):
            await self._sleep(self._next_delay())
            return
        self._failures = 0
        if updates:
            self._offset = 1 + max(u["update_id"] for u in updates)

    async def accept(self, headers: Mapping[str, str], body: bytes) -> int:
        """One webhook call: the HTTP status to answer. Telegram sends again what is not 200."""
        given = next((v for k, v in headers.items() if k.lower() == SECRET_HEADER), "")
        secret = self.config.telegram.webhook_secret
        given_bytes = given.encode(errors="surrogateescape")  # as aiohttp decodes what is not UTF-8
        if not secret or not hmac.compare_digest(given_bytes, secret.encode()):
            return 401
        try:
            update = json.loads(body)
        except (ValueError, RecursionError):
            return 400
        if not isinstance(update, dict):
            return 400
        try:
            await self._handle(update, self.channel.parse(update))
        except Exception:
            log.exception("Telegram update %s not committed", update.get("update_id"))
            return 500
        return 200

    async def _commit_all(self, updates: Sequence[dict[str, Any]]) -> bool:
        """Handle a batch: one chat in order, different chats at once. Whether all is committed."""
        chats: dict[str, list[tuple[dict[str, Any], Incoming | None]]] = {}
        for update in sorted(updates, key=lambda u: u["update_id"]):
            incoming = self.channel.parse(update)
            chats.setdefault(incoming.chat if incoming else "", []).append((update, incoming))
        ends = await asyncio.gather(*(self._in_order(pairs) for pairs in chats.values()))
        stuck = [update_id for _, update_id in ends if update_id is not None]
        if not stuck:
            self._strikes.clear()
        elif any(committed for committed, _ in ends):
            # The database is there, so the fault may lie in the update itself.
            self._strikes.update(stuck)
        return not stuck

    async def _in_order(
        self, pairs: Sequence[tuple[dict[str, Any], Incoming | None]]
    ) -> tuple[int, int | None]:
        """Handle the updates of one chat up to the first that fails.

        How many events were committed, and the id of the update that failed.
        """
        committed = 0
        for update, incoming in pairs:
            update_id: int = update["update_id"]
            if self._strikes[update_id] >= STRIKES:
                log.error("Telegram update %s given up: it fails while others pass", update_id)
                continue
            try:
                await self._handle(update, incoming)
            except Exception:
                log.exception("Telegram update %s not committed; it comes again", update_id)
                return committed, update_id
            committed += incoming is not None
        return committed, None

    async def _handle(self, update: Mapping[str, Any], incoming: Incoming | None) -> None:
        if incoming is not None:
            await self.dispatcher.handle(incoming)
        tapped = callback_id(update)
        if tapped is None:
            return
        try:
            await self.bot.answer_callback_query(tapped)
        except TelegramError as error:
            # Too old by now, or the net is down: the button stops waiting by itself.
            log.debug("Telegram: tap %s not acknowledged: %s", tapped, error.message)

    async def _wait_out(self, error: Exception) -> None:
        """Say what is wrong and what to do about it, and wait."""
        asked = pause(error)
        if isinstance(error, Conflict):
            log.error(IN_USE, error.message, PERSON_NEEDED_DELAY)
            await self._sleep(PERSON_NEEDED_DELAY)
        elif isinstance(error, InvalidToken | EndPointNotFound):
            log.error("%s. Trying again in %.0f s.", BAD_TOKEN, PERSON_NEEDED_DELAY)
            await self._sleep(PERSON_NEEDED_DELAY)
        elif asked is not None:
            await self._sleep(asked.total_seconds())
        else:
            delay = self._next_delay()
            bug = not isinstance(error, TelegramError)
            log.warning("Telegram: %r. Trying again in %.1f s.", error, delay, exc_info=bug)
            await self._sleep(delay)

    def _next_delay(self) -> float:
        """Seconds: doubled by every failure in a row up to a minute, half of it left to chance."""
        self._failures += 1
        longest = min(LONGEST_DELAY, 2.0 ** min(self._failures, 10))
        return longest * (0.5 + self._jitter() / 2)
