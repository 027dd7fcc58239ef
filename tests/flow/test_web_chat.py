"""The web chat over real sockets: acknowledged after the commit, nothing lost or twice."""

import asyncio
from datetime import timedelta

from aiohttp import WSCloseCode, WSMsgType
from sqlalchemy import select

from bot.channels.web.hub import CROWDED, RESTART
from bot.model import Conversation, Inbox
from core.config import Config
from core.database import Database
from core.outbox import OutboxRow
from directory.model import Center
from knowledge.engine import Engine
from ledger.model import ServiceCount
from tests.fakes_web import WebPage, WebStation, how_many, populated, web_station

QUESTION = "专利年费忘交了，专利还在吗，怎么补救？"


async def test_a_question_is_answered_with_its_sources_in_small_print(page: WebPage) -> None:
    await page.start("c_north")
    await page.messages(1)
    await page.say(QUESTION)
    answer = (await page.messages(1))[0]
    assert '<p class="sources">依据：' in answer["html"]
    assert "《专利法" in answer["html"]
    assert any(b["label"] == "转人工" for line in answer["buttons"] for b in line)


async def test_the_link_of_a_center_is_remembered_and_counted(
    served: WebStation, page: WebPage
) -> None:
    await page.start("c_north")
    greeting = (await page.messages(1))[0]
    assert "示例北园分中心" in greeting["html"]
    await page.say(QUESTION)
    await page.messages(1)
    async with served.station.database.reading() as session:
        count = (await session.scalars(select(ServiceCount))).one()
        center = await session.get_one(Center, count.center_id)
    assert (count.code, center.code, count.channel) == ("Z02", "north", "web")
    await page.drop()
    assert await page.connect() == {"type": "ready", "begun": True, "center": "north"}


async def test_acknowledged_only_after_the_commit(served: WebStation, page: WebPage) -> None:
    served.dispatcher.open.clear()
    key = await page.say(QUESTION)
    asyncio.get_running_loop().call_soon(served.dispatcher.open.set)
    frame = await page.next()
    assert (frame["type"], frame["id"]) == ("ack", key)
    assert served.dispatcher.committed == [key]
    assert await how_many(served, Inbox) == 1


async def test_the_same_id_twice_is_answered_once(served: WebStation, page: WebPage) -> None:
    key = await page.say("帮助")
    await page.until("ack", key)
    await page.messages(1)
    await page.say("帮助", id=key)
    await page.until("ack", key)
    assert (await how_many(served, Inbox), await how_many(served, OutboxRow)) == (1, 1)
    assert await page.quiet() == []


async def test_an_id_belongs_to_one_visitor(served: WebStation, page: WebPage) -> None:
    key = await page.say("帮助")
    await page.messages(1)
    async with served.page() as other:
        await other.connect()
        await other.say("帮助", id=key)
        assert len(await other.messages(1)) == 1


async def test_dropped_between_commit_and_sending_nothing_is_lost_or_repeated(
    served: WebStation, page: WebPage
) -> None:
    await page.say("你好")
    await page.messages(1)

    async def cut() -> None:
        served.dispatcher.after.clear()
        transport = page.socket._response.connection.transport
        transport.abort()

    served.dispatcher.after.append(cut)
    key = await page.say("帮助")
    closed = await page.socket.receive()
    assert closed.type in (WSMsgType.CLOSED, WSMsgType.ERROR, WSMsgType.CLOSE)
    await served.tell(page.chat)
    await served.tell(page.chat, pump=False)
    seen = page.last
    await page.connect()
    await page.say("帮助", id=key)
    await page.until("ack", key)
    assert await page.quiet() == []
    after = [frame["seq"] for frame in page.screen if frame["seq"] > seen]
    assert len(after) == 3
    everything = [frame["seq"] for frame in page.screen]
    assert everything == sorted(set(everything))


async def test_a_page_that_says_what_it_shows_gets_the_rest_even_out_of_order(
    served: WebStation, page: WebPage
) -> None:
    for _ in range(3):
        await served.tell(page.chat)
    first, second, third = [f["seq"] for f in await page.messages(3)]
    await page.drop()
    page.screen.clear()
    await page.connect(last=third, shown=[first, third], own=[])
    assert [f["seq"] for f in page.screen] == [second]


async def test_an_answer_waits_for_nobody(
    sqlite_database: Database, config: Config, engine: Engine
) -> None:
    # Neither the pump nor the watch runs: the socket itself looks after the commit.
    idle = populated(sqlite_database, config, engine, watch_seconds=3600)
    async with idle as served, served.page() as page:
        await page.connect()
        await page.say("帮助")
        assert "我能做这些" in (await page.messages(1))[0]["html"]


async def test_a_row_that_another_replica_sent_arrives_by_itself(
    served: WebStation, page: WebPage
) -> None:
    await served.tell(page.chat, pump=False)
    assert len(await page.messages(1)) == 1


async def test_a_row_with_a_lower_id_that_was_committed_later_still_arrives(
    served: WebStation, page: WebPage
) -> None:
    await served.tell(page.chat)
    template = (await page.messages(1))[0]["seq"]
    for seq in (template + 2, template + 1):
        async with served.station.database.transaction() as session:
            row = await session.get_one(OutboxRow, template)
            values = {c.name: getattr(row, c.name) for c in OutboxRow.__table__.columns}
            session.add(OutboxRow(**(values | {"id": seq})))
        served.channel.hub.wake(page.chat)
        assert (await page.messages(1))[0]["seq"] == seq
    assert await page.quiet() == []


