"""The public pages: what they show, what every response carries, health and metrics."""

import dataclasses
import re
from collections.abc import AsyncIterator, Mapping

import pytest
import yaml
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.channels.web.adapter import WebChannel
from bot.channels.web.server import build_app
from core.clock import system_clock
from core.config import Config
from core.database import Database
from knowledge.engine import Engine
from knowledge.serving import Serving
from tests.conftest import ROOT
from tests.fakes import MONDAY, FakeClock
from tests.fakes_web import WebPage, WebStation, populated


class Nobody:
    """A dispatcher that is never asked."""

    clock = FakeClock()


@pytest.fixture
async def page(served: WebStation) -> AsyncIterator[WebPage]:
    async with served.page() as page:
        yield page


async def get(page: WebPage, path: str) -> tuple[ClientResponse, str]:
    async with page.browser.get(page.served.url(path)) as response:
        return response, await response.text()


async def test_the_home_page_has_the_chat_and_the_centers(page: WebPage) -> None:
    response, html = await get(page, "/")
    assert response.status == 200
    assert "请勿粘贴尚未申请专利的技术内容" in html
    assert "示例南园分中心" in html
    assert html.count('class="starter"') == 4
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie


async def test_every_starter_question_has_an_answer(page: WebPage, engine: Engine) -> None:
    _, html = await get(page, "/")
    starters = re.findall(r'class="starter">([^<]+)<', html)
    kinds = {question: engine.ask(question, MONDAY.date()).kind for question in starters}
    assert set(kinds.values()) == {"answer"}, kinds


async def test_a_center_has_its_own_page(page: WebPage) -> None:
    response, html = await get(page, "/c/north")
    assert response.status == 200
    assert "<title>示例北园分中心 · 知产小站</title>" in html
    assert 'data-center="north"' in html
    assert "示例南园分中心" not in html


@pytest.mark.parametrize("path", ["/c/nowhere", "/poster/nowhere", "/c/%3Cb%3E", "/wp-admin"])
async def test_a_page_that_does_not_exist_says_so_in_chinese(page: WebPage, path: str) -> None:
    response, html = await get(page, path)
    assert response.status == 404
    assert "没有这个页面" in html


async def test_the_same_visitor_on_the_page_and_in_the_chat(page: WebPage) -> None:
    await get(page, "/")
    visitor = page.chat
    await page.connect()
    assert page.chat == visitor


async def test_leaving_makes_a_new_visitor(page: WebPage) -> None:
    await get(page, "/")
    visitor = page.chat
    leave = page.served.url("/chat/leave")
    async with page.browser.post(leave, data={"center": "north"}) as response:
        assert response.url.path == "/c/north"
    assert page.chat != visitor
    headers = {"Origin": "https://evil.example"}
    async with page.browser.post(leave, headers=headers) as response:
        assert response.status == 403


async def test_the_poster_carries_the_codes_of_both_channels(
    sqlite_database: Database, config: Config, engine: Engine
) -> None:
    with_bot = dataclasses.replace(
        config, telegram=dataclasses.replace(config.telegram, bot_name="demo_bot")
    )
    async with populated(sqlite_database, with_bot, engine) as served, served.page() as page:
        _, html = await get(page, "/poster/north")
    assert html.count("<svg") == 2
    assert "http://127.0.0.1:8080/c/north" in html
    assert "t.me/demo_bot?start=c_north" in html


async def test_without_a_bot_the_poster_has_the_web_link_only(page: WebPage) -> None:
    _, html = await get(page, "/poster/north")
    assert html.count("<svg") == 1
    assert "t.me" not in html


@pytest.mark.parametrize("path", ["/", "/static/chat.js", "/healthz", "/nowhere", "/desk/", "/bug"])
async def test_every_response_carries_the_security_headers(
    path: str, sqlite_database: Database, config: Config
) -> None:
    async with bare_app(sqlite_database, config) as client:
        response = await client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "same-origin"


async def test_a_subapp_is_mounted_and_a_bug_shows_no_trace(
    sqlite_database: Database, config: Config
) -> None:
    async with bare_app(sqlite_database, config) as client:
        assert await (await client.get("/desk/")).text() == "desk"
        broken = await client.get("/bug")
        assert broken.status == 500
        assert "Traceback" not in await broken.text()


