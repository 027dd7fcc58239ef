"""``ipstation demo``: invented data to try the service with, and one-time sign-in links."""

import argparse
import asyncio

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.demo import people
from bot.demo.history import MovingClock, relive
from bot.station import Station, open_engine
from core import schema
from core.clock import local_day, system_clock
from core.config import Config
from core.database import Database
from directory.model import Account, Advisor, Center, Expert
from directory.service import invite
from knowledge.engine import Engine

DOORS = (
    ("分中心人员", "demo-bei-staff"),
    ("机构顾问", "advisor01"),
    ("省级专家", "expert01"),
    ("省级管理员", "province"),
)


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The subcommand."""
    parser = commands.add_parser("demo", help="写入虚构的演示数据，打印一次性登录链接")
    parser.set_defaults(run=lambda config, _: asyncio.run(run(config)))


async def run(config: Config) -> int:
    """The command: on the configured database, brought up to date first."""
    database = Database(config.database.url)
    await schema.upgrade(database)
    await furnish(config, database, open_engine(config))
    await database.close()
    return 0


async def furnish(config: Config, database: Database, engine: Engine) -> None:
    """Fill an empty database; then, every time, print fresh one-time links."""
    now = system_clock()
    async with database.reading() as session:
        empty = await session.scalar(select(Center.id).limit(1)) is None
    if empty:
        print("正在写入演示数据（全部虚构）……", flush=True)
        async with database.transaction() as session:
            await people.settle(session, local_day(now))
        clock = MovingClock(now)
        station = Station.build(config, [], engine=engine, database=database, clock=clock)
        await relive(station, clock, now)
    async with database.transaction() as session:
        print(*await _links(session, config), sep="\n", flush=True)


async def _links(session: AsyncSession, config: Config) -> list[str]:
    now, base = system_clock(), config.server.public_url
    lines = ["一次性登录链接（各用一次，三天内有效）："]
    for title, username in DOORS:
        account = await session.scalar(select(Account).where(Account.username == username))
        if account is not None:
            token = await invite(session, now=now, account_id=account.id)
            lines.append(f"  {title}  {base}/desk/signin/{token}")
    for center in (await session.scalars(select(Center).order_by(Center.id))).all():
        lines.append(
            f"  {center.name}的对话页  {base}/c/{center.code}  海报 {base}/poster/{center.code}"
        )
    expert = await session.scalar(select(Expert).order_by(Expert.id).limit(1))
    if expert is not None:
        token = await invite(session, now=now, expert_id=expert.id)
        lines.append(f"  在对话中绑定专家{expert.name}：发送 /start x_{token}")
    advisor = await session.scalar(select(Advisor).order_by(Advisor.id).limit(1))
    if advisor is not None:
        token = await invite(session, now=now, advisor_id=advisor.id)
        lines.append(f"  在对话中绑定顾问{advisor.name}：发送 /start a_{token}")
    return lines
