"""What a page may send: long, strange, too much; refused in words, and the socket lives on."""

from uuid import uuid4

import pytest
from aiohttp import WSCloseCode, WSServerHandshakeError

from bot.model import Inbox
from tests.fakes_web import WebPage, WebStation, how_many, words

QUESTION = "专利年费忘交了，专利还在吗，怎么补救？"


async def test_ten_thousand_characters_are_answered(page: WebPage) -> None:
    await page.say("专利年费忘交怎么补救" * 1000)
    assert "只看了前 2000 个字" in (await page.messages(1))[0]["html"]


async def test_html_and_invisible_characters_come_back_as_text(page: WebPage) -> None:
    await page.start("c_north")
    await page.say("<img src=x onerror=alert(1)>\u202e\x00\ud800'; DROP TABLE inbox;--")
    await page.messages(2)
    await page.drop()
    page.frames.clear()
    await page.connect(last=0)
    own = next(frame for frame in page.frames if frame["type"] == "own")
    assert own["text"] == "<img src=x onerror=alert(1)>'; DROP TABLE inbox;--"
    assert "<img" not in words([f for f in page.frames if f["type"] == "message"])


@pytest.mark.parametrize(
    "frame",
    [
        {},
        {"type": "dance"},
        {"type": "say", "text": "没有编号"},
        {"type": "say", "id": "not-a-uuid", "text": "x"},
        {"type": "say", "id": str(uuid4()), "text": 7},
        {"type": "tap", "id": str(uuid4()), "menu": "a b", "index": 0},
        {"type": "tap", "id": str(uuid4()), "menu": "abc", "index": True},
        {"type": "tap", "id": str(uuid4()), "menu": "abc", "index": -1},
    ],
)
async def test_a_frame_that_makes_no_sense_is_refused_in_words(
    served: WebStation, page: WebPage, frame: dict
) -> None:
    await page.send(**frame)
    refused = await page.until("error")
    assert refused["reason"] == "bad_frame"
    assert "刷新页面" in refused["text"]
    assert await how_many(served, Inbox) == 0


@pytest.mark.parametrize("junk", ["", "[]", "null", "{", "[" * 60_000, '"x"'])
async def test_junk_is_refused_and_the_socket_lives_on(page: WebPage, junk: str) -> None:
    await page.socket.send_str(junk)
    assert (await page.until("error"))["reason"] == "bad_frame"
    await page.say("帮助")
    await page.messages(1)


async def test_nonsense_in_hello_is_taken_as_nothing_seen(page: WebPage) -> None:
    await page.drop()
    ready = await page.connect(last="x", shown=[None, -1, 2**70], own="y")
    assert ready["begun"] is False


async def test_a_page_of_another_site_is_not_let_in(served: WebStation) -> None:
    async with served.page() as page:
        with pytest.raises(WSServerHandshakeError) as refused:
            await page.connect(origin="https://evil.example")
    assert refused.value.status == 403


async def test_a_forged_cookie_makes_a_new_visitor(served: WebStation, page: WebPage) -> None:
    forged = f"{page.chat}.{'0' * 40}"
    async with served.page(ipstation_visitor=forged) as thief:
        await thief.connect()
        assert thief.chat != page.chat


async def test_a_frame_that_is_too_large_closes_the_socket(
    served: WebStation, page: WebPage
) -> None:
    await page.say("x" * 70_000)
    closed = await page.socket.receive()
    assert closed.data == WSCloseCode.MESSAGE_TOO_BIG
    assert await how_many(served, Inbox) == 0


async def test_too_many_messages_at_once_are_refused_in_words(strict: WebStation) -> None:
    async with strict.page() as page:
        await page.connect()  # takes one of four
        for _ in range(3):
            await page.until("ack", await page.say("帮助"))
        key = await page.say("帮助")
        refused = await page.until("error", key)
        assert refused["reason"] == "too_fast"
        assert "太快" in refused["text"]
        assert await how_many(strict, Inbox) == 3
        # Somebody else behind the same address is not held up.
        async with strict.page() as neighbour:
            await neighbour.connect()
            await neighbour.say("帮助")
            await neighbour.messages(1)
