"""``ipstation people import``: a fresh installation gets its people from one file, and the first of
them comes in by the printed link."""

import argparse
import asyncio
import dataclasses
import re
from collections.abc import AsyncIterator, Callable
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select

from booking.model import Availability
from bot.cli import people
from bot.station import Station
from console.app import create_app
from core.config import Config
from core.database import Database
from directory.audit import AuditLine
from directory.model import Account, Advisor, Center, Contact, Enterprise, Expert, Liaison, Role
from knowledge.engine import Engine
from tests.fakes import FakeChannel, FakeClock
from tests.fakes_desk import DeskWorld
from tests.world import World

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "roster.example.toml"
PLAIN = EXAMPLE.read_text(encoding="utf-8")
Bring = Callable[..., Any]


@pytest.fixture
def fresh(database: Database, config: Config, engine: Engine) -> World:
    """A station whose database holds nobody."""
    clock, channel = FakeClock(), FakeChannel()
    station = Station.build(config, [channel], engine=engine, database=database, clock=clock)
    return World(station, channel, clock)


@pytest.fixture
async def door(fresh: World) -> AsyncIterator[DeskWorld]:
    """Its desk."""
    station, app = fresh.station, web.Application()
    desk = create_app(
        station.config, station.database, worktime=station.config.calendar(), clock=fresh.clock,
        wake_pump=lambda: None, examiner=station.examiner, library=station.library,
    )  # fmt: skip
    app.add_subapp("/desk", desk)
    async with TestServer(app) as server:
        served = DeskWorld(fresh, server, station.examiner, desk)
        yield served
        for http in served.seats:
            await http.close()


