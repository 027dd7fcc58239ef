"""The staff desk in a real browser: fast to use, fits every screen, readable by everybody.

Screenshots of every page are written to ``var/screens/``.
"""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from booking.model import Appointment, Leave, Room, RoomClosure, SpecialDay, Status
from booking.service.guard import take
from escalation.service.index import index_changed
from tests.e2e.curating_day import LATE_FEE, answered_by_expert, curating_day, lately
from tests.e2e.looks import Looks
from tests.fakes import MONDAY
from tests.fakes_desk import PASSWORD, DeskWorld, Seat, desk_of
from tests.flow.booking_world import open_doors
from tests.flow.test_desk_files import PDF, path_in, put
from tests.world import World

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
    async with desk_of(world, lately) as served:
        await busy_day(served)
        yield served


@pytest.fixture
async def whole_desk(desk: DeskWorld) -> DeskWorld:
    """With the knowledge base at work too."""
    await answered_by_expert(desk, 6)
    await curating_day(desk)
    return desk


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
    await diary(desk)
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
    await seat.open("/tickets")
    await seat.send("/views?tab=open&area=filing&person=none", name="没人管的专利", shared="yes")
    async with desk.world.session() as session:
        await index_changed(session, clock())


async def diary(desk: DeskWorld) -> None:
    """Working weeks, a room that is closed for a while, a leave over an appointment."""
    await open_doors(desk.world)
    ids, tomorrow = desk.world.ids, MONDAY + timedelta(days=1)
    async with desk.world.session() as session:
        rooms = [Room(center_id=ids["north"], name=f"{n}号接待室", capacity=n) for n in (1, 2)]
        session.add_all(rooms)
        await session.flush()
        session.add(
            RoomClosure(
                room_id=rooms[0].id, starts_at=tomorrow, ends_at=tomorrow + timedelta(hours=5),
                reason="空调检修",
            )
        )  # fmt: skip
        session.add(
            Leave(
                advisor_id=ids["advisor_a"], starts_at=tomorrow,
                ends_at=tomorrow + timedelta(hours=5), reason="出庭",
            )
        )  # fmt: skip
        session.add(SpecialDay(advisor_id=ids["advisor_b"], day=tomorrow.date(), reason="培训"))
    for hours, code, advisor in ((25, "HJ23KL", "advisor_a"), (49, "JK34LM", "advisor_a2")):
        row = await desk.appointment(
            MONDAY + timedelta(hours=hours), code=code, name="示例来访人戊", advisor=advisor
        )
        async with desk.world.session() as session:
            row = await session.get_one(Appointment, row.id)
            await take(session, row, settings=desk.world.station.config.booking, now=MONDAY)


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
        "queue-filtered": "/tickets?area=filing&person=none",
        "queue-done": "/tickets?tab=done",
        "search": "/search?q=外观",
        "news": "/news",
        "enterprise": "/enterprises/1",
        "record": "/record/P01",
        "phone": "/walk-in?how=phone",
        "ticket-new": "/tickets/5",
        "ticket-working": "/tickets/2",
        "ticket-expert": "/tickets/1",
        "ticket-waiting": "/tickets/3",
        "ticket-answered": "/tickets/4",
        "ticket-by-expert": "/tickets/6",
        "appointments": "/appointments",
        "appointment": "/appointments/4",
        "appointment-later": "/appointments/5",
        "diary-week": "/appointments?view=week",
        "diary-rooms": "/appointments?view=week&by=room",
        "diary-day": "/appointments?day=2026-11-24",
        "conflicts": "/conflicts",
        "hours": "/hours",
        "hours-of": "/hours/1",
        "rooms": "/rooms",
        "move": "/appointments/5/move",
        "book": "/book?area=filing",
        "book-list": "/book/list",
        "check-in": "/check-in?code=CD45EF",
        "shares": "/shares",
        "agencies": "/agencies",
        "canned": "/canned",
        "canned-edit": "/canned/1",
        "walk-in": "/walk-in",
        "counts": "/counts",
        "alerts": "/alerts",
        "hand-over": "/hand-over",
        "missing": "/nowhere",
    },
    "province": {
        "home": "/",
        "counts": "/counts",
        "appointments": "/appointments?center=north",
        "reverse": "/counts/1/reverse",
        "accounts": "/accounts",
        "account-new": "/accounts/new",
        "account-one": "/accounts/1",
        "account": "/account",
        "two-factor": "/account/two-factor",
        "audit": "/audit",
    },
    "colleague": {"home": "/"},
    "expert": {"home": "/", "ticket": "/tickets/1"},
    "editor": {
        "kb": "/kb",
        "kb-drafts": "/kb?tab=drafts",
        "kb-entry": f"/kb/{LATE_FEE}",
        "kb-entry-plain": "/kb/filing-grace-period",
        "kb-diff": f"/kb/{LATE_FEE}/diff",
        "kb-edit": f"/kb/{LATE_FEE}/edit",
        "kb-new": "/kb/new",
        "kb-law": "/kb/law",
        "kb-gaps": "/kb/gaps",
        "kb-exam": f"/kb/{LATE_FEE}/exam",
    },
    "advisor": {
        "home": "/",
        "appointments": "/appointments",
        "diary-week": "/appointments?view=week",
        "hours-of": "/hours/1",
        "calendar": "/hours/1/calendar",
    },
}


