"""The public page in a real browser: asked, answered, interrupted, read by everybody.

Screenshots are written to ``var/screens/``.
"""

import dataclasses
from collections.abc import AsyncIterator

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from core import outbox
from core.config import Config
from core.database import Database
from core.messages import Address, Attachment, Message
from knowledge.engine import Engine
from tests.e2e.conftest import SCREENS
from tests.fakes_web import WebStation, populated
from tests.flow.booking_world import book_on_web, link_of
from tests.unit.booking.room import ADVISORS, weekly

QUESTION = "专利年费忘交了，专利还在吗，怎么补救？"


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """A page that fails the test when its script or its policy complains."""
    context = await browser.new_context(viewport={"width": 1280, "height": 800})
    page = await context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda m: troubles.append(m.text) if "Content Security" in m.text else None)
    yield page
    await context.close()
    assert troubles == []


def visitor(cookies: list[dict]) -> str:
    value = next(c["value"] for c in cookies if c["name"] == "ipstation_visitor")
    return value.rpartition(".")[0]


async def ask(page: Page, text: str) -> None:
    await page.get_by_label("您的问题").fill(text)
    await page.keyboard.press("Enter")


async def said(page: Page) -> list[str]:
    """Every line on the screen, in order, without its time."""
    return await page.locator(".bubble").all_inner_texts()


async def up(page: Page) -> None:
    await expect(page.get_by_role("status")).to_have_text("已连接")


async def test_a_person_asks_taps_loses_the_line_and_comes_back(
    served: WebStation, page: Page
) -> None:
    await page.goto(served.url("/c/north"))
    await up(page)
    log = page.get_by_role("log")
    await expect(log).to_contain_text("知产小站 · 示例北园分中心")
    await ask(page, QUESTION)
    await expect(log.locator(".sources")).to_contain_text("《专利法")
    await expect(page.get_by_label("您的问题")).to_be_focused()
    await log.get_by_role("button", name="有帮助").dblclick()
    await expect(log).to_contain_text("谢谢您的反馈")
    await expect(page.locator(".line.mine")).to_have_count(2)

    await page.context.set_offline(True)
    await expect(page.get_by_role("status")).to_contain_text("已断开")
    await ask(page, "帮助")
    await expect(page.locator(".line.waiting")).to_contain_text("帮助")
    await served.tell(visitor(await page.context.cookies()))
    await page.context.set_offline(False)
    await up(page)
    await expect(page.locator(".line.waiting")).to_have_count(0)
    await expect(log).to_contain_text("我能做这些")
    await expect(log).to_contain_text("不客气")
    before = await said(page)

    await page.reload()
    await up(page)
    await expect(log).to_contain_text("不客气")
    assert await said(page) == before


async def test_a_socket_closed_by_the_server_comes_back_by_itself(
    served: WebStation, page: Page
) -> None:
    await page.goto(served.url("/"))
    await up(page)
    await expect(page.locator(".line")).to_have_count(1)
    chat = visitor(await page.context.cookies())
    await served.channel.hub.close_all()
    await served.tell(chat)
    await expect(page.locator(".line")).to_have_count(2)
    await up(page)


async def test_a_line_typed_before_a_reload_is_still_sent_and_once(
    served: WebStation, page: Page
) -> None:
    await page.goto(served.url("/"))
    await up(page)
    served.dispatcher.open.clear()
    await ask(page, "帮助")
    await page.reload()
    served.dispatcher.open.set()
    await expect(page.get_by_text("我能做这些")).to_have_count(1)
    await expect(page.locator(".line.mine")).to_have_count(1)
    await expect(page.locator(".line.waiting")).to_have_count(0)


async def test_what_people_type_is_shown_as_typed(served: WebStation, page: Page) -> None:
    await page.goto(served.url("/"))
    await up(page)
    nasty = "<img src=x onerror=\"document.title='x'\"> **粗** & 1 < 2"
    await ask(page, nasty)
    await expect(page.locator(".line.mine .bubble")).to_contain_text(nasty)
    assert await page.locator(".bubble img").count() == 0


