"""Updates that Telegram brings itself: taken only with the secret, and only once committed."""

import asyncio
import dataclasses
import json
import logging
from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram.api import UPDATE_KINDS
from core.config import Config
from core.database import Database
from knowledge.engine import Engine
from tests.fakes_telegram import OUTAGE, message, settings, tap
from tests.telegram_line import Line, open_line

QUESTION = "专利年费忘交了，专利还在吗，怎么补救？"
SECRET = {"X-Telegram-Bot-Api-Secret-Token": "s3cret"}


@pytest.fixture
async def line(sqlite_database: Database, config: Config, engine: Engine) -> AsyncIterator[Line]:
    async with open_line(sqlite_database, config, engine) as running:
        yield running


async def call(line: Line, update: object) -> int:
    return await line.receiver.accept(SECRET, json.dumps(update).encode())


async def test_an_update_is_taken_once_its_answer_is_committed(line: Line) -> None:
    update = {"update_id": 5} | message(QUESTION)
    assert await call(line, update) == 200
    assert len(await line.answers("501")) >= 1
    assert await call(line, update) == 200
    assert await line.inbox() == [QUESTION]


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_after_a_failure_telegram_is_asked_to_send_it_again(line: Line, moment: str) -> None:
    getattr(line.dispatcher, moment).append(QUESTION)
    update = {"update_id": 5} | message(QUESTION)
    assert [await call(line, update) for _ in range(2)] == [500, 200]
    assert await line.inbox() == [QUESTION]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Telegram-Bot-Api-Secret-Token": "秘密"},
        {"X-Telegram-Bot-Api-Secret-Token": "\udcff"},
        {"Authorization": "s3cret"},
    ],
    ids=["none", "wrong", "not text", "elsewhere"],
)
async def test_without_the_secret_nothing_is_taken(line: Line, headers: dict[str, str]) -> None:
    body = json.dumps({"update_id": 5} | message(QUESTION)).encode()
    assert await line.receiver.accept(headers, body) == 401
    assert await line.inbox() == []


async def test_a_secret_that_was_never_set_opens_nothing(line: Line) -> None:
    config = line.receiver.config
    telegram = dataclasses.replace(config.telegram, webhook_secret="")
    line.receiver.config = dataclasses.replace(config, telegram=telegram)
    empty = {"X-Telegram-Bot-Api-Secret-Token": ""}
    assert await line.receiver.accept(empty, b"{}") == 401


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"[]", b"7"])
async def test_a_body_that_is_no_update_is_refused(line: Line, body: bytes) -> None:
    assert await line.receiver.accept(SECRET, body) == 400


async def test_an_update_that_is_nothing_for_us_is_taken(line: Line) -> None:
    assert await call(line, {"update_id": 5, "poll": {}}) == 200
    assert await call(line, {}) == 200


async def test_a_tap_stops_waiting(line: Line) -> None:
    assert await call(line, {"update_id": 5} | tap("gone.0")) == 200
    assert len(line.fake.called("answerCallbackQuery")) == 1


async def test_connecting_sets_the_webhook_with_its_secret(line: Line) -> None:
    line.receiver.config = _behind_https(line)
    line.fake.script("setWebhook", OUTAGE)
    assert [await line.receiver.connect() for _ in range(2)] == [False, True]
    assert line.waits == [2.0]
    last = line.fake.called("setWebhook")[-1]
    assert last["url"] == "https://ip.example/hooks/telegram"
    assert last["secret_token"] == "s3cret"
    assert json.loads(last["allowed_updates"]) == list(UPDATE_KINDS)


async def test_running_never_polls_and_lasts_until_it_is_stopped(line: Line) -> None:
    line.receiver.config = _behind_https(line)
    connected = asyncio.Event()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            connected.set()

    log, listener = logging.getLogger("bot.channels.telegram.receive"), Listener()
    log.addHandler(listener)
    log.setLevel(logging.INFO)
    running = asyncio.create_task(line.receiver.run())
    async with asyncio.timeout(30):
        await connected.wait()
    log.removeHandler(listener)
    await asyncio.sleep(0)
    assert not running.done()  # the server stops when one of its tasks ends
    running.cancel()
    assert line.fake.called("getUpdates") == []


def _behind_https(line: Line) -> Config:
    config = settings(line.receiver.config, line.fake, mode="webhook")
    server = dataclasses.replace(config.server, public_url="https://ip.example/")
    return dataclasses.replace(config, server=server)
