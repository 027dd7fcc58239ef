"""``ipstation kb``: check, import and export the curated base; vectors; statutes."""

import argparse
import time
from pathlib import Path

from bot.cli import kb_store, statutes
from bot.station import open_engine
from core.config import Config
from knowledge.check import main as run_check


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The subcommands and their arguments."""
    kinds = commands.add_parser("kb", help="知识库").add_subparsers(required=True, metavar="操作")
    one = kinds.add_parser("check", help="检查知识库：格式、重复、链接、日期、引用条文、数据表")
    one.add_argument("--statutes", type=Path, metavar="文件夹", help="法规文本；不给则不核对条文")
    one.add_argument("--facts", type=Path, metavar="文件夹", help="事实库；给出则报告未覆盖的事实")
    one.add_argument("--figure", metavar="表项", help="只列出哪些条目和计算规则用到这个表项")
    one.add_argument("--accept", action="store_true", help="看过之后，把数据表现在的数值记为已核对")
    one.add_argument("--notes", action="store_true", help="也列出没有用到的表项")
    one.set_defaults(run=check)
    two = kinds.add_parser("index", help="预先计算句向量并存入缓存")
    two.set_defaults(run=index)
    kb_store.add_commands(kinds)
    statutes.add_commands(kinds)


def check(config: Config, arguments: argparse.Namespace) -> int:
    """Report every problem of the base; 1 when there is an error."""
    asked = ["--entries", str(config.paths.entries)]
    folder = arguments.statutes or config.knowledge.statutes
    if folder:
        asked.append(str(folder))
    if arguments.facts is not None:
        asked += ["--facts", str(arguments.facts)]
    if arguments.figure:
        asked += ["--figure", arguments.figure]
    asked += [f"--{name}" for name in ("accept", "notes") if getattr(arguments, name)]
    return run_check(asked)


def index(config: Config, _arguments: argparse.Namespace) -> int:
    """Fill the vector cache, so that the next start is quick."""
    started = time.perf_counter()
    engine = open_engine(config)
    print(f"知识库 {len(engine.base)} 条，已就绪（{time.perf_counter() - started:.1f} 秒）。")
    return 0
