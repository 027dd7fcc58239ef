"""A Bot API server of the tests' own: real HTTP on 127.0.0.1, as strict as Telegram's.

It checks what Telegram checks (markup, lengths, button data, token, webhook against polling) and
keeps every call. ``script`` makes the next calls of a method fail, ``push`` brings an update.
"""

import asyncio
import dataclasses
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import count
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from core.config import Config, Telegram

TOKEN = "4200000001:test-token"
BOT = {"id": 4200000001, "is_bot": True, "first_name": "知产小站", "username": "IpStationBot"}
NOW = 1795399200  # 2026-11-23 10:00 in China, as Telegram writes instants


@dataclass(frozen=True)
class Fault:
    """How a call fails. ``drop`` cuts the connection instead of answering.

    applied: the request takes effect although its sender does not learn it.
    """

    status: int = 400
    description: str = ""
    parameters: dict[str, int] = field(default_factory=dict)
    drop: bool = False
    applied: bool = False


TOO_MANY = Fault(429, "Too Many Requests: retry after 7", {"retry_after": 7})
BLOCKED = Fault(403, "Forbidden: bot was blocked by the user")
NO_CHAT = Fault(400, "Bad Request: chat not found")
BAD_MARKUP = Fault(400, "Bad Request: can't parse entities: unsupported start tag")
OTHER_POLLER = Fault(409, "Conflict: terminated by other getUpdates request")
WEBHOOK_SET = Fault(409, "Conflict: can't use getUpdates method while webhook is active")
OUTAGE = Fault(502, "Bad Gateway")
DROPPED = Fault(drop=True)
DROPPED_AFTER = Fault(drop=True, applied=True)


class BadCall(Exception):
    """Telegram would refuse the call with this description."""


@dataclass(frozen=True)
class Sent:
    """A message that reached a chat: the words as read there, what is bold, buttons and file."""

    method: str
    chat: str
    text: str
    bold: str
    buttons: list[list[dict[str, str]]]
    params: dict[str, str]
    file: tuple[str, str, str] | None = None  # name, type, content

    def data(self, label: str) -> str:
        """What a tap on the button sends back."""
        found = [b for line in self.buttons for b in line if label in b["text"]]
        return found[0]["callback_data"]


class _Markup(HTMLParser):
    """The HTML that Telegram understands, taken apart. Raises BadCall at anything else."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.bold, self._open = "", "", 0
        self.feed(html)
        self.close()
        if self._open:
            raise BadCall("Bad Request: can't parse entities: can't find end tag")

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag != "b":
            raise BadCall(f"Bad Request: can't parse entities: unsupported start tag {tag!r}")
        self._open += 1

    def handle_endtag(self, tag: str) -> None:
        if not self._open:
            raise BadCall("Bad Request: can't parse entities: unexpected end tag")
        self._open -= 1

    def handle_data(self, data: str) -> None:
        self.text += data
        self.bold += data if self._open else ""


class FakeTelegram:
    """The server's memory: calls, messages sent, updates waiting."""

    def __init__(self) -> None:
        self.base_url = ""
        self.calls: list[tuple[str, dict[str, str]]] = []
        self.sent: list[Sent] = []
        self.updates: list[dict[str, Any]] = []
        self.webhook = ""
        self._faults: defaultdict[str, list[Fault | None]] = defaultdict(list)
        self._ids = count(1)

    def script(self, method: str, *faults: Fault | None) -> None:
        """Let the next calls of ``method`` fail like this in turn; None lets one pass."""
        self._faults[method.lower()] += faults

    def push(self, update: dict[str, Any], *, update_id: int | None = None) -> dict[str, Any]:
        """An update for the bot; Telegram repeats it until it is confirmed."""
        number = 1000 + next(self._ids) if update_id is None else update_id
        found = {"update_id": number} | update
        self.updates.append(found)
        return found

    def called(self, method: str) -> list[dict[str, str]]:
        """The parameters of every call of a method."""
        return [params for name, params in self.calls if name == method.lower()]

    def texts(self, chat: str) -> list[str]:
        """What a chat reads."""
        return [message.text for message in self.sent if message.chat == chat]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """One call of the Bot API."""
        method = request.match_info["method"].lower()
        params, files = await _read(request)
        self.calls.append((method, params))
        if request.match_info["token"] != TOKEN:
            return _failed(Fault(401, "Unauthorized"))
        fault = self._faults[method].pop(0) if self._faults[method] else None
        if fault is not None and not fault.applied:
            return _drop(request) if fault.drop else _failed(fault)
        try:
            result = getattr(self, f"do_{method}")(params, files)
        except BadCall as refused:
            description = str(refused)
            return _failed(Fault(409 if description.startswith("Conflict") else 400, description))
        return _drop(request) if fault else web.json_response({"ok": True, "result": result})

    def do_getme(self, _params: dict[str, str], _files: object) -> dict[str, Any]:
        return BOT

    def do_getupdates(self, params: dict[str, str], _files: object) -> list[dict[str, Any]]:
        if self.webhook:
            raise BadCall(WEBHOOK_SET.description)
        offset = int(params.get("offset", 0))
        self.updates = [u for u in self.updates if u["update_id"] >= offset]
        return self.updates[:100]

    def do_setwebhook(self, params: dict[str, str], _files: object) -> bool:
        self.webhook = params["url"]
        return True

    def do_deletewebhook(self, _params: dict[str, str], _files: object) -> bool:
        self.webhook = ""
        return True

    def do_setmycommands(self, _params: dict[str, str], _files: object) -> bool:
        return True

    def do_answercallbackquery(self, _params: dict[str, str], _files: object) -> bool:
        return True

    def do_sendmessage(self, params: dict[str, str], files: dict[str, Any]) -> dict[str, Any]:
        if not params.get("text", "").strip():
            raise BadCall("Bad Request: message text is empty")
        return self._send("sendMessage", params, params["text"], 4096, None)

    def do_senddocument(self, params: dict[str, str], files: dict[str, Any]) -> dict[str, Any]:
        file = files["document"]
        return self._send("sendDocument", params, params.get("caption", ""), 1024, file)

    def _send(
        self, method: str, params: dict[str, str], words: str, limit: int, file: Any
    ) -> dict[str, Any]:
        text, bold = words, ""
        if params.get("parse_mode") == "HTML":
            markup = _Markup(words)
            text, bold = markup.text, markup.bold
        if len(text.encode("utf-16-le")) // 2 > limit:
            raise BadCall("Bad Request: message is too long")
        buttons = json.loads(params.get("reply_markup", "{}")).get("inline_keyboard", [])
        if any(len(b["callback_data"].encode()) > 64 for line in buttons for b in line):
            raise BadCall("Bad Request: BUTTON_DATA_INVALID")
        self.sent.append(Sent(method, params["chat_id"], text, bold, buttons, params, file))
        chat = {"id": int(params["chat_id"]), "type": "private", "first_name": "张"}
        return {"message_id": next(self._ids), "date": NOW, "chat": chat, "text": text}


