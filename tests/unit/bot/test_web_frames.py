"""Frames of the web chat: what the page sends as events, what it gets as messages."""

import json
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.web.adapter import WebChannel
from bot.channels.web.format import message_frame
from bot.channels.web.history import OVERLAP, Taken
from bot.channels.web.hub import Connection
from bot.channels.web.metrics import Metrics
from bot.channels.web.socket import Bursts, Limits
from core.outbox import OutboxRow
from tests.fakes import MONDAY

KEY = "0b9b0f0e-8f7e-4a43-9d0f-3f0f2a2f7c11"
FROM = {"visitor": "AbCdEfGhIjKlMnOp", "at": MONDAY, "id": KEY}

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize(
    ("frame", "field", "value"),
    [
        ({"type": "say", "text": "专利年费忘交了怎么办"}, "text", "专利年费忘交了怎么办"),
        ({"type": "say", "text": "/start"}, "text", "/start"),
        ({"type": "tap", "menu": "Ab3dE_-9", "index": 2, "label": "x"}, "button", "Ab3dE_-9.2"),
        ({"type": "start", "param": "c_north"}, "start", "c_north"),
        ({"type": "start"}, "start", ""),
        ({"type": "start", "param": "c_' or 1\x00"}, "start", ""),
    ],
)
def test_a_frame_is_an_event(frame: dict[str, Any], field: str, value: str) -> None:
    found = WebChannel().parse(FROM | frame)
    assert found is not None
    assert (found.channel, found.chat, found.user) == ("web", FROM["visitor"], FROM["visitor"])
    assert found.sent_at == MONDAY
    given = {name: getattr(found, name) for name in ("text", "button", "start", "file")}
    assert given == {"text": None, "button": None, "start": None, "file": None} | {field: value}
    assert found.event_id == f"{FROM['visitor']}:{KEY}"
    assert len(found.event_id) <= 80


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["say", "tap", "start"]) | junk},
        optional=dict.fromkeys(("id", "text", "menu", "index", "param", "visitor", "at"), junk),
    )
)
def test_no_frame_breaks_the_parser(frame: dict[str, Any]) -> None:
    assert WebChannel().parse(frame) is None or "id" in frame
    WebChannel().parse(FROM | frame)


def test_buttons_are_counted_over_all_rows_as_the_outbox_counts_them() -> None:
    labels = [["甲", "乙"], ["丙"]]
    file = {"name": "预约.ics", "mime": "text/calendar", "content": "BEGIN:VCALENDAR"}
    row = OutboxRow(
        id=7,
        channel="web",
        chat="c",
        menu="Ab3dE_-9",
        created_at=MONDAY,
        payload={
            "text": "**要点**：1 \\< 2\n\n依据：《专利法》第四十四条",
            "buttons": [[{"label": label, "do": "x.y"} for label in line] for line in labels],
            "file": file,
        },
    )
    frame = message_frame(row)
    taps = [(b["label"], b["menu"], b["index"]) for line in frame["buttons"] for b in line]
    assert taps == [("甲", "Ab3dE_-9", 0), ("乙", "Ab3dE_-9", 1), ("丙", "Ab3dE_-9", 2)]
    assert "<strong>要点</strong>：1 &lt; 2" in frame["html"]
    assert '<p class="sources">依据：' in frame["html"]
    assert frame["file"] == file
    assert "x.y" not in json.dumps(frame)


async def test_sending_a_row_wakes_the_sockets_of_its_chat_only() -> None:
    channel = WebChannel()
    mine, other = (Connection(web.WebSocketResponse()) for _ in range(2))
    channel.hub.join("mine", mine)
    channel.hub.join("other", other)
    await channel.send(OutboxRow(id=1, channel="web", chat="mine"))
    assert (mine.news.is_set(), other.news.is_set()) == (True, False)


def test_rows_are_held_apart_until_nothing_can_overtake_them() -> None:
    taken = Taken()
    taken.add({5: MONDAY, 7: MONDAY}, MONDAY)
    assert (taken.floor, set(taken.since)) == (0, {5, 7})
    later = MONDAY + OVERLAP + timedelta(seconds=1)
    taken.add({8: later}, later)
    assert (taken.floor, set(taken.since)) == (7, {8})


async def test_limits_of_idle_visitors_are_forgotten() -> None:
    bursts = Bursts(Limits(burst=2, burst_seconds=3600), most=3)
    busy = bursts.of("busy")
    await busy.acquire(2)
    for number in range(10):
        bursts.of(f"idle{number}")
    assert len(bursts) <= 4
    assert bursts.of("busy") is busy


def test_metrics_are_prometheus_text() -> None:
    metrics = Metrics()
    metrics.count("ipstation_web_events_total", outcome="handled")
    metrics.count("ipstation_web_events_total", outcome="handled")
    text = metrics.text({"ipstation_web_sockets": {(): 3}})
    assert 'ipstation_web_events_total{outcome="handled"} 2\n' in text
    assert "# TYPE ipstation_web_sockets gauge\nipstation_web_sockets 3\n" in text


def test_a_link_to_a_page_of_ours_is_clickable_and_leads_nowhere_else() -> None:
    token = "a" * 32 + "." + "0" * 40
    text = f"请打开 https://elsewhere.example/desk/u/{token} 上传"
    payload = {"text": text, "buttons": [], "file": None}
    row = OutboxRow(id=1, channel="web", chat="c", payload=payload, created_at=MONDAY)
    html = message_frame(row)["html"]
    assert f'<a href="/desk/u/{token}"' in html
    assert 'href="https' not in html