async def test_static_files_are_ours_and_kept_once_their_address_names_the_content(
    page: WebPage,
) -> None:
    _, html = await get(page, "/")
    link = html.partition('src="/static/chat.js')[2].partition('"')[0]
    response, _ = await get(page, f"/static/chat.js{link}")
    assert "immutable" in response.headers["Cache-Control"]
    response, css = await get(page, "/static/bootstrap/bootstrap.min.css")
    assert "Bootstrap" in css[:200]
    assert response.headers["Cache-Control"] == "no-cache"
    response, _ = await get(page, "/static/../server.py")
    assert response.status == 404


async def test_health_and_metrics(served: WebStation, page: WebPage) -> None:
    assert (await get(page, "/healthz"))[0].status == 200
    assert (await get(page, "/readyz"))[0].status == 200
    await page.connect()
    await page.until("ack", await page.say("帮助"))
    await served.tell(page.chat, pump=False)
    _, text = await get(page, "/metrics")
    assert 'ipstation_web_events_total{outcome="handled"} 1' in text
    assert "ipstation_web_sockets 1" in text
    assert 'ipstation_outbox_open{channel="web",state="waiting"} 2' in text


async def test_not_ready_without_the_database(config: Config) -> None:
    database = Database("postgresql+asyncpg://nobody@127.0.0.1:9/nothing")
    async with bare_app(database, config) as client:
        assert (await client.get("/readyz")).status == 503
        assert (await client.get("/healthz")).status == 200
    await database.close()


async def test_the_hook_answers_with_what_the_channel_decides(
    sqlite_database: Database, config: Config
) -> None:
    given: list[tuple[str, bytes]] = []

    async def accept(headers: Mapping[str, str], body: bytes) -> int:
        given.append((headers["X-Telegram-Bot-Api-Secret-Token"], body))
        return 401

    async with bare_app(sqlite_database, config, telegram_accept=accept) as client:
        response = await client.post(
            "/hooks/telegram", data=b"{}", headers={"X-Telegram-Bot-Api-Secret-Token": "s"}
        )
    assert response.status == 401
    assert given == [("s", b"{}")]


def bare_app(database: Database, config: Config, **options: object) -> TestClient:
    """The application with a desk and a bug in it."""

    async def desk(_: web.Request) -> web.Response:
        return web.Response(text="desk")

    async def bug(_: web.Request) -> web.Response:
        raise RuntimeError("a bug")

    subapp = web.Application()
    subapp.router.add_get("/", desk)
    app = build_app(config, database, Nobody(), WebChannel(), subapps={"/desk": subapp}, **options)
    app.router.add_get("/bug", bug)
    return TestClient(TestServer(app))


@pytest.fixture
def serving(sqlite_database: Database, config: Config, engine: Engine) -> Serving:
    """The base as a replica serves it."""
    return Serving(engine, sqlite_database, config.paths.entries, system_clock)


async def test_the_interface_is_documented(
    sqlite_database: Database, config: Config, serving: Serving
) -> None:
    async def accept(_: Mapping[str, str], __: bytes) -> int:
        return 200

    text = (ROOT / "docs/api/openapi.yaml").read_text(encoding="utf-8")
    documented = {
        (method.upper(), path)
        for path, methods in yaml.safe_load(text)["paths"].items()
        for method in methods
    }
    app = build_app(
        config, sqlite_database, Nobody(), WebChannel(), serving=serving, telegram_accept=accept
    )
    served = {
        (route.method, route.resource.canonical)
        for route in app.router.routes()
        if route.method != "HEAD" and not route.resource.canonical.startswith("/static")
    }
    assert documented == served


async def test_programs_ask_without_a_conversation(
    sqlite_database: Database, config: Config, serving: Serving
) -> None:
    app = build_app(config, sqlite_database, Nobody(), WebChannel(), serving=serving)
    async with TestClient(TestServer(app)) as client:
        asked = {"q": "怎么对别人公告的商标提异议？", "as_of": "2027-01-02"}
        found = await (await client.get("/api/v1/ask", params=asked)).json()
        assert found["entry"] == "trademark-oppose"
        assert "2个月" in found["answer"]
        assert found["citations"]
        for wrong in ({}, {"q": "\u202e"}, {"q": "年费", "as_of": "2026-02-30"}):
            refused = await client.get("/api/v1/ask", params=wrong)
            assert refused.status == 400
            assert "请" in (await refused.json())["error"]
