"""``ipstation ask``: one question, or a file of them, without a server or a database."""

import argparse
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from bot.answers import answer
from bot.station import open_engine, open_library
from core.clock import local_day, system_clock
from core.config import Config


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The subcommand and its arguments."""
    parser = commands.add_parser("ask", help="问一个问题，或用 --batch 批量提问")
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", metavar="问题")
    what.add_argument("--batch", type=Path, metavar="文件", help="每行一个 JSON，字段 q 是问题")
    parser.add_argument("--json", action="store_true", help="每个回答输出一行 JSON")
    parser.add_argument(
        "--as-of",
        type=date.fromisoformat,
        metavar="YYYY-MM-DD",
        help="按这一天的规定回答，默认今天",
    )
    parser.set_defaults(run=run)


def run(config: Config, arguments: argparse.Namespace) -> int:
    """Answer and print. 0 when every question was read."""
    engine, library = open_engine(config), open_library(config)
    day = arguments.as_of or local_day(system_clock())
    questions = [arguments.question] if arguments.batch is None else read_batch(arguments.batch)
    for question in questions:
        found = answer(engine, question, day, library=library)
        shown = json.dumps(found, ensure_ascii=False) if arguments.json else found["answer"]
        print(shown, flush=True)
    return 0


def read_batch(path: Path) -> Iterator[str]:
    """The ``q`` of every line. SystemExit naming the line that is not JSON with a ``q``."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield str(json.loads(line)["q"])
        except (ValueError, KeyError, TypeError):
            raise SystemExit(f"{path.name} 第 {number} 行不是带 q 字段的 JSON，请改正。") from None
