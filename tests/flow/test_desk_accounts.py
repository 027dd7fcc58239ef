"""Accounts at the desk: invited, given a password and a second factor, managed, signed out; the
audit log that remembers."""

import dataclasses
import re
from collections.abc import AsyncIterator
from datetime import datetime

import pyotp
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.exc import DBAPIError

from core.config import Config
from core.seal import seal, unseal
from core.security import hash_password
from directory.actor import SYSTEM
from directory.audit import AuditLine, write
from directory.model import Account
from directory.passwords import PasswordCommon, PasswordLong, PasswordShort, require_good
from tests.fakes_desk import PASSWORD, DeskWorld, Seat, desk_of
from tests.world import World

GOOD = "湖南长沙岳麓山上 云很白 风很轻"


@pytest.fixture
async def strict(world: World, config: Config) -> AsyncIterator[DeskWorld]:
    """A desk where directors and the province need a second factor."""
    security = dataclasses.replace(config.security, two_factor_roles=("province", "director"))
    object.__setattr__(world.station, "config", dataclasses.replace(config, security=security))
    async with desk_of(world) as served:
        yield served


async def account(desk: DeskWorld, who: str) -> Account:
    async with desk.world.session() as session:
        return await session.get_one(Account, desk.world.ids[who])


def code(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(int(at.timestamp()))


async def second_factor(desk: DeskWorld, seat: Seat) -> tuple[str, list[str]]:
    """Set it up; the secret and the recovery codes."""
    said = await seat.open("/account/two-factor")
    secret = re.search(r"手工输入密钥： ?([A-Z2-7]{32})", said)[1]  # type: ignore[index]
    hidden = seat.hidden("secret")
    said = await seat.send(
        "/account/two-factor", secret=hidden, code=code(secret, desk.world.clock())
    )
    return secret, re.findall(r"\b[2-9a-z]{5}-[2-9a-z]{5}\b", said)


async def with_password(desk: DeskWorld, seat: Seat, username: str, password: str) -> str:
    await seat.open("/signin")
    return await seat.send("/signin", username=username, password=password)


async def test_invited_by_link_a_person_sets_a_password_and_comes_in_with_it(
    desk: DeskWorld,
) -> None:
    province, person = await desk.signed_in("province"), desk.seat()
    await province.open("/accounts/new")
    said = await province.send(
        "/accounts/new",
        name="示例新人",
        username="Xin.Ren",
        role="staff",
        center=str(desk.world.ids["north"]),
        undertaking="2026-11-20",
    )
    link = re.search(r"/desk(/signin/\S+)", said)[1]  # type: ignore[index]
    await person.open(link)
    await person.send(link)
    assert person.path == "/desk/account"
    assert "现在的密码" not in person.words
    said = await person.send("/account/password", new="short", again="short")
    assert "密码太短" in said
    assert "不一样" in await person.send("/account/password", new=GOOD, again=GOOD + "x")
    assert "新密码已生效" in await person.send("/account/password", new=GOOD, again=GOOD)
    again = desk.seat()
    await with_password(desk, again, "xin.ren", GOOD)
    assert again.path == "/desk/"
    assert "示例北园分中心" in again.words
    second = desk.seat()
    await second.open(link)
    assert "已用过或已过期" in await second.send(link)


async def test_who_manages_whom(desk: DeskWorld) -> None:
    director = await desk.signed_in("colleague")
    said = await director.open("/accounts")
    assert "示例staff" in said and "示例staff_south" not in said and "示例province" not in said
    await director.open(f"/accounts/{desk.world.ids['staff_south']}")
    assert director.status == 404
    said = await director.send("/accounts/new", name="甲", username="jia.yi", role="province")
    assert "只能在您管理的范围内" in said
    said = await director.send("/accounts/new", name="甲", username="staff", role="staff")
    assert "已经有人用了" in said
    staff = await desk.signed_in("staff")
    await staff.open("/accounts")
    assert staff.status == 403


async def test_switched_off_is_out_at_once_and_nobody_saws_off_the_last_branch(
    desk: DeskWorld,
) -> None:
    director, staff = await desk.signed_in("colleague"), await desk.signed_in("staff")
    page = f"/accounts/{desk.world.ids['staff']}"
    await director.open(page)
    await director.send(f"{page}/switch", active="no")
    await staff.open("/")
    assert staff.path.startswith("/desk/signin")
    assert "用户名或密码不对" in await with_password(desk, desk.seat(), "staff", PASSWORD)
    await director.send(f"{page}/switch", active="yes")
    province = await desk.signed_in("province")
    own = f"/accounts/{desk.world.ids['province']}"
    await province.open(own)
    assert "最后一个省级管理员" in await province.send(f"{own}/switch", active="no")


async def test_a_second_factor_is_asked_for_and_each_code_works_once(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    secret, recovery = await second_factor(desk, seat)
    assert len(recovery) == 10
    stored = await account(desk, "staff")
    assert secret not in (stored.totp_sealed or "")
    desk.world.clock.move(minutes=5)
    fresh = desk.seat()
    await with_password(desk, fresh, "staff", PASSWORD)
    assert fresh.path.startswith("/desk/signin-code")
    await fresh.open("/")
    assert fresh.path.startswith("/desk/signin")  # half way in is not in
    await fresh.open("/signin-code")
    assert "验证码不对或已用过" in await fresh.send("/signin-code", code="000000")
    now = code(secret, desk.world.clock())
    await fresh.send("/signin-code", code=now)
    assert fresh.path == "/desk/"
    other = desk.seat()
    await with_password(desk, other, "staff", PASSWORD)
    assert "验证码不对或已用过" in await other.send("/signin-code", code=now)
    await other.send("/signin-code", code=recovery[3])
    assert other.path == "/desk/"
    third = desk.seat()
    await with_password(desk, third, "staff", PASSWORD)
    assert "验证码不对或已用过" in await third.send("/signin-code", code=recovery[3])


async def test_a_one_time_link_does_not_go_round_the_second_factor(desk: DeskWorld) -> None:
    secret, _ = await second_factor(desk, await desk.signed_in("staff"))
    desk.world.clock.move(minutes=5)
    director = await desk.signed_in("colleague")
    page = f"/accounts/{desk.world.ids['staff']}"
    await director.open(page)
    link = re.search(r"/desk(/signin/\S+)", await director.send(f"{page}/link"))[1]  # type: ignore[index]
    seat = desk.seat()
    await seat.open(link)
    await seat.send(link)
    assert seat.path.startswith("/desk/signin-code")
    await seat.send("/signin-code", code=code(secret, desk.world.clock()), next="/desk/account")
    assert seat.path == "/desk/account"


async def test_codes_cannot_be_guessed(desk: DeskWorld) -> None:
    secret, _ = await second_factor(desk, await desk.signed_in("staff"))
    desk.world.clock.move(minutes=5)
    seat = desk.seat()
    await with_password(desk, seat, "staff", PASSWORD)
    for _ in range(5):
        await seat.send("/signin-code", code="000000")
    right = code(secret, desk.world.clock())
    assert "验证码不对或已用过" in await seat.send("/signin-code", code=right)


async def test_the_province_and_directors_must_set_one_up(strict: DeskWorld) -> None:
    token_seat = strict.seat()
    async with strict.world.session() as session:
        await session.execute(
            update(Account)
            .where(Account.username == "province")
            .values(password_hash=hash_password(PASSWORD))
        )
    await with_password(strict, token_seat, "province", PASSWORD)
    assert token_seat.path == "/desk/account/two-factor"
    for path in ("/", "/tickets", "/kb", "/accounts", "/audit.csv"):
        await token_seat.open(path)
        assert token_seat.path == "/desk/account/two-factor", path
    await second_factor(strict, token_seat)
    await token_seat.open("/tickets")
    assert token_seat.path == "/desk/tickets"
    staff = await strict.signed_in("staff")
    await staff.open("/tickets")
    assert staff.path == "/desk/tickets"


async def test_a_lost_phone_is_reset_by_who_manages_the_account(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    await second_factor(desk, seat)
    director = await desk.signed_in("colleague")
    page = f"/accounts/{desk.world.ids['staff']}"
    await director.open(page)
    assert "已重置" in await director.send(f"{page}/second")
    await seat.open("/")
    assert seat.path.startswith("/desk/signin")
    fresh = desk.seat()
    await with_password(desk, fresh, "staff", PASSWORD)
    assert fresh.path == "/desk/"


async def test_a_stranger_who_guesses_does_not_lock_out_the_known_browser(
    desk: DeskWorld,
) -> None:
    known, stranger = desk.seat(), desk.seat()
    await with_password(desk, known, "staff", PASSWORD)
    await known.send("/signout")
    for _ in range(5):
        await with_password(desk, stranger, "staff", "guess")
    assert "用户名或密码不对" in await with_password(desk, desk.seat(), "staff", PASSWORD)
    await with_password(desk, known, "staff", PASSWORD)
    assert known.path == "/desk/"
    await known.send("/signout")
    for _ in range(5):
        await with_password(desk, known, "staff", "guess")
    assert "用户名或密码不对" in await with_password(desk, known, "staff", PASSWORD)


async def test_browsers_are_listed_and_signed_out(desk: DeskWorld) -> None:
    first, second = await desk.signed_in("staff"), await desk.signed_in("staff")
    said = await first.open("/account")
    assert said.count("退出它") == 1
    assert "其他浏览器都已退出" in await first.send("/account/sessions/end")
    await second.open("/")
    assert second.path.startswith("/desk/signin")
    await first.open("/")
    assert first.path == "/desk/"


async def test_a_new_password_signs_the_others_out_and_needs_the_old_one(desk: DeskWorld) -> None:
    seat, other = desk.seat(), desk.seat()
    for one in (seat, other):
        await with_password(desk, one, "staff", PASSWORD)
    await seat.open("/account")
    said = await seat.send("/account/password", old="wrong", new=GOOD, again=GOOD)
    assert "现在的密码不对" in said
    await seat.send("/account/password", old=PASSWORD, new=GOOD, again=GOOD)
    await other.open("/")
    assert other.path.startswith("/desk/signin")
    assert "用户名或密码不对" in await with_password(desk, desk.seat(), "staff", PASSWORD)


@pytest.mark.parametrize(
    ("password", "second", "refused"),
    [
        ("a" * 14, False, PasswordShort),
        ("a7$kQ", True, PasswordShort),
        ("x" * 129, True, PasswordLong),
        ("123456789012345", False, PasswordCommon),
        ("qwertyuiop123456", False, PasswordCommon),
        ("zhangwei zhangwei", False, PasswordCommon),
        ("password password", True, PasswordCommon),
        (GOOD, False, None),
        ("correct horse battery staple", False, None),
        ("aB3!xY9qLm2", True, None),
    ],
)
def test_password_rules(password: str, second: bool, refused: type[Exception] | None) -> None:
    if refused is None:
        assert require_good(password, names=["zhangwei"], second_factor=second)
        return
    with pytest.raises(refused):
        require_good(password, names=["zhangwei"], second_factor=second)


async def test_the_audit_log_only_grows(both_worlds: World) -> None:
    async with both_worlds.session() as session:
        write(session, "sign_in", actor=SYSTEM, now=both_worlds.clock(), what="甲")
    for statement in (
        update(AuditLine).values(what="乙"),
        delete(AuditLine),
        text("DELETE FROM audit_log WHERE id = 1"),
    ):
        with pytest.raises(DBAPIError, match="only grows"):
            async with both_worlds.session() as session:
                await session.execute(statement)
    async with both_worlds.session() as session:
        assert list(await session.scalars(select(AuditLine.what))) == ["甲"]


async def test_the_audit_log_is_searched_and_exported_by_those_who_may(desk: DeskWorld) -> None:
    await with_password(desk, desk.seat(), "staff", "guess")
    await desk.signed_in("staff")
    await desk.signed_in("staff_south")
    province = await desk.signed_in("province")
    said = await province.open("/audit?q=staff")
    assert "登录失败" in said and "示例staff_south" in said
    assert "登录失败" not in (await province.open("/audit?verb=sign_in")).split("查找 导出")[1]
    director = await desk.signed_in("colleague")
    said = await director.open("/audit")
    assert "示例staff" in said and "示例staff_south" not in said
    await director.open("/audit.csv?verb=sign_in")
    assert director.status == 200
    async with desk.world.session() as session:
        verbs = list(await session.scalars(select(AuditLine.verb).order_by(AuditLine.id)))
    assert verbs[-1] == "audit_export"
    staff = await desk.signed_in("staff")
    await staff.open("/audit")
    assert staff.status == 403


def test_what_is_sealed_opens_with_its_own_key_and_purpose_only() -> None:
    sealed = seal("key", "totp", "秘密")
    assert "秘密" not in sealed
    assert sealed != seal("key", "totp", "秘密")
    assert unseal("key", "totp", sealed) == "秘密"
    assert unseal("other", "totp", sealed) is None
    assert unseal("key", "matter", sealed) is None
    assert unseal("key", "totp", sealed[:-4] + "AAA=") is None
