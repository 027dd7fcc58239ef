"""Updates as Telegram writes them, and what they are to us; garbage is nothing."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram.incoming import callback_id, read
from tests.fakes import MONDAY
from tests.fakes_telegram import group, message, tap

CAPTURED = sorted((Path(__file__).parents[2] / "payloads" / "telegram").glob("*.json"))
NOTHING = {"text": None, "button": None, "file": None, "start": None}


@pytest.mark.parametrize("path", CAPTURED, ids=lambda path: path.stem)
def test_a_captured_update_is_read(path: Path) -> None:
    captured = json.loads(path.read_text(encoding="utf-8"))
    found = read(captured["update"], "IpStationBot", MONDAY)
    if captured["incoming"] is None:
        assert found is None
        return
    assert found is not None
    expected = {"channel": "telegram", "group": False, "edited": False} | NOTHING
    assert asdict(found) | {"sent_at": None} == expected | captured["incoming"] | {"sent_at": None}


def test_the_instant_is_when_it_was_written_or_edited_or_when_a_tap_arrived() -> None:
    edited = {"edited_message": message("x", edit_date=1795399260)["message"]}
    for update, minutes in ((message("x"), 0), (edited, 1), (tap("m.0"), 0)):
        found = read({"update_id": 1} | update, "", MONDAY)
        assert found is not None
        assert (found.sent_at - MONDAY).total_seconds() == minutes * 60


def test_a_group_cannot_name_a_bot_that_does_not_know_its_name_yet() -> None:
    update = {"update_id": 1} | message("@IpStationBot 商标", chat=group())
    assert read(update, "", MONDAY) is None
    assert read(update, "IpStationBot", MONDAY) is not None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
# Real updates with one value anywhere replaced by something else.
REAL = [json.loads(path.read_text(encoding="utf-8"))["update"] for path in CAPTURED]


def places(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    return [path, *(p for key, value in inner for p in places(value, (*path, key)))]


@st.composite
def damaged(draw: st.DrawFn) -> Any:
    update = json.loads(json.dumps(draw(st.sampled_from(REAL))))
    *way, last = draw(st.sampled_from(places(update)[1:]))
    node = update
    for key in way:
        node = node[key]
    node[last] = draw(JSON)
    return update


@given(st.dictionaries(st.text(), JSON) | damaged())
def test_garbage_never_raises(payload: dict[str, Any]) -> None:
    read(payload, "IpStationBot", MONDAY)
    callback_id(payload)
