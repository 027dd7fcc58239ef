"""What every channel must do alike, whatever its payloads look like."""

import json
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from bot.channels.port import Channel
from bot.channels.telegram.adapter import TelegramChannel
from bot.channels.telegram.api import open_bot
from bot.channels.terminal.adapter import TerminalChannel
from bot.channels.web.adapter import WebChannel
from core.config import Config
from core.errors import DeliveryError
from core.outbox import OutboxRow
from tests.fakes import MONDAY, FakeClock
from tests.fakes_telegram import BLOCKED, fake_telegram, settings

PAYLOADS = Path(__file__).parents[1] / "payloads"
QUESTION = "专利年费忘交了怎么办"
GARBAGE: tuple[dict[str, Any], ...] = (
    {},
    {"id": None, "line": None, "at": None},
    {"update_id": "x", "message": []},
    {"update_id": 1, "message": {"chat": None, "from": 7, "text": {}}},
    {"update_id": 1, "callback_query": {"id": 1, "data": None}},
    {"type": "say", "text": ["?"]},
    {"\x00": "\ud800"},
)


@dataclass
class Case:
    """One channel: its payload for each thing a person does, and how to look at what it shows.

    refuse: makes the next send fail for good, where anything can.
    """

    channel: Channel
    chat: str
    payloads: dict[str, dict[str, Any]]
    shown: Callable[[], str]
    refuse: Callable[[], None] = lambda: None


def _terminal() -> Case:
    screen: list[str] = []
    typed = {"question": QUESTION, "start": "/start", "link": "/start c_north"}
    return Case(
        TerminalChannel(screen.append),
        "zhang",
        {
            name: {"id": f"t-{name}", "user": "zhang", "line": line, "at": MONDAY}
            for name, line in typed.items()
        },
        lambda: "\n".join(screen),
    )


def _web() -> Case:
    frames = {
        "question": {"type": "say", "text": QUESTION},
        "start": {"type": "say", "text": "/start"},
        "link": {"type": "start", "param": "c_north"},
    }
    return Case(
        WebChannel(),
        "visitor",
        {
            name: frame | {"id": str(uuid4()), "visitor": "visitor", "at": MONDAY}
            for name, frame in frames.items()
        },
        lambda: "",
    )


@pytest.fixture(params=["terminal", "telegram", "web"])
async def case(request: pytest.FixtureRequest, config: Config) -> AsyncIterator[Case]:
    if request.param != "telegram":
        yield _terminal() if request.param == "terminal" else _web()
        return
    async with fake_telegram() as fake:
        config = settings(config, fake)
        async with open_bot(config.telegram) as bot:
            files = {"question": "text", "start": "start_plain", "link": "start"}
            yield Case(
                TelegramChannel(bot, config.outbox, FakeClock()),
                "501",
                {name: _captured(request.param, file) for name, file in files.items()},
                lambda: "\n".join(f"{s.text}\n{s.buttons}\n{s.file}" for s in fake.sent),
                lambda: fake.script("sendMessage", BLOCKED),
            )


def _captured(channel: str, name: str) -> dict[str, Any]:
    path = PAYLOADS / channel / f"{name}.json"
    update: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["update"]
    return update


def row(case: Case, text: str, **payload: Any) -> OutboxRow:
    return OutboxRow(
        id=1,
        channel=case.channel.name,
        chat=case.chat,
        menu="Ab3dE_-9" if "buttons" in payload else None,
        payload={"text": text, "buttons": [], "file": None} | payload,
        created_at=MONDAY,
    )


@pytest.mark.parametrize(
    ("name", "text", "start"),
    [("question", QUESTION, None), ("start", "/start", None), ("link", None, "c_north")],
)
async def test_the_same_deed_gives_the_same_event(
    case: Case, name: str, text: str | None, start: str | None
) -> None:
    found = case.channel.parse(case.payloads[name])
    assert found is not None
    assert found.channel == case.channel.name
    assert (found.chat, found.user) == (case.chat, case.chat)
    assert found.sent_at == MONDAY
    assert found.start == start
    if text is not None:
        assert found.text == text
    assert (found.button, found.file, found.group, found.edited) == (None, None, False, False)


async def test_every_event_has_an_id_of_its_own_that_a_repeat_shares(case: Case) -> None:
    first, again = ([case.channel.parse(p) for p in case.payloads.values()] for _ in range(2))
    ids = [found.event_id for found in first if found is not None]
    assert len(set(ids)) == len(case.payloads)
    assert all(0 < len(event_id) <= 80 for event_id in ids)
    assert first == again


@pytest.mark.parametrize("payload", GARBAGE, ids=range(len(GARBAGE)))
async def test_garbage_is_nothing(case: Case, payload: dict[str, Any]) -> None:
    assert case.channel.parse(payload) is None


# What the web shows is read from the outbox by the page's socket: tests/flow/test_web_chat.py.
SENDING = pytest.mark.parametrize("case", ["terminal", "telegram"], indirect=True)


@SENDING
async def test_words_buttons_and_a_file_all_arrive(case: Case) -> None:
    buttons = [
        [{"label": "有帮助", "do": "ask.useful:x"}, {"label": "转人工", "do": "escalate.start"}]
    ]
    file = {"name": "预约.ics", "mime": "text/calendar", "content": "BEGIN:VCALENDAR"}
    await case.channel.send(row(case, "**要点**：1 \\< 2\n- 甲\n- 乙", buttons=buttons, file=file))
    for piece in ("要点", "1 < 2", "· 甲", "有帮助", "转人工", "预约.ics"):
        assert piece in case.shown()
    assert "**" not in case.shown()
    assert "\\<" not in case.shown()


@SENDING
async def test_a_very_long_text_arrives_whole(case: Case) -> None:
    await case.channel.send(row(case, "年费可以补缴。" * 2000))
    assert case.shown().count("年费可以补缴。") == 2000


@pytest.mark.parametrize("case", ["telegram"], indirect=True)
async def test_a_refusal_for_good_is_a_permanent_delivery_error(case: Case) -> None:
    case.refuse()
    with pytest.raises(DeliveryError) as caught:
        await case.channel.send(row(case, "您好"))
    assert caught.value.permanent
    assert caught.value.reason