@pytest.fixture
def bring(fresh: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Bring:
    """Import a text; what was printed, after the exit code."""

    async def act(text: str | bytes, *, check: bool = False, bind: bool = False) -> str:
        file = tmp_path / "名册.toml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        given = argparse.Namespace(file=file, check=check, bind_liaisons=bind)
        station = fresh.station
        code = await people.bring_in(station.config, station.database, given, now=fresh.clock())
        said = capsys.readouterr()
        return f"{code}\n{said.out}{said.err}"

    return act


async def stored(world: World) -> list[tuple[Any, ...]]:
    """Every row that a roster can write."""
    kinds = (Center, Expert, Enterprise, Advisor, Liaison, Account, Availability, AuditLine)
    async with world.session() as session:
        return [
            tuple(getattr(row, column.key) for column in kind.__table__.columns)
            for kind in kinds
            for row in await session.scalars(select(kind).order_by(kind.id))
        ]


async def test_a_fresh_installation_gets_everything_and_its_first_person_in(
    door: DeskWorld, bring: Bring
) -> None:
    said = await bring(PLAIN)
    assert said.startswith("0\n分中心：新增 1，更改 0，未变 0\n")
    assert "账号：新增 4，更改 0，未变 0" in said
    async with door.world.session() as session:
        advisor = (await session.scalars(select(Advisor))).one()
        week = (await session.scalars(select(Availability))).all()
        liaison = (await session.scalars(select(Liaison))).one()
        account = select(Account).where(Account.username == "shili-advisor")
        assert advisor.areas == ["filing", "trademark"]
        assert {(one.weekday, one.start) for one in week} == {
            (0, time(9)), (0, time(13, 30)), (2, time(9)), (2, time(13, 30)), (4, time(9)),
        }  # fmt: skip
        assert liaison.since == date(2026, 1, 1)
        assert (await session.scalars(account)).one().center_id == advisor.center_id
        lines = (await session.scalars(select(AuditLine))).all()
        assert {(one.verb, one.role, one.detail) for one in lines} == {
            ("account_new", "system", one) for one in ("province", "director", "advisor", "expert")
        }  # fmt: skip
    link = re.search(r"shili-province）  http://127.0.0.1:8080/desk(/signin/\S+)", said)[1]  # type: ignore[index]
    seat = door.seat()
    await seat.open(link)
    await seat.send(link)
    assert seat.path == "/desk/account"
    assert "示例北园分中心" in await seat.open("/accounts/new")
    north = re.search(r'value="(\d+)"[^>]*>示例北园分中心', seat.page)[1]  # type: ignore[index]
    said = await seat.send(
        "/accounts/new", name="示例新人", username="xin.ren", role="staff", center=north
    )
    assert "/desk/signin/" in said
    assert "ipstation people import" in await seat.open("/audit")


async def test_the_printed_words_tie_chats_and_are_not_printed_again(
    fresh: World, bring: Bring
) -> None:
    said = await bring(PLAIN)
    for kind, chat, name in (("x", "expert", "示例专家"), ("a", "advisor", "示例顾问")):
        token = re.search(rf"{name}  /start ({kind}_\S+)", said)[1]  # type: ignore[index]
        assert name in (await fresh.person(chat).open(token))[-1]
    assert "/start" not in await bring(PLAIN)


async def test_the_second_time_nothing_changes_and_a_new_name_is_one_change(
    fresh: World, bring: Bring
) -> None:
    await bring(PLAIN)
    before = await stored(fresh)
    again = await bring(PLAIN)
    assert not re.search("(新增|更改) [1-9]", again)
    assert "/desk/signin/" in again  # nobody has a password yet
    assert await stored(fresh) == before
    renamed = PLAIN.replace('name = "示例主任"', 'name = "示例新主任"')
    assert "账号：新增 0，更改 1，未变 3" in await bring(renamed, check=True)
    assert await stored(fresh) == before
    said = await bring(renamed)
    assert re.findall("更改 ([1-9])", said) == ["1"]
    assert "更改 第 2 个 [[account]] 示例新主任：name" in said
    after = await stored(fresh)
    assert len(after) == len(before) + 1  # the line of the audit log
    assert len(set(map(str, after)) - set(map(str, before))) == 2


async def test_what_is_not_written_stays_and_hours_are_replaced(fresh: World, bring: Bring) -> None:
    await bring(PLAIN)
    await bring('[[center]]\ncode = "shili-bei"\nname = "示例北园"')
    changed = re.sub(r"(?m)^hours.*$", 'hours = ["周六、周日 10:00-11:00"]', PLAIN)
    said = await bring(changed)
    assert "更改 第 1 个 [[advisor]] 示例顾问：hours" in said
    async with fresh.session() as session:
        assert (await session.scalars(select(Center))).one().address == "示例北园产业园 示例路 1 号"
        assert [one.weekday for one in await session.scalars(select(Availability))] == [5, 6]


async def test_an_advisor_who_moves_takes_the_account_along(fresh: World, bring: Bring) -> None:
    await bring(PLAIN)
    said = await bring("""
        [[center]]
        code = "shili-nan"
        name = "示例南园分中心"
        [[advisor]]
        name = "示例顾问"
        agency = "示例甲知识产权代理事务所"
        center = "示例南园分中心"
        areas = ["商标"]
        active = false
    """)
    assert "更改 第 1 个 [[advisor]] 示例顾问：center、areas、active" in said
    assert "/start" not in said
    async with fresh.session() as session:
        advisor = (await session.scalars(select(Advisor))).one()
        account = select(Account).where(Account.role == Role.ADVISOR)
        assert (await session.scalars(account)).one().center_id == advisor.center_id
        south = select(Center.id).where(Center.code == "shili-nan")
        assert advisor.center_id == await session.scalar(south)


async def test_a_liaison_is_tied_to_a_chat_only_when_told_to(fresh: World, bring: Bring) -> None:
    await bring(PLAIN)
    async with fresh.session() as session:
        firm = (await session.scalars(select(Enterprise))).one()
        contact = Contact(channel="fake", user="li", name="李四", phone="0731-00000000",
                          enterprise_id=firm.id, created_at=fresh.clock())  # fmt: skip
        session.add(contact)
    said = await bring(PLAIN.replace("0731-0", "0731 0"))
    assert "核实是本人后，加 --bind-liaisons 接上" in said
    assert "已和对话接上（fake，留名 李四）" in await bring(PLAIN, bind=True)
    async with fresh.session() as session:
        assert (await session.scalars(select(Liaison))).one().contact_id == contact.id
    assert "对话" not in (await bring(PLAIN)).partition("绑定口令")[0]


BAD = """
[[center]]
code = "Bei Yuan"
name = "示例北园分中心"
adress = "示例路"
[[center]]
code = "nan"
[[center]]
code = "dong"
name = "示例东园分中心"
[[center]]
code = "dong"
name = "示例东园二分中心"
[[centre]]
[[expert]]
name = "示例专家"
areas = ["算命"]
[[enterprise]]
name = "示例一公司"
uscc = "91430000DEMO000001"
center = "Bei Yuan"
[[enterprise]]
name = "示例二公司"
center = "xi"
[[advisor]]
name = "示例顾问"
agency = "示例无此机构"
center = "dong"
areas = ["filing"]
hours = ["周一 12:00-09:00"]
[[liaison]]
enterprise = "示例一公司"
name = "示例联络员"
phone = "12345"
since = "2026-01-01"
[[account]]
username = "zhuren"
name = "示例主任"
role = "director"
[[account]]
username = "laoban"
name = "示例老板"
role = "boss"
"""
WRONG = (
    "第 1 个 [[center]]：code “Bei Yuan”不对：只能用小写英文字母",
    "第 1 个 [[center]]：不认识 adress，请改正或删去。可以写：code、name、address、spans",
    "第 2 个 [[center]]：缺少 name，请补上",
    "第 4 个 [[center]]：和第 3 个 [[center]]是同一个，请合并成一个",
    "：不认识 centre。可以写的表：[[center]]",
    "第 1 个 [[expert]]：areas 没有“算命”这一项。可以写：专利申请（filing）、",
    "第 1 个 [[enterprise]]：uscc “91430000DEMO000001”不对：统一社会信用代码要 18 位",
    "第 2 个 [[enterprise]]：没有叫“xi”的分中心，请改正，或在文件里加上它的 [[center]]",
    "第 1 个 [[advisor]]：hours 里的“12:00-09:00”有不存在的钟点，或先结束后开始",
    "第 1 个 [[advisor]]：没有叫“示例无此机构”的代理机构",
    "第 1 个 [[liaison]]：phone “12345”不像电话号码",
    "第 1 个 [[liaison]]：since 要写成 2026-01-31 这样的日期，不加引号",
    "第 1 个 [[account]]：role 是 director 时要写 center，请补上",
    "第 2 个 [[account]]：role 没有“boss”这一项。可以写：分中心人员（staff）、",
)


async def test_all_that_is_wrong_is_said_at_once_and_nothing_is_written(
    fresh: World, bring: Bring
) -> None:
    await bring(PLAIN)
    before = await stored(fresh)
    said = await bring(BAD)
    for one in WRONG:
        assert f"名册.toml {one}".replace("toml ：", "toml：") in said
    assert f"共 {len(WRONG)} 处要改；没有导入，数据库保持不变" in said
    assert said.startswith("1\n")
    assert await stored(fresh) == before


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[center]]\n\ncode = beiyuan\n", "名册.toml 第 3 行：不是正确的 TOML"),
        ('[[center]]\ncode = "a1"\ncode = "a2"\n', "名册.toml 第 3 行：不是正确的 TOML"),
        ('[[center]]\nname = "示例"'.encode("gb18030"), "名册.toml 第 2 行：不是 UTF-8 编码"),
        ('[center]\ncode = "bei"\n', "名册.toml：center 要写成双方括号的表：[[center]]"),
        ('center = "bei"\n', "名册.toml：center 要写成双方括号的表：[[center]]"),
    ],
)
async def test_a_file_that_cannot_be_read_says_where(
    bring: Bring, text: str | bytes, what: str
) -> None:
    said = await bring(text)
    assert said.startswith("1\n") and what in said


