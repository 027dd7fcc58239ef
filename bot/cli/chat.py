"""``ipstation chat``: talk to the bot in the terminal, on the real database."""

import argparse
import asyncio
import sys
from uuid import uuid4

from bot.channels.terminal.adapter import TerminalChannel
from bot.station import Station, open_engine
from core import schema
from core.clock import system_clock
from core.config import Config
from core.texts import plain


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The subcommand and its arguments."""
    parser = commands.add_parser("chat", help="在终端里和机器人对话")
    parser.add_argument("--user", default="local", help="以谁的身份对话，默认 local")
    parser.set_defaults(run=lambda config, arguments: asyncio.run(run(config, arguments.user)))


async def run(config: Config, user: str) -> int:
    """Read lines until the end of input; print what the bot says."""
    channel = TerminalChannel(lambda text: print(f"\n{text}\n", flush=True))
    station = Station.build(config, [channel], engine=open_engine(config))
    await schema.upgrade(station.database)
    await station.serving.refresh()
    print(plain("chat.hint"))
    try:
        await _converse(station, channel, user)
    finally:
        await station.database.close()
    return 0


async def _converse(station: Station, channel: TerminalChannel, user: str) -> None:
    while True:
        # This terminal is one person's: what waits for another is not shown here.
        await station.pump.drain(channel.name, chat=user)
        print("> ", end="", flush=True)
        line = await asyncio.to_thread(sys.stdin.readline)
        if not line:
            return
        payload = {"id": uuid4().hex, "user": user, "line": line.rstrip("\n"), "at": system_clock()}
        incoming = channel.parse(payload)
        if incoming is not None:
            await station.dispatcher.handle(incoming)
