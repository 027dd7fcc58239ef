"""Outbox rows to Telegram over real HTTP: shown right, sent once, retried, parked."""

import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.telegram.adapter import TelegramChannel
from bot.channels.telegram.api import open_bot
from bot.pump import Pump
from bot.station import retry_policy
from core import outbox
from core.config import Config
from core.database import Database
from core.messages import Address, Attachment, Button, Message
from core.outbox import OutboxRow
from tests.fakes import FakeClock
from tests.fakes_telegram import (
    BAD_MARKUP,
    BLOCKED,
    DROPPED,
    DROPPED_AFTER,
    NO_CHAT,
    OUTAGE,
    TOKEN,
    TOO_MANY,
    FakeTelegram,
    Fault,
    fake_telegram,
    settings,
)

MENU = (
    (Button("甲", "center.set:1", literal=True), Button("乙", "center.set:2", literal=True)),
    (Button("丙", "center.set:3", literal=True),),
)
FILE = Attachment("预约.ics", "text/calendar", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
SENTENCE = "按《专利法》的规定，年费可以在六个月内补缴，同时缴纳滞纳金。"


@dataclass
class Desk:
    """The pump with a Telegram channel, and what it takes to look at the outbox."""

    fake: FakeTelegram
    database: Database
    config: Config
    clock: FakeClock
    pump: Pump

    async def put(self, key: str, *, to: str = "501", **fields: Any) -> None:
        """Queue a message and try to send what is due."""
        message = Message(key, fields.pop("params", {}), **fields)
        async with self.database.transaction() as session:
            outbox.put(session, Address("telegram", to), message, now=self.clock())
        await self.pump.drain("telegram")

    async def later(self, **delta: float) -> None:
        """Let time pass and send what is due then."""
        self.clock.move(**delta)
        await self.pump.drain("telegram")

    async def row(self) -> OutboxRow:
        """The newest row."""
        async with self.database.reading() as session:
            return (
                await session.scalars(select(OutboxRow).order_by(OutboxRow.id.desc()).limit(1))
            ).one()

    def texts(self) -> list[str]:
        return self.fake.texts("501")


@pytest.fixture
async def fake() -> AsyncIterator[FakeTelegram]:
    async with fake_telegram() as running:
        yield running


@pytest.fixture
async def desk(
    fake: FakeTelegram, sqlite_database: Database, config: Config
) -> AsyncIterator[Desk]:
    config, clock = settings(config, fake), FakeClock()
    async with open_bot(config.telegram) as bot:
        channel = TelegramChannel(bot, config.outbox, clock)
        pump = Pump(sqlite_database, {"telegram": channel}, retry_policy(config), clock)
        yield Desk(fake, sqlite_database, config, clock, pump)


async def test_bold_and_the_special_characters_of_people_are_shown_as_meant(desk: Desk) -> None:
    await desk.put("start.hello_center", params={"center": "**<b>甲 & 乙</b>** _x_"})
    (sent,) = desk.fake.sent
    assert "知产小站 · **<b>甲 & 乙</b>** _x_" in sent.text
    assert "尚未申请专利的技术内容" in sent.bold
    assert "解答专利" not in sent.bold


async def test_buttons_are_counted_over_all_lines_as_the_outbox_counts_them(desk: Desk) -> None:
    await desk.put("center.which", buttons=MENU)
    (sent,) = desk.fake.sent
    assert [[b["text"] for b in line] for line in sent.buttons] == [["甲", "乙"], ["丙"]]
    async with desk.database.reading() as session:
        for label, action in (("甲", "center.set:1"), ("丙", "center.set:3")):
            menu, _, index = sent.data(label).rpartition(".")
            to = Address("telegram", "501")
            assert await outbox.action_of(session, to, menu, int(index)) == action


async def test_a_file_carries_words_and_buttons(desk: Desk) -> None:
    await desk.put("bot.cancelled", buttons=MENU, file=FILE)
    (sent,) = desk.fake.sent
    assert sent.method == "sendDocument"
    assert sent.file == ("预约.ics", "text/calendar", FILE.content)
    assert sent.text.startswith("已取消")
    assert sent.data("丙")


async def test_words_too_long_for_a_caption_go_before_the_file(desk: Desk) -> None:
    await desk.put("start.hello_center", params={"center": "长" * 1100}, buttons=MENU, file=FILE)
    words, file = desk.fake.sent
    assert (words.method, file.method) == ("sendMessage", "sendDocument")
    assert not words.buttons
    assert file.text == ""
    assert file.buttons


async def test_flood_control_is_obeyed_and_the_message_sent_once(desk: Desk) -> None:
    desk.fake.script("sendMessage", TOO_MANY)
    await desk.put("bot.cancelled")
    await desk.later(seconds=6)
    assert len(desk.fake.called("sendMessage")) == 1
    await desk.later(seconds=1)
    await desk.later(hours=1)
    assert len(desk.texts()) == 1
    assert (await desk.row()).state == "sent"


@pytest.mark.parametrize("refusal", [BLOCKED, NO_CHAT], ids=lambda fault: fault.description)
async def test_a_refusal_for_good_parks_the_row_with_its_reason(desk: Desk, refusal: Fault) -> None:
    desk.fake.script("sendMessage", refusal)
    await desk.put("bot.cancelled")
    row = await desk.row()
    assert row.state == "parked"
    assert row.error is not None
    assert refusal.description.split(": ")[1] in row.error.lower()
    await desk.later(days=1)
    assert len(desk.fake.called("sendMessage")) == 1


@pytest.mark.parametrize("fault", [OUTAGE, DROPPED, DROPPED_AFTER])
async def test_what_may_pass_is_tried_again(desk: Desk, fault: Fault) -> None:
    desk.fake.script("sendMessage", fault)
    await desk.put("bot.cancelled")
    assert (await desk.row()).state == "waiting"
    await desk.later(seconds=2)
    assert (await desk.row()).state == "sent"
    # When only the answer was lost nobody can know, and silence would be worse than a repeat.
    assert len(desk.texts()) == (2 if fault.applied else 1)


async def test_a_refused_token_parks_the_row_and_names_the_remedy(
    fake: FakeTelegram, sqlite_database: Database, config: Config
) -> None:
    config, clock = settings(config, fake, token="4200000001:wrong"), FakeClock()
    bot = open_bot(config.telegram)
    channel = TelegramChannel(bot, config.outbox, clock)
    pump = Pump(sqlite_database, {"telegram": channel}, retry_policy(config), clock)
    desk = Desk(fake, sqlite_database, config, clock, pump)
    await desk.put("bot.cancelled")
    row = await desk.row()
    assert row.state == "parked"
    assert row.error is not None
    assert "IPSTATION_TELEGRAM_TOKEN" in row.error
    assert "wrong" not in row.error
    await bot.request.shutdown()


async def test_a_long_answer_is_split_and_a_retry_goes_on_after_what_arrived(desk: Desk) -> None:
    words = "".join(f"{n}、{SENTENCE}" for n in range(1, 301))
    desk.fake.script("sendMessage", None, OUTAGE)
    await desk.put("start.hello_center", params={"center": words}, buttons=MENU)
    assert len(desk.texts()) == 1
    assert (await desk.row()).progress == 1
    await desk.later(seconds=2)
    assert "".join(desk.texts()).count(SENTENCE) == 300
    assert all(text.endswith("。") for text in desk.texts()[:-1])
    assert [bool(sent.buttons) for sent in desk.fake.sent] == [False, False, True]
    assert (await desk.row()).state == "sent"


async def test_markup_that_telegram_cannot_read_goes_out_plain(desk: Desk) -> None:
    desk.fake.script("sendMessage", BAD_MARKUP)
    await desk.put("start.hello", buttons=MENU)
    (sent,) = desk.fake.sent
    assert "parse_mode" not in sent.params
    assert "**" not in sent.text
    assert "<b>" not in sent.text
    assert sent.buttons


async def test_a_group_that_became_a_supergroup_is_found_under_its_new_number(desk: Desk) -> None:
    moved = {"migrate_to_chat_id": -1009000000077}
    upgraded = "Bad Request: group chat was upgraded to a supergroup chat"
    desk.fake.script("sendMessage", Fault(400, upgraded, moved))
    await desk.put("bot.cancelled", to="-4000000001")
    assert [sent.chat for sent in desk.fake.sent] == ["-1009000000077"]


async def test_a_topic_of_a_forum_is_answered_in_that_topic(desk: Desk) -> None:
    await desk.put("bot.cancelled", to="-1009000000001:45")
    (sent,) = desk.fake.sent
    assert (sent.chat, sent.params["message_thread_id"]) == ("-1009000000001", "45")


async def test_links_in_an_answer_bring_no_preview(desk: Desk) -> None:
    await desk.put("bot.cancelled")
    assert '"is_disabled": true' in desk.fake.sent[0].params["link_preview_options"]


async def test_an_address_that_is_none_is_parked(desk: Desk) -> None:
    await desk.put("bot.cancelled", to="zhang")
    assert (await desk.row()).state == "parked"
    assert desk.fake.called("sendMessage") == []


async def test_the_token_never_reaches_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    desk.fake.script("sendMessage", OUTAGE, DROPPED)
    await desk.put("bot.cancelled")
    await desk.later(seconds=2)
    assert "Bad Gateway" in caplog.text
    assert TOKEN not in caplog.text