async def test_a_name_and_a_code_of_two_enterprises(fresh: World, bring: Bring) -> None:
    await bring(PLAIN)
    other = (
        '[[enterprise]]\nname = "示例二公司"\nuscc = "91430100MADEMY0002"\ncenter = "shili-bei"\n'
    )
    await bring(other)
    assert "在数据库里分属两家企业" in await bring(other.replace("示例二公司", "示例机械有限公司"))


async def test_without_a_provincial_administrator_it_says_so(bring: Bring) -> None:
    assert "还没有省级管理员" in await bring('[[agency]]\nname = "示例甲事务所"')


def test_the_example_passes_the_check_of_the_command(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/fresh.db"
    config = dataclasses.replace(config, database=dataclasses.replace(config.database, url=url))
    parser = argparse.ArgumentParser()
    people.add_commands(parser.add_subparsers())
    given = parser.parse_args(["people", "import", str(EXAMPLE), "--check"])
    assert given.run(config, given) == 0
    said = capsys.readouterr().out
    assert "账号：新增 4" in said and "没有写入" in said and "signin" not in said
    assert asyncio.run(_centers(url)) == 0


async def _centers(url: str) -> int:
    database = Database(url)
    async with database.reading() as session:
        found = len((await session.scalars(select(Center))).all())
    await database.close()
    return found


async def test_before_anybody_is_registered_the_chat_says_what_is_missing(fresh: World) -> None:
    person = fresh.person()
    for words in ("预约", "转人工"):
        assert "还没有登记任何分中心" in "".join(await person.say(words))
    assert "滞纳金" in "".join(await person.say("专利年费忘交了怎么办？"))
