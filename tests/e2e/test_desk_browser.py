"""The staff desk in a real browser: fast to use, fits every screen, readable by everybody.

Screenshots of every page are written to ``var/screens/``.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, expect

from booking.model import Status
from tests.e2e.conftest import SCREENS
from tests.fakes import MONDAY
from tests.fakes_desk import PASSWORD, DeskWorld, Seat, desk_of
from tests.flow.test_desk_files import PDF, path_in, put
from tests.world import World

BEYOND = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
QUESTIONS = [
    (
        "filing",
        "我们去年 3 月申请的发明专利（申请号 202110123456.7）收到第二次审查意见，"
        "说权利要求 1 没有创造性，代理人建议缩小范围，还有别的办法吗？期限快到了。",
    ),
    ("enforcement", "一家网店在卖和我们外观一模一样的保温杯，怎么投诉最快？"),
    ("trademark", "商标被驳回，引证商标已经三年没用了，先撤三还是先复审？"),
    ("financing", "用两件实用新型能贷到款吗，需要哪些材料，银行要多久？"),
    ("filing", "离职员工用在职时的技术申请了专利，公司能要回来吗？"),
    ("copyright", "小程序的软件著作权登记要交源代码，会泄密吗？"),
]  # fmt: skip


@pytest.fixture
async def desk(world: World) -> AsyncIterator[DeskWorld]:
    async with desk_of(world) as served:
        await busy_day(served)
        yield served


async def busy_day(desk: DeskWorld) -> None:
    """Tickets in every state, a day of appointments, some counts."""
    clock, ids = desk.world.clock, desk.world.ids
    clock.now = MONDAY - timedelta(days=5)
    for n, (area, question) in enumerate(QUESTIONS):
        if n == 2:
            clock.now = MONDAY - timedelta(hours=1)
        await desk.ticket(
            question, chat=f"chat{n}", area=area, person_name="示例联系人", phone="13800000000",
            enterprise_id=ids["factory"] if n % 2 else None,
        )  # fmt: skip
    clock.now = MONDAY - timedelta(minutes=40)
    seat = await desk.signed_in("staff")
    for number in (1, 2, 3, 4):
        await seat.open(f"/tickets/{number}")
        await seat.send(f"/tickets/{number}/take", complexity="ordinary")
    await seat.send("/tickets/1/pass-on", expert="", note="请重点看对比文件 2 的公开日。")
    await seat.send("/tickets/3/ask-back", facts="请告诉我们驳回通知书的发文日和引证商标号。")
    await seat.send("/tickets/4/answer", answer="可以。实用新型需要先做价值评估……")
    await talk_and_files(desk, seat)
    clock.now = MONDAY
    for hours, code, name, status in (
        (-1.0, "AB23CD", "示例来访人甲", Status.ATTENDED),
        (-0.5, "CD45EF", "示例来访人乙", Status.BOOKED),
        (4.0, "EF67GH", "示例来访人丙", Status.BOOKED),
        (5.0, "GH89JK", "示例来访人丁", Status.CANCELLED),
    ):
        await desk.appointment(
            MONDAY + timedelta(hours=hours), code=code, name=name, status=status,
            advisor="advisor_a" if hours < 4 else "advisor_b",
        )  # fmt: skip
    await seat.open("/walk-in")
    await seat.send(
        "/walk-in", once=seat.hidden("once"), enterprise="示例北园机械有限公司", person="王五",
        phone="", area="filing", question="外观设计和实用新型能同时申请吗", day="2026-11-21",
        answer="可以，分别提交。",
    )  # fmt: skip


async def talk_and_files(desk: DeskWorld, seat: Seat) -> None:
    """A person talks at ticket 2, files at 1 and 2, a canned reply, links without sign-in."""
    await seat.open("/tickets/2")
    await seat.send("/tickets/2/say", say="您好，我是园区分中心的工作人员。链接发给我看看？")
    asker = desk.world.person("chat1")
    await asker.say("好的，网店名字叫示例小店，卖了大概三个月了。")
    await asker.say("结束人工")
    await asker.say("专利年费忘交了怎么办？")
    await seat.send("/tickets/2/note", inner="请 @colleague 看看要不要先取证。")
    await seat.send(
        "/canned", title="请补充发文日", owner="center",
        text="{name}您好，工单 {number} 请补充通知书的发文日。",
    )  # fmt: skip
    for number in (1, 2):
        await seat.open(f"/tickets/{number}")
        await put(seat, f"/tickets/{number}/files", "第二次审查意见通知书.pdf", PDF)
    await seat.send("/tickets/1/files/1/send", to="expert")
    await seat.open("/tickets/1")
    await seat.send("/tickets/1/expert-page")
    desk.links = {
        "expert-gate": path_in(seat.words),
        "upload": path_in("".join(await asker.say("上传材料"))),
        "link-wrong": "/f/wrong",
    }
    await seat.send("/tickets/1/expert-page")
    desk.links["expert-page"] = path_in(seat.words)


async def sign_in(page: Page, desk: DeskWorld, who: str) -> None:
    token = (
        (await desk.signed_in(who))
        .http.cookie_jar.filter_cookies(desk.server.make_url("/desk/"))["desk_session"]
        .value
    )
    await page.context.add_cookies(
        [{"name": "desk_session", "value": token, "url": str(desk.server.make_url("/desk/"))}]
    )


PAGES = {
    "staff": {
        "home": "/",
        "queue": "/tickets",
        "ticket-new": "/tickets/5",
        "ticket-working": "/tickets/2",
        "ticket-expert": "/tickets/1",
        "ticket-waiting": "/tickets/3",
        "ticket-answered": "/tickets/4",
        "appointments": "/appointments",
        "appointment": "/appointments/2",
        "appointment-later": "/appointments/3",
        "canned": "/canned",
        "canned-edit": "/canned/1",
        "walk-in": "/walk-in",
        "counts": "/counts",
        "missing": "/nowhere",
    },
    "province": {"home": "/", "counts": "/counts", "appointments": "/appointments?center=north"},
    "colleague": {"home": "/"},
    "expert": {"home": "/", "ticket": "/tickets/1"},
    "advisor": {"home": "/", "appointments": "/appointments"},
}


@pytest.mark.parametrize(
    ("width", "height", "scheme"), [(360, 740, "light"), (1280, 860, "dark"), (1280, 860, "light")]
)
async def test_every_page_is_accessible_and_fits(
    desk: DeskWorld, browser: Browser, width: int, height: int, scheme: str
) -> None:
    axe = Axe()
    SCREENS.mkdir(parents=True, exist_ok=True)
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        locale="zh-CN",
        color_scheme=scheme,
        reduced_motion="reduce",
    )
    page = await context.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda m: troubles.append(m.text) if "Content Security" in m.text else None)

    async def look(name: str, path: str) -> None:
        await page.goto(str(desk.server.make_url(f"/desk{path}")))
        await page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        file = SCREENS / f"desk-{name}-{width}-{scheme}.png"
        await page.screenshot(path=file, full_page=True)
        if (width, scheme) == (1280, "light"):
            return
        found = await axe.run(page)
        assert found.violations_count == 0, f"{name}\n{found.generate_report()}"
        for wide in (320, 1920) if width < 600 else (width,):
            await page.set_viewport_size({"width": wide, "height": height})
            assert await page.evaluate(BEYOND) <= 0, (name, wide)
        await page.set_viewport_size({"width": width, "height": height})

    await look("sign-in", "/signin")
    await look("sign-in-link", "/signin/token")
    for name, path in desk.links.items():
        if name == "expert-page":
            await page.goto(str(desk.server.make_url(f"/desk{path}")))
            await page.get_by_role("button", name="在这个浏览器里打开").click()
        await look(name, path)
    for who, pages in PAGES.items():
        await context.clear_cookies()
        await sign_in(page, desk, who)
        for name, path in pages.items():
            await look(f"{who}-{name}", path)
    await context.close()
    assert troubles == []


async def test_a_walk_in_by_keyboard_alone(desk: DeskWorld, browser: Browser) -> None:
    page = await browser.new_page()
    url = str(desk.server.make_url("/desk/walk-in"))
    await page.goto(url)
    await page.get_by_label("用户名").fill("staff")
    await page.get_by_label("密码").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(url)
    await expect(page.get_by_label("企业")).to_be_focused()
    await page.keyboard.type("北园机械")
    await expect(page.locator("#enterprises option")).to_have_count(1)
    await page.get_by_label("企业").fill("示例北园机械有限公司")
    for text in ("王五", ""):
        await page.keyboard.press("Tab")
        await page.keyboard.type(text)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    for text in ("专利证书丢了怎么补", "到窗口填表，交费后十个工作日。"):
        await page.keyboard.press("Tab")
        await page.keyboard.type(text)
    await page.keyboard.press("Control+Enter")
    await expect(page.get_by_role("status")).to_contain_text("已登记并办结")
    await expect(page.get_by_label("企业")).to_have_value("")


async def test_a_wrong_field_is_where_one_goes_on(desk: DeskWorld, browser: Browser) -> None:
    page = await browser.new_page()
    await sign_in(page, desk, "staff")
    await page.goto(str(desk.server.make_url("/desk/tickets/2")))
    await page.get_by_role("button", name="发送答复").click()
    await expect(page.get_by_label("答复内容")).to_be_focused()
    await expect(page.get_by_label("答复内容")).to_have_attribute("aria-invalid", "true")
    await page.get_by_label("答复内容").fill("一" * 3990)
    await expect(page.locator(".room").first).to_have_text("还可写 10 字")


async def test_drafts_colleagues_and_new_words_come_by_themselves(
    desk: DeskWorld, browser: Browser
) -> None:
    address = str(desk.server.make_url("/desk/tickets/2"))
    context = await browser.new_context()
    mine, other = await context.new_page(), await browser.new_page()
    await sign_in(mine, desk, "staff")
    await sign_in(other, desk, "colleague")
    await mine.goto(address)
    await mine.get_by_label("答复内容").fill("写了一半的答复")
    await mine.get_by_label("在对话里说").focus()  # leaving the box keeps what is in it
    await expect(mine.get_by_text("草稿已保存")).to_be_visible()
    again = await context.new_page()
    await again.goto(address)
    await expect(again.get_by_label("答复内容")).to_have_value("写了一半的答复")
    await other.goto(address)
    await expect(other.locator("#here")).to_contain_text("示例staff")
    await expect(other.get_by_label("答复内容")).to_have_value("")
    await desk.world.person("chat1").say("商标续展什么时候办？")
    await expect(other.locator("#lines")).to_contain_text("商标续展什么时候办", timeout=8000)
