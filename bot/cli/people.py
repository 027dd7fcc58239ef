"""``ipstation people``: the organisations, people and accounts of a real installation, from a file.

A new installation has nobody who could sign in and enter the others; this is how the first come in.
"""

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Availability
from booking.service.rules import Rules, Weekly, set_week
from core import schema
from core.clock import system_clock
from core.config import Config
from core.database import Database
from directory import queries
from directory.accounts import UNUSABLE
from directory.actor import SYSTEM
from directory.enrol import chats_of_liaisons, enrol, has_province
from directory.roster import TITLES, Roster, Row, read_roster
from directory.service import invite
from knowledge.entry import AREAS

NOBODY = (
    "注意：还没有省级管理员，没有人能在工作台管理全部账号。"
    '请加一个 [[account]]，role = "province"。'
)


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The subcommand and its arguments."""
    parser = commands.add_parser("people", help="名册：分中心、机构、顾问、专家、企业、账号")
    steps = parser.add_subparsers(required=True, metavar="操作")
    one = steps.add_parser(
        "import", help="导入名册；新的加上，变了的更新，从不删除；打印登录链接和绑定口令"
    )
    one.add_argument("file", type=Path, metavar="文件", help="样例见 docs/roster.example.toml")
    one.add_argument("--check", action="store_true", help="只检查并说明会改什么，不写入")
    one.add_argument(
        "--bind-liaisons",
        action="store_true",
        help="把联络员和留过同一电话、同一企业的对话接上；请先核实是本人",
    )
    one.set_defaults(run=lambda config, arguments: asyncio.run(run(config, arguments)))


async def run(config: Config, arguments: argparse.Namespace) -> int:
    """The command: on the configured database, brought up to date first. 1: the file is wrong."""
    database = Database(config.database.url)
    try:
        await schema.upgrade(database)
        return await bring_in(config, database, arguments, now=system_clock())
    finally:
        await database.close()


async def bring_in(
    config: Config, database: Database, arguments: argparse.Namespace, *, now: datetime
) -> int:
    """Read the file, write it in one transaction and say what became of it."""
    roster, said = read_roster(arguments.file, AREAS), []
    async with database.transaction() as session:
        await enrol(session, roster, now=now)
        if not roster.problems:
            said += await _set_hours(session, config, roster, now)
            said += await _liaison_lines(session, roster, bind=arguments.bind_liaisons)
            if not await has_province(session):
                said.append(NOBODY)
            if not arguments.check:
                said += await _doors(session, config, roster, now)
        if roster.problems or arguments.check:
            await session.rollback()
    if roster.problems:
        print(*roster.problems, sep="\n", file=sys.stderr)
        count = len(roster.problems)
        print(f"共 {count} 处要改；没有导入，数据库保持不变。请改正后重试。", file=sys.stderr)
        return 1
    print(*_summary(roster), *said, sep="\n")
    if arguments.check:
        print("以上只是检查，没有写入。去掉 --check 即导入。")
    return 0


def _summary(roster: Roster) -> Iterator[str]:
    for table, rows in roster.rows.items():
        if rows:
            many = Counter(row.state for row in rows)
            yield (
                f"{TITLES[table]}：新增 {many['added']}，更改 {many['changed']}，"
                f"未变 {many['same']}"
            )
    for row in roster.all_rows():
        if row.state == "changed":
            keys = "、".join(key.removesuffix("_id") for key in row.changed)
            name = row.values.get("name")
            yield f"  更改 {row.place} {name}：{keys}"


async def _set_hours(
    session: AsyncSession, config: Config, roster: Roster, now: datetime
) -> list[str]:
    """The advisors' weeks. What was booked and does not fit any more is left to a person."""
    said, rules = [], Rules(config.booking, config.calendar())
    for row in roster.rows["advisor"]:
        if "hours" not in row.values or not await _differs(session, row):
            continue
        row.changed.append("hours")
        row.state = "changed" if row.state == "same" else row.state
        clashes = await set_week(
            session, actor=SYSTEM, advisor_id=row.item.id, rules=rules, now=now,
            week=[Weekly(*span) for span in row.values["hours"]],
        )  # fmt: skip
        if clashes:
            said.append(
                f"{row.item.name}有 {len(clashes)} 个预约不再符合，请看工作台的“待处理的冲突”。"
            )
    return said


async def _differs(session: AsyncSession, row: Row) -> bool:
    found = await session.scalars(
        select(Availability).where(Availability.advisor_id == row.item.id)
    )
    week = sorted((one.weekday, one.start, one.end) for one in found)
    return bool(week != row.values["hours"])


async def _liaison_lines(session: AsyncSession, roster: Roster, *, bind: bool) -> list[str]:
    said = []
    for liaison, enterprise, contact in await chats_of_liaisons(session, roster):
        whose = f"{enterprise.name}的联络员{liaison.name}"
        if bind:
            liaison.contact_id = contact.id
            said.append(f"{whose}已和对话接上（{contact.channel}，留名 {contact.name or '无'}）。")
        else:
            said.append(
                f"{whose}的电话和企业与一个对话相同（{contact.channel}，留名 "
                f"{contact.name or '无'}）。核实是本人后，加 --bind-liaisons 接上。"
            )
    await session.flush()
    return said


async def _doors(session: AsyncSession, config: Config, roster: Roster, now: datetime) -> list[str]:
    """One-time links and binding words for those of the file who cannot get in yet."""
    days = config.security.invitation_days
    base, valid_for = config.server.public_url.rstrip("/"), timedelta(days=days)
    links, words = [], []
    for account in (row.item for row in roster.rows["account"]):
        if account.active and account.password_hash == UNUSABLE:
            token = await invite(
                session, now=now, account_id=account.id, valid_for=valid_for, welcome=True
            )
            links.append(f"  {account.name}（{account.username}）  {base}/desk/signin/{token}")
    for one in (row.item for row in roster.rows["expert"]):
        if one.active and not await queries.expert_contacts(session, one.id):
            token = await invite(session, now=now, expert_id=one.id, valid_for=valid_for)
            words.append(f"  专家{one.name}  /start x_{token}")
    for one in (row.item for row in roster.rows["advisor"]):
        if one.active and not await queries.advisor_contacts(session, one.id):
            token = await invite(session, now=now, advisor_id=one.id, valid_for=valid_for)
            words.append(f"  顾问{one.name}  /start a_{token}")
    if links:
        links.insert(0, f"一次性登录链接，请只交给本人（各用一次，{days} 天内有效）：")
    if words:
        words.insert(0, f"绑定口令，由本人在对话里发送（各用一次，{days} 天内有效）：")
    return [*links, *words]
