"""A deep link typed by hand, where the channel has no deep links of its own."""

import pytest

from bot.channels.terminal.adapter import TerminalChannel
from bot.channels.web.adapter import WebChannel
from bot.messages import Incoming
from tests.fakes import MONDAY

TYPED = (
    ("/start x_AbC-12", "x_AbC-12"),
    ("/start   c_north ", "c_north"),
    ("/start ", None),
    ("/start", None),
    ("/started c_north", None),
    ("怎么用 /start c_north", None),
)


def in_the_terminal(line: str) -> Incoming | None:
    payload = {"id": "1", "user": "local", "line": line, "at": MONDAY}
    return TerminalChannel(print).parse(payload)


def on_the_web(line: str) -> Incoming | None:
    key = "0b9b0f0e-8f7e-4a43-9d0f-3f0f2a2f7c11"
    frame = {"type": "say", "text": line, "visitor": "AbCdEfGhIjKlMnOp", "at": MONDAY, "id": key}
    return WebChannel().parse(frame)


@pytest.mark.parametrize("parse", [in_the_terminal, on_the_web])
@pytest.mark.parametrize(("line", "start"), TYPED)
def test_a_typed_link_is_a_link(parse: object, line: str, start: str | None) -> None:
    found = parse(line)  # type: ignore[operator]
    assert (found.text, found.start) == (line, start)