async def test_a_line_of_nothing_visible_keeps_its_place(served: WebStation, page: Page) -> None:
    await page.goto(served.url("/"))
    await up(page)
    await expect(page.locator(".line")).to_have_count(1)
    await ask(page, "\u200b\u200b")
    await expect(page.locator(".line")).to_have_count(3)
    await ask(page, "帮助")
    await expect(page.locator(".line")).to_have_count(5)
    mine = "els => els.map(e => e.classList.contains('mine'))"
    kinds = await page.locator(".line").evaluate_all(mine)
    assert kinds == [False, True, False, True, False]


async def test_by_keyboard_alone(served: WebStation, page: Page) -> None:
    await page.goto(served.url("/"))
    await up(page)
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="跳到输入框")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.locator(".starter").first).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator(".sources")).to_have_count(1)
    field = page.get_by_label("您的问题")
    await field.focus()
    await page.keyboard.type("第一行")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("第二行")
    await expect(field).to_have_value("第一行\n第二行")
    await expect(page.locator("#count")).to_be_hidden()
    await field.fill("长" * 2100)
    await expect(page.locator("#count")).to_contain_text("2100 / 2000")


async def test_a_calendar_file_can_be_downloaded(served: WebStation, page: Page) -> None:
    await page.goto(served.url("/"))
    await expect(page.locator(".line")).to_have_count(1)
    chat = visitor(await page.context.cookies())
    async with served.station.database.transaction() as session:
        file = Attachment("预约.ics", "text/calendar", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
        message = Message("ask.thanks", file=file)
        outbox.put(session, Address("web", chat), message, now=served.station.clock())
    await served.station.pump.drain("web")
    async with page.expect_download() as started:
        await page.get_by_role("button", name="下载 预约.ics").click()
    path = await (await started.value).path()
    assert path.read_text().startswith("BEGIN:VCALENDAR")


async def test_without_scripts_the_page_says_how_to_reach_people(
    served: WebStation, browser: Browser
) -> None:
    page = await browser.new_page(java_script_enabled=False)
    await page.goto(served.url("/c/north"))
    await expect(page.locator(".notice")).to_contain_text("示例路 1 号")


async def test_the_poster_fits_one_sheet_of_a4(
    sqlite_database: Database, config: Config, engine: Engine, browser: Browser
) -> None:
    telegram = dataclasses.replace(config.telegram, bot_name="an_example_ip_station_bot")
    config = dataclasses.replace(config, telegram=telegram)
    async with populated(sqlite_database, config, engine) as served:
        page = await browser.new_page(viewport={"width": 794, "height": 1123})
        await page.goto(served.url("/poster/north"))
        await page.emulate_media(media="print")
        size = await page.locator(".sheet").bounding_box()
        assert size["height"] <= 1123
        assert await page.locator("svg.qr").count() == 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_every_page_is_accessible_and_fits(
    served: WebStation, browser: Browser, width: int, scheme: str
) -> None:
    axe = Axe()
    SCREENS.mkdir(parents=True, exist_ok=True)
    context = await browser.new_context(
        viewport={"width": width, "height": 740 if width < 600 else 860},
        color_scheme=scheme,
        has_touch=width < 600,
    )
    page = await context.new_page()
    async with served.station.database.transaction() as session:
        for advisor in ADVISORS:
            session.add_all(weekly(served.ids[advisor]))
    meeting = link_of(served, await book_on_web(served)).removeprefix(served.url(""))
    paths = {"missing": "/nowhere", "poster": "/poster/north", "appointment": meeting}
    for name, path in (*paths.items(), ("chat", "/c/north")):
        await page.goto(served.url(path))
        if name == "chat":
            await expect(page.locator(".line")).to_have_count(1)
            await page.screenshot(path=SCREENS / f"start-{width}-{scheme}.png")
            await ask(page, QUESTION)
            await expect(page.locator(".sources")).to_have_count(1)
        await page.screenshot(path=SCREENS / f"{name}-{width}-{scheme}.png")
        found = await axe.run(page)
        assert found.violations_count == 0, found.generate_report()
        for wide in (320, width, 1920):
            await page.set_viewport_size({"width": wide, "height": 740})
            beyond = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert await page.evaluate(beyond) <= 0, (name, wide)
        await page.set_viewport_size({"width": width, "height": 740 if width < 600 else 860})
    await context.close()
