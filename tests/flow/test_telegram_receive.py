"""Updates from Telegram over real HTTP: answered once, in order, confirmed after the commit."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from bot.channels.telegram.api import open_bot
from bot.channels.telegram.incoming import COMMANDS
from bot.channels.telegram.receive import STRIKES, Receiver
from bot.messages import Incoming
from core.config import Config
from core.database import Database
from core.texts import plain
from knowledge.engine import Engine
from tests.fakes_telegram import (
    BOT,
    DROPPED,
    DROPPED_AFTER,
    OTHER_POLLER,
    OUTAGE,
    TOO_MANY,
    group,
    message,
    settings,
    tap,
    written,
)
from tests.telegram_line import Line, open_line

QUESTION = "专利年费忘交了，专利还在吗，怎么补救？"


@pytest.fixture
async def line(sqlite_database: Database, config: Config, engine: Engine) -> AsyncIterator[Line]:
    async with open_line(sqlite_database, config, engine) as running:
        yield running


async def test_a_question_is_answered_and_its_button_leads_on(line: Line) -> None:
    await line.arrive(message(QUESTION))
    answer = line.fake.sent[0]
    assert "滞纳金" in answer.text
    await line.arrive(tap(answer.data(plain("ask.button_useful"))))
    assert line.fake.texts("501")[-1] == plain("ask.rated")
    assert line.fake.called("answerCallbackQuery") == [{"callback_query_id": "9001"}]


async def test_the_same_update_twice_gets_one_answer(line: Line) -> None:
    update = message(QUESTION)
    line.fake.push(update, update_id=7)
    line.fake.push(update, update_id=7)
    await line.arrive()
    told = len(line.fake.sent)
    assert told >= 1
    line.receiver = line.restart()
    line.fake.push(update, update_id=7)
    await line.arrive()
    assert len(line.fake.sent) == told
    assert await line.inbox() == [QUESTION]


async def test_updates_out_of_order_are_handled_in_the_order_they_were_made(line: Line) -> None:
    for update_id, text in ((12, "丙"), (10, "甲"), (11, "乙")):
        line.fake.push(message(text, message_id=update_id), update_id=update_id)
    await line.arrive()
    assert await line.inbox() == ["甲", "乙", "丙"]
    await line.arrive()
    assert line.offsets() == [None, 13]


async def test_an_edited_question_is_answered_anew(line: Line) -> None:
    await line.arrive(message("专利年费多少钱一年"))
    await line.arrive({"edited_message": written(QUESTION, edit_date=1795399260)})
    assert await line.inbox() == ["专利年费多少钱一年", QUESTION]


async def test_a_group_is_answered_only_when_it_speaks_to_the_bot(line: Line) -> None:
    ours = {"message_id": 3, "from": BOT, "chat": group(), "date": 1, "text": "…"}
    await line.arrive(
        message(QUESTION, chat=group(), message_id=1),
        message("/help@OtherBot", chat=group(), message_id=2),
    )
    assert line.fake.sent == []
    await line.arrive(message(f"@IpStationBot {QUESTION}", chat=group(), message_id=4))
    await line.arrive(message("/help", chat=group(), message_id=5))
    await line.arrive(message("你好", chat=group(), message_id=6, reply_to_message=ours))
    assert await line.inbox() == [QUESTION, "/help", "你好"]
    assert {sent.chat for sent in line.fake.sent} == {"-1009000000001"}


@pytest.mark.parametrize(
    "media",
    [
        {"sticker": {"file_id": "s", "emoji": "👍"}},
        {"photo": [{"file_id": "p"}], "forward_origin": {"type": "hidden_user", "date": 1}},
    ],
    ids=["sticker", "forwarded photo"],
)
async def test_media_gets_a_clear_answer(line: Line, media: dict[str, Any]) -> None:
    await line.arrive(message(**media))
    assert line.fake.texts("501") == [plain("bot.media", kind="")]


async def test_the_question_beneath_a_picture_is_answered(line: Line) -> None:
    await line.arrive(message(photo=[{"file_id": "p"}], caption=QUESTION))
    unread, answer, *_ = line.fake.texts("501")
    assert unread == plain("bot.media", kind="")
    assert "滞纳金" in answer


async def test_an_album_gets_one_answer(line: Line) -> None:
    pictures = [
        message(message_id=n, photo=[{"file_id": f"p{n}"}], media_group_id="139") for n in (1, 2, 3)
    ]
    await line.arrive(*pictures)
    assert len(line.fake.texts("501")) == 1


async def test_a_button_of_another_chat_does_nothing_and_stops_waiting(line: Line) -> None:
    await line.arrive(message(QUESTION, user=501))
    foreign = line.fake.sent[0].data(plain("ask.button_useful"))
    await line.arrive(tap(foreign, user=502), tap("gone.0", user=502, query="9002"))
    assert line.fake.texts("502") == [plain("bot.stale_button")] * 2
    answered = line.fake.called("answerCallbackQuery")
    assert [params["callback_query_id"] for params in answered] == ["9001", "9002"]


async def test_a_tap_too_old_to_be_acknowledged_is_handled_all_the_same(line: Line) -> None:
    line.fake.script("answerCallbackQuery", OUTAGE)
    await line.arrive(tap("gone.0"))
    await line.arrive()
    assert len(line.fake.texts("501")) == 1
    assert line.offsets() == [None, 1002]


@pytest.mark.parametrize("moment", ["before", "after"])
async def test_an_update_is_confirmed_only_after_its_commit(line: Line, moment: str) -> None:
    getattr(line.dispatcher, moment).append(QUESTION)
    await line.arrive(message(QUESTION))
    line.receiver = line.restart()
    await line.arrive()
    await line.arrive()
    assert line.offsets() == [None, None, 1002]
    assert await line.inbox() == [QUESTION]
    assert len([text for text in line.fake.texts("501") if "滞纳金" in text]) == 1


async def test_a_failure_holds_up_its_own_chat_only(line: Line) -> None:
    line.dispatcher.before.append("甲")
    await line.arrive(
        message("甲", user=501, message_id=1),
        message("乙", user=502, message_id=2),
        message("丙", user=501, message_id=3),
    )
    assert await line.inbox() == ["乙"]
    assert line.waits == [2.0]
    await line.arrive()
    assert await line.inbox() == ["乙", "甲", "丙"]


async def test_an_update_that_always_fails_is_given_up_when_others_pass(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.dispatcher.before = ["毒"] * 100
    poison = line.fake.push(message("毒", user=501))
    for _ in range(STRIKES + 2):
        await line.arrive()
    assert line.offsets()[-1] is None  # alone, it may be the database that is away
    await line.arrive(message("好", user=502))
    for _ in range(STRIKES):
        await line.arrive()
    await line.arrive()
    assert line.offsets()[-1] == poison["update_id"] + 2
    assert f"{poison['update_id']} given up" in caplog.text


async def test_nothing_is_given_up_while_the_database_is_away(line: Line) -> None:
    line.dispatcher.before = ["甲"] * 2 * STRIKES
    await line.arrive(message("甲"), message(new_chat_members=[]))
    for _ in range(2 * STRIKES):
        await line.arrive()
    assert await line.inbox() == ["甲"]


async def test_different_chats_are_handled_at_the_same_time(line: Line) -> None:
    both_here = asyncio.Barrier(2)

    class Meeting:
        async def handle(self, incoming: Incoming) -> object:
            async with asyncio.timeout(5):
                return await both_here.wait()

    line.receiver.dispatcher = Meeting()
    await line.arrive(message("甲", user=501), message("乙", user=502))
    await line.arrive()
    assert line.offsets() == [None, 1003]


async def test_a_second_poller_is_reported_with_the_remedy_and_waited_out(
    line: Line, caplog: pytest.LogCaptureFixture
) -> None:
    line.fake.script("getUpdates", OTHER_POLLER)
    await line.arrive(message(QUESTION))
    assert "another program receives with this bot token" in caplog.text
    assert line.waits == [30.0]
    await line.arrive()
    assert line.fake.sent


async def test_a_broken_net_is_tried_again_at_growing_distance(line: Line) -> None:
    line.fake.script("getUpdates", *[DROPPED, OUTAGE] * 4, DROPPED_AFTER)
    for _ in range(9):
        await line.arrive()
    assert line.waits == [2, 4, 8, 16, 32, 60, 60, 60, 60]
    await line.arrive(message(QUESTION))
    assert line.fake.sent
    line.fake.script("getUpdates", DROPPED, TOO_MANY)
    await line.arrive()
    await line.arrive()
    assert line.waits[9:] == [2, 7]


async def test_chance_takes_up_to_half_of_a_delay(line: Line) -> None:
    line.receiver = line.restart(chance=0.0)
    line.fake.script("getUpdates", DROPPED)
    await line.arrive()
    assert line.waits == [1.0]


async def test_an_update_that_the_library_cannot_read_does_not_hold_up_the_rest(line: Line) -> None:
    await line.arrive({"message": {"date": "x", "chat": []}}, message(QUESTION))
    assert await line.inbox() == [QUESTION]


async def test_connecting_to_poll_takes_back_a_webhook_and_shows_the_commands(line: Line) -> None:
    line.fake.webhook = "https://old.example/hook"
    line.receiver.channel.username = ""
    assert await line.receiver.connect()
    assert line.fake.webhook == ""
    assert line.receiver.channel.username == "IpStationBot"
    calls = line.fake.called("setMyCommands")
    menus = {call.get("language_code"): json.loads(call["commands"]) for call in calls}
    assert [c["command"] for c in menus[None]] == list(COMMANDS)
    assert "预约" in menus[None][2]["description"]
    assert "Book" in menus["en"][2]["description"]


async def test_running_connects_and_polls_until_it_is_stopped(line: Line) -> None:
    handled = asyncio.Event()

    class Watched:
        async def handle(self, incoming: Incoming) -> object:
            handled.set()
            return None

    line.receiver.dispatcher = Watched()
    line.fake.script("deleteWebhook", OUTAGE)
    line.fake.push(message(QUESTION))
    running = asyncio.create_task(line.receiver.run())
    async with asyncio.timeout(30):
        await handled.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_connecting_goes_on_when_the_net_is_back(line: Line) -> None:
    line.fake.script("deleteWebhook", DROPPED)
    assert not await line.receiver.connect()
    assert line.waits == [2.0]
    assert await line.receiver.connect()


async def test_a_refused_token_is_reported_with_the_remedy_but_not_shown(
    line: Line, config: Config, caplog: pytest.LogCaptureFixture
) -> None:
    wrong = settings(config, line.fake, token="4200000001:wrong")
    bot = open_bot(wrong.telegram)
    receiver = Receiver(
        bot, line.receiver.channel, line.dispatcher, wrong, sleep=line.receiver._sleep
    )
    assert not await receiver.connect()
    assert "IPSTATION_TELEGRAM_TOKEN" in caplog.text
    assert "wrong" not in caplog.text
    assert line.waits == [30.0]
    await bot.shutdown()