@pytest.mark.timeout(400)  # some sixty pages, each with its screenshots and its rules
async def test_every_page_is_accessible_and_fits(whole_desk: DeskWorld, browser: Browser) -> None:
    context = await browser.new_context(locale="zh-CN")
    page = await context.new_page()
    looks = Looks(page, whole_desk)
    await looks.at("sign-in", "/signin")
    await looks.at("sign-in-link", "/signin/token")
    for name, path in whole_desk.links.items():
        if name == "expert-page":
            await page.goto(str(whole_desk.server.make_url(f"/desk{path}")))
            await page.get_by_role("button", name="在这个浏览器里打开").click()
        await looks.at(name, path)
    for who, pages in PAGES.items():
        await context.clear_cookies()
        await sign_in(page, whole_desk, who)
        for name, path in pages.items():
            await looks.at(f"{who}-{name}", path)
    await context.close()
    assert looks.troubles == []


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


async def test_words_of_another_person_appear_at_once_and_leave_mine_alone(
    desk: DeskWorld, browser: Browser
) -> None:
    page = await browser.new_page()
    await sign_in(page, desk, "staff")
    await page.goto(str(desk.server.make_url("/desk/tickets/2")))
    await page.get_by_label("答复内容").fill("我写到一半的答复")
    bell = page.locator("[data-bell]")
    before = await bell.text_content()
    await expect(page.locator("#lines")).not_to_contain_text("又来一封律师函")
    person = desk.world.person("chat1")
    await desk.told("chat1")
    await person.tap("补充说明")
    await person.say("对方又来一封律师函")
    await expect(page.locator("#lines")).to_contain_text("又来一封律师函", timeout=1000)
    await expect(page.get_by_label("答复内容")).to_have_value("我写到一半的答复")
    await expect(bell).not_to_have_text(before or "", timeout=1000)
    colleague = await desk.signed_in("colleague")
    await colleague.open("/tickets/2")
    await colleague.send("/tickets/2/answer", answer="同事先答复了")
    await expect(page.get_by_role("button", name="有新内容，点此刷新")).to_be_visible(timeout=1000)


async def test_the_queue_by_keys(desk: DeskWorld, browser: Browser) -> None:
    page = await browser.new_page()
    await sign_in(page, desk, "staff")
    await page.goto(str(desk.server.make_url("/desk/tickets")))
    await page.keyboard.press("j")
    await page.keyboard.press("j")
    await page.keyboard.press("x")
    await expect(page.locator("[data-bulk-count]")).to_have_text("已勾选 1 件：")
    await expect(page.locator(".tickets tbody tr").nth(1).locator("input")).to_be_checked()
    await page.keyboard.press("?")
    await expect(page.get_by_role("dialog")).to_be_visible()
    await page.keyboard.press("Escape")
    await page.keyboard.press("/")
    await expect(page.locator("#find")).to_be_focused()
    await page.keyboard.type("gh")  # while typing keys are letters
    await expect(page.locator("#find")).to_have_value("gh")
    await page.keyboard.press("Escape")
    await page.keyboard.press("k")
    await page.keyboard.press("o")
    await page.wait_for_url("**/tickets/*")
    await page.keyboard.press("g")
    await page.keyboard.press("h")
    await page.wait_for_url("**/desk/")


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
    await expect(other.locator("#said")).to_contain_text("商标续展什么时候办", timeout=8000)
