"""The command ``ipstation``, and the composition root of the server."""

import argparse
import asyncio
import dataclasses
import json
import logging
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from aiohttp import web

from bot.busy_reader import BusyReader
from bot.channels.port import Channel
from bot.channels.telegram.adapter import TelegramChannel
from bot.channels.telegram.api import open_bot
from bot.channels.telegram.receive import Receiver
from bot.channels.web.adapter import WebChannel
from bot.channels.web.server import build_app
from bot.cli import ask, chat, db, deadline, demo, fees, kb, people, report
from bot.station import Station, law_link, open_engine, open_library, share_time
from console.app import create_app
from core import schema
from core.clock import local_day, system_clock
from core.config import Config, ensure_secret_key, load
from core.database import Database
from core.errors import ConfigError
from core.jobs import run_forever
from knowledge.statutes.library import Library

log = logging.getLogger("ipstation")

PROJECT = Path(__file__).resolve().parent.parent


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; its exit code."""
    arguments = _parser().parse_args(argv)
    try:
        config = ensure_secret_key(load(_config_path(arguments.config)))
    except ConfigError as error:
        print("设置有误，未启动：", *error.problems, sep="\n- ", file=sys.stderr)
        return 2
    try:
        return int(arguments.run(config, arguments))
    except BrokenPipeError:
        # The reader (``head``) has seen enough; nothing more can be printed, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def _config_path(given: Path | None) -> Path:
    if given is not None:
        return given
    if "IPSTATION_CONFIG" in os.environ:
        return Path(os.environ["IPSTATION_CONFIG"])
    here = Path("config.toml")
    return here if here.exists() else PROJECT / "config.toml"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="ipstation", description="知产小站：知识产权咨询服务 (IP Station)"
    )
    parser.add_argument("--config", type=Path, help="设置文件，默认为当前文件夹的 config.toml")
    commands = parser.add_subparsers(required=True, metavar="命令")
    serving = commands.add_parser(
        "serve", help="启动服务：网页、工作台、接口，有令牌时还有 Telegram"
    )
    serving.add_argument(
        "--demo", action="store_true", help="空库时先写入虚构的演示数据，并打印登录链接"
    )
    serving.set_defaults(run=_serve)
    for command in (chat, ask, deadline, fees, kb, people, demo, db, report):
        command.add_commands(commands)
    settings = commands.add_parser("config", help="打印生效的设置（密钥不显示）")
    settings.set_defaults(run=_show_config)
    return parser


def _show_config(config: Config, _arguments: argparse.Namespace) -> int:
    print(json.dumps(config.dump(), ensure_ascii=False, indent=2))
    return 0


def _serve(config: Config, arguments: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    if arguments.demo:  # the demo's doors are one-time links; nobody has its phones
        open_doors = dataclasses.replace(config.security, two_factor_roles=())
        config = dataclasses.replace(config, security=open_doors)
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(config, demo_data=arguments.demo))
    return 0


async def serve(config: Config, *, demo_data: bool = False) -> None:
    """Run everything in this process until it is told to stop."""
    database = Database(config.database.url)
    await schema.upgrade(database)
    share_time()
    engine = open_engine(config)
    if demo_data:
        await demo.furnish(config, database, engine)
    library = open_library(config)
    library.ready()  # begins to make the search ready, beside
    web_channel = WebChannel()
    telegram = _telegram(config, library) if config.telegram.token else None
    channels: list[Channel] = [web_channel, *([telegram] if telegram else [])]
    station = Station.build(config, channels, engine=engine, database=database, library=library)
    receiver = None
    if telegram is not None:
        receiver = Receiver(telegram.bot, telegram, station.dispatcher, config)
    app = build_app(
        config,
        database,
        station.dispatcher,
        web_channel,
        serving=station.serving,
        library=library,
        telegram_accept=receiver.accept if receiver else None,
        subapps={"/desk": _desk(station)},
    )
    try:
        await _run_all(station, app, receiver)
    finally:
        if telegram is not None:
            await telegram.bot.shutdown()
        await database.close()


def _telegram(config: Config, library: Library) -> TelegramChannel:
    return TelegramChannel(
        open_bot(config.telegram),
        config.outbox,
        system_clock,
        config.telegram.bot_name,
        law_link(config, library),
    )


def _desk(station: Station) -> web.Application:
    return create_app(
        station.config,
        station.database,
        worktime=station.dispatcher.worktime,
        clock=station.clock,
        wake_pump=station.pump.wake,
        examiner=station.examiner,
        library=station.library,
    )


async def _run_all(station: Station, app: web.Application, receiver: Receiver | None) -> None:
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    server = station.config.server
    await station.serving.refresh()
    await web.TCPSite(runner, server.host, server.port).start()
    _announce(station)
    work = [
        station.pump.run(),
        station.serving.run(),
        BusyReader(station.config, station.database, station.clock).run(),
        run_forever(station.database, station.jobs, station.clock, station.pump.wake),
    ]
    if receiver is not None:
        work.append(receiver.run())
    tasks = [asyncio.create_task(part) for part in (*work, _told_to_stop())]
    done, running = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in running:
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    await runner.cleanup()
    for task in done:
        task.result()


async def _told_to_stop() -> None:
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()


def _announce(station: Station) -> None:
    config = station.config
    year = local_day(station.clock()).year
    for missing in station.dispatcher.worktime.gaps((year, year + 1)):
        log.warning(
            "缺 %s 年的放假调休通知，请在 config.toml 的 [worktime] 补上；现按周末和法定节日计算",
            missing,
        )
    here = f"http://{config.server.host}:{config.server.port}"
    print(
        f"知产小站已启动\n  对话页面  {here}/\n  工作台    {here}/desk/\n"
        f"  对外地址  {config.server.public_url}\n"
        f"  Telegram  {'已接入' if config.telegram.token else '未配置令牌，未接入'}\n"
        f"  句向量    {'已启用' if station.engine.has_vectors else '未启用，只用词语匹配'}\n"
        "按 Ctrl-C 停止。",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