async def _read(request: web.Request) -> tuple[dict[str, str], dict[str, tuple[str, str, str]]]:
    params: dict[str, str] = {}
    files: dict[str, tuple[str, str, str]] = {}
    for name, value in (await request.post()).items():
        if isinstance(value, web.FileField):
            files[name] = (value.filename, value.content_type, value.file.read().decode())
        else:
            params[name] = str(value)
    return params, files


def _failed(fault: Fault) -> web.Response:
    body = {"ok": False, "error_code": fault.status, "description": fault.description}
    if fault.parameters:
        body["parameters"] = fault.parameters
    return web.json_response(body, status=fault.status)


def _drop(request: web.Request) -> web.Response:
    assert isinstance(request.transport, asyncio.Transport)
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def fake_telegram() -> AsyncIterator[FakeTelegram]:
    """The server, running."""
    fake = FakeTelegram()
    app = web.Application()
    app.router.add_route("*", "/bot{token}/{method}", fake.answer)
    async with TestServer(app, host="127.0.0.1") as server:
        fake.base_url = str(server.make_url("/bot"))
        yield fake


def message(text: str | None = None, *, user: int = 501, **more: Any) -> dict[str, Any]:
    """A private message as Telegram reports it; ``more`` adds or replaces fields."""
    return {"message": written(text, user=user, **more)}


def written(text: str | None = None, *, user: int = 501, **more: Any) -> dict[str, Any]:
    """The message object itself."""
    found: dict[str, Any] = {
        "message_id": 71,
        "from": {"id": user, "is_bot": False, "first_name": "张", "language_code": "zh-hans"},
        "chat": {"id": user, "first_name": "张", "type": "private"},
        "date": NOW,
    }
    return found | ({} if text is None else {"text": text}) | more


def group(title: str = "园区企业群", chat: int = -1009000000001) -> dict[str, Any]:
    """A group's chat object."""
    return {"id": chat, "title": title, "type": "supergroup"}


def tap(data: str, *, user: int = 501, query: str = "9001", **more: Any) -> dict[str, Any]:
    """A tapped button as Telegram reports it, in the person's private chat."""
    shown = written("…", user=user) | {"from": BOT}
    sender = {"id": user, "is_bot": False, "first_name": "张"}
    return {
        "callback_query": {
            "id": query, "from": sender, "message": shown, "chat_instance": "1", "data": data,
        } | more
    }  # fmt: skip


def settings(config: Config, fake: FakeTelegram, **telegram: str) -> Config:
    """The station's settings pointed at the server, without waiting between messages."""
    access = {"token": TOKEN, "base_url": fake.base_url, "webhook_secret": "s3cret"}
    return dataclasses.replace(
        config,
        telegram=Telegram(**access | telegram),
        outbox=dataclasses.replace(
            config.outbox, telegram_per_second=10_000, telegram_chat_interval=0.0
        ),
    )