async def test_a_reload_shows_the_last_day_in_order_with_the_persons_own_lines(
    served: WebStation, page: WebPage
) -> None:
    await served.tell(page.chat, ago=timedelta(hours=25))
    await page.start()
    greeting = (await page.messages(2))[1]
    button = greeting["buttons"][0][0]
    await page.tap(button["menu"], button["index"])
    await page.messages(1)
    await page.say("帮助")
    await page.messages(1)
    await page.drop()
    page.frames.clear()
    await page.connect(last=0)
    kinds = [frame["type"] for frame in page.frames]
    assert kinds == ["message", "own", "message", "own", "message", "ready"]
    own = [frame["text"] for frame in page.frames if frame["type"] == "own"]
    assert own == [button["label"], "帮助"]


async def test_an_answer_of_last_week_is_not_missed_by_who_was_away(
    served: WebStation, page: WebPage
) -> None:
    await served.tell(page.chat)
    seen = (await page.messages(1))[0]["seq"]
    await page.drop()
    await served.tell(page.chat, ago=timedelta(days=-1))
    served.station.clock.move(days=8)
    page.screen.clear()
    await page.connect(last=seen, shown=[], own=[])
    assert [frame["seq"] for frame in page.screen] == [seen + 1]


async def test_two_windows_of_one_visitor_show_the_same(served: WebStation, page: WebPage) -> None:
    async with served.page(**{c.key: c.value for c in page.browser.cookie_jar}) as second:
        await second.connect()
        key = await page.say("帮助")
        assert (await second.until("own"))["id"] == key
        assert len(await second.messages(1)) == 1
        assert second.chat == page.chat


async def test_messages_of_one_socket_are_handled_in_order(
    served: WebStation, page: WebPage
) -> None:
    sent = [await page.say("帮助") for _ in range(6)]
    acknowledged = []
    while len(acknowledged) < 6:
        acknowledged.append((await page.until("ack"))["id"])
    assert acknowledged == sent == served.dispatcher.committed


async def test_a_stale_button_and_one_of_another_chat_are_refused_in_words(
    served: WebStation, page: WebPage
) -> None:
    await page.start()
    button = (await page.messages(1))[0]["buttons"][0][0]
    async with served.page() as stranger:
        await stranger.connect()
        for menu, index in ((button["menu"], button["index"]), ("AbCdEfGh", 0)):
            await stranger.tap(menu, index)
            assert "这个按钮已经过期" in (await stranger.messages(1))[0]["html"]
        await stranger.drop()
        stranger.frames.clear()
        await stranger.connect(last=0)
        # What it said on a foreign button stays with the chat it belongs to.
        assert [f for f in stranger.frames if f["type"] == "own"] == []


async def test_the_oldest_window_gives_way_when_there_are_too_many(strict: WebStation) -> None:
    async with strict.page() as first:
        await first.connect()
        cookies = {c.key: c.value for c in first.browser.cookie_jar}
        async with strict.page(**cookies) as second, strict.page(**cookies) as third:
            await second.connect()
            await asyncio.gather(third.connect(), first.socket.receive())
            assert first.socket.close_code == CROWDED
            assert strict.channel.hub.connections == 2


async def test_a_failure_of_the_database_is_not_acknowledged(
    served: WebStation, page: WebPage
) -> None:
    async def fail() -> None:
        served.dispatcher.after.clear()
        raise OSError("disk full")

    served.dispatcher.after.append(fail)
    key = await page.say("帮助")
    while (received := await page.socket.receive()).type is WSMsgType.TEXT:
        assert received.json()["type"] != "ack"
    assert received.data == WSCloseCode.INTERNAL_ERROR
    await page.connect()
    await page.say("帮助", id=key)
    await page.until("ack", key)
    assert await how_many(served, Inbox) == 1


async def test_stopping_asks_the_pages_to_come_back(
    sqlite_database: Database, config: Config, engine: Engine
) -> None:
    async with web_station(sqlite_database, config, engine) as served, served.page() as page:
        await page.connect()
        closing = asyncio.create_task(served.server.close())
        assert (await page.socket.receive()).data == RESTART
        await closing


async def test_two_replicas_share_one_chat(
    database: Database, config: Config, engine: Engine
) -> None:
    async with (
        populated(database, config, engine) as here,
        web_station(database, config, engine) as there,
        here.page() as page,
    ):
        await page.connect()
        async with there.page(**{c.key: c.value for c in page.browser.cookie_jar}) as second:
            await second.connect()
            await page.start("c_south")
            await page.messages(1)
            assert "示例南园分中心" in (await second.messages(1))[0]["html"]
            keys = [await second.say("帮助") for _ in range(3)]
            seen = {(await page.messages(1))[0]["seq"] for _ in keys}
            assert len(seen) == 3
    async with database.reading() as session:
        conversation = (await session.scalars(select(Conversation))).one()
        assert conversation.center_id == here.ids["south"]
