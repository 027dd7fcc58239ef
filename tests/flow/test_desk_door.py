"""Who gets in at the desk, and what every answer carries."""

import pytest
from sqlalchemy import select

from directory.model import Account
from directory.service import invite
from tests.fakes_desk import PASSWORD, DeskWorld, Seat


async def sign_in(seat: Seat, username: str, password: str) -> str:
    await seat.open("/signin")
    return await seat.send("/signin", username=username, password=password)


async def test_right_name_and_password_lead_to_the_page_one_came_for(desk: DeskWorld) -> None:
    seat = desk.seat()
    await seat.open("/tickets?tab=new&area=filing")
    assert seat.path.startswith("/desk/signin?next=")
    await seat.send("/signin", username="staff", password=PASSWORD, next=seat.hidden("next"))
    assert seat.path == "/desk/tickets?tab=new&area=filing"
    assert "示例北园分中心" in seat.words


async def test_whatever_was_wrong_the_answer_is_the_same(desk: DeskWorld) -> None:
    wrong = await sign_in(desk.seat(), "staff", "guess")
    unknown = await sign_in(desk.seat(), "nobody", "guess")
    assert "用户名或密码不对" in wrong
    assert wrong.replace("staff", "") == unknown.replace("nobody", "")


async def test_five_misses_lock_the_account_and_time_opens_it(desk: DeskWorld) -> None:
    seat = desk.seat()
    for _ in range(5):
        await sign_in(seat, "staff", "guess")
    assert "用户名或密码不对" in await sign_in(seat, "staff", PASSWORD)
    desk.world.clock.move(minutes=11)
    await sign_in(seat, "staff", PASSWORD)
    assert seat.path == "/desk/"


async def test_empty_fields_get_a_sentence_each(desk: DeskWorld) -> None:
    seat = desk.seat()
    said = await sign_in(seat, "", "")
    assert "请输入用户名。" in said
    assert "请输入密码。" in said
    assert seat.status == 422


async def test_one_time_link_survives_a_preview_and_works_once(desk: DeskWorld) -> None:
    async with desk.world.session() as session:
        token = await invite(session, now=desk.world.clock(), account_id=desk.world.ids["staff"])
    preview, person, second = desk.seat(), desk.seat(), desk.seat()
    await preview.open(f"/signin/{token}")
    await person.open(f"/signin/{token}")
    await second.open(f"/signin/{token}")
    await person.send(f"/signin/{token}")
    assert person.path == "/desk/"
    assert "已用过或已过期" in await second.send(f"/signin/{token}")


async def test_a_link_that_ties_an_expert_chat_signs_nobody_in_and_stays_good(
    desk: DeskWorld,
) -> None:
    expert = desk.world.ids["expert_filing_2"]
    async with desk.world.session() as session:
        token = await invite(session, now=desk.world.clock(), expert_id=expert)
    seat = desk.seat()
    await seat.open(f"/signin/{token}")
    assert "已用过或已过期" in await seat.send(f"/signin/{token}")
    told = await desk.world.person("new-expert").open(f"x_{token}")
    assert "过期" not in " ".join(told)


async def test_session_ends_by_time_by_sign_out_and_with_the_account(desk: DeskWorld) -> None:
    tired, leaving, dismissed = [await desk.signed_in("staff") for _ in range(3)]
    assert "已退出" in await leaving.send("/signout")
    await leaving.open("/tickets")
    assert leaving.path.startswith("/desk/signin")
    async with desk.world.session() as session:
        account = await session.scalar(select(Account).where(Account.username == "staff"))
        assert account is not None
        account.active = False
    await dismissed.open("/")
    assert dismissed.path.startswith("/desk/signin")
    async with desk.world.session() as session:
        account = await session.get_one(Account, desk.world.ids["staff"])
        account.active = True
    await tired.open("/tickets")
    assert tired.path == "/desk/tickets"
    desk.world.clock.move(hours=13)
    await tired.open("/tickets")
    assert tired.path.startswith("/desk/signin")


async def test_a_form_without_the_token_changes_nothing_and_gives_the_words_back(
    desk: DeskWorld,
) -> None:
    ticket = await desk.ticket("发明专利被驳回了怎么办")
    seat, other = await desk.signed_in("staff"), await desk.signed_in("colleague")
    await seat.open(f"/tickets/{ticket.id}")
    for token in ("", "none", other.token()):
        said = await seat.send(
            f"/tickets/{ticket.id}/answer", csrf=token, answer="写了很久的<b>答复</b>"
        )
        assert seat.status == 403
        assert "这一步没有执行" in said
        assert "写了很久的<b>答复</b>" in said
    assert "待受理" in await seat.open("/")
    desk.world.clock.move(hours=13)
    said = await seat.send(f"/tickets/{ticket.id}/answer", answer="写了很久的答复")
    assert "登录已过期" in said
    assert "写了很久的答复" in said


async def test_sign_in_itself_needs_the_token(desk: DeskWorld) -> None:
    seat = desk.seat()
    await seat.send("/signin", csrf="none", username="staff", password=PASSWORD)
    assert seat.status == 403
    assert PASSWORD not in seat.page


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example/", "//evil.example/desk/", "/desk", "/poster/north", "", "/desk/\nX: y"],
)
async def test_sign_in_never_leads_to_another_site(desk: DeskWorld, onward: str) -> None:
    seat = desk.seat()
    await seat.open("/signin")
    await seat.send("/signin", username="staff", password=PASSWORD, next=onward)
    assert seat.path == "/desk/"


async def test_every_answer_carries_the_security_headers(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    for path in ("/", "/tickets/999", "/nowhere", "/static/desk.css"):
        await seat.open(path)
        policy = seat.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert seat.headers["X-Content-Type-Options"] == "nosniff"
    await seat.open("/")
    assert " style=" not in seat.page
    assert "<script>" not in seat.page
    cookies = [c for c in seat.http.cookie_jar if c.key == "desk_session"]
    assert cookies[0]["httponly"]
    assert cookies[0]["samesite"] == "Lax"


@pytest.mark.parametrize(
    ("who", "open_to", "closed"),
    [
        ("advisor", ["/", "/appointments"], ["/tickets", "/counts", "/walk-in", "/counts.xlsx"]),
        ("expert", ["/", "/tickets"], ["/appointments", "/counts", "/walk-in"]),
        ("province", ["/", "/tickets", "/appointments", "/counts"], ["/walk-in"]),
        ("staff", ["/", "/tickets", "/appointments", "/counts", "/walk-in"], []),
    ],
)
async def test_each_role_has_its_pages(
    desk: DeskWorld, who: str, open_to: list[str], closed: list[str]
) -> None:
    seat = await desk.signed_in(who)
    for path in open_to:
        await seat.open(path)
        assert seat.status == 200, path
        for away in closed:
            assert f'href="/desk{away}"' not in seat.page
    for path in closed:
        await seat.open(path)
        assert seat.status == 403, path


async def test_bad_addresses_are_answered_in_chinese(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    for path in ("/tickets/999999999999", "/tickets/abc", "/appointments/0", "/nowhere"):
        said = await seat.open(path)
        assert seat.status == 404, path
        assert "没有这一页" in said
    await seat.open("/tickets/1/answer")
    assert seat.status == 405
    assert "回到首页" in seat.words
    assert "日期没看懂" in await seat.open("/appointments?day=2026-13-45")
    assert "月份没看懂" in await seat.open("/counts?month=%27%3B--")
    assert "没有工单了" in await seat.open("/tickets?after=99999999999999999.1")


async def test_the_link_without_a_slash_works(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    await seat.open("")
    assert seat.path == "/desk/"
