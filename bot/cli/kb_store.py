"""``ipstation kb import``, ``export`` and ``law-changed``: the base in the database."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Collection, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from bot.station import configured_laws
from core import schema
from core.clock import system_clock
from core.config import Config
from core.database import Database
from core.errors import Refusal
from core.texts import plain
from knowledge.folder import entry_of, read_texts
from knowledge.load import Base, read_folder
from knowledge.queries import published_files
from knowledge.service.law import Told, law_changed
from knowledge.service.transfer import IMPORT, Imported, export_folder, import_folder

if TYPE_CHECKING:
    Kinds = argparse._SubParsersAction[argparse.ArgumentParser]

SHOWN = 50


def add_commands(kinds: "Kinds") -> None:
    """Add the subcommands below ``kb``."""
    one = kinds.add_parser("import", help="把知识库文件导入数据库；只有变了的条目成为新版本")
    one.add_argument(
        "folder", nargs="?", type=Path, metavar="文件夹", help="默认 knowledge/entries"
    )
    one.add_argument("--why", default="从文件导入", metavar="原因", help="记入每个新版本")
    one.add_argument("--prune", action="store_true", help="文件夹里没有的条目一并下线")
    one.add_argument(
        "--force", action="store_true", help="已被替换或下线的旧版本也重新发布（默认跳过并列出）"
    )
    one.set_defaults(run=lambda config, a: asyncio.run(_with_database(config, _import(config, a))))
    two = kinds.add_parser("export", help="把数据库里已发布的条目写成文件，与导入的逐字节相同")
    two.add_argument("folder", type=Path, metavar="文件夹")
    two.set_defaults(run=lambda config, a: asyncio.run(_with_database(config, _export(a.folder))))
    three = kinds.add_parser("law-changed", help="法规有变化：提示引用它的所有条目")
    three.add_argument("--law", required=True, metavar="名称", help="例如 商标法")
    three.add_argument(
        "--article", action="append", default=[], metavar="条号", help="可重复；不写就是整部法规"
    )
    three.add_argument(
        "--from", dest="from_day", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD",
        help="从哪一天起",
    )  # fmt: skip
    three.add_argument("--why", required=True, metavar="说明", help="改了什么")
    three.set_defaults(run=lambda config, a: asyncio.run(_with_database(config, _law(config, a))))


async def _with_database(config: Config, act: Callable[[Database], Awaitable[int]]) -> int:
    database = Database(config.database.url)
    try:
        await schema.upgrade(database)
        return await act(database)
    finally:
        await database.close()


def _import(config: Config, arguments: argparse.Namespace) -> Callable[[Database], Awaitable[int]]:
    async def act(database: Database) -> int:
        async with database.transaction() as session:
            done = await import_folder(
                session,
                folder=arguments.folder or config.paths.entries,
                now=system_clock(),
                why=arguments.why,
                laws=configured_laws(config),
                prune=arguments.prune,
                force=arguments.force,
            )
        return _report(done)

    return act


def _report(done: Imported) -> int:
    for item in done.problems:
        if item.is_error or not done.refused:
            print(item, file=sys.stderr)
    if done.refused:
        print("没有导入，原来的知识库保持不变。请改正后重试。", file=sys.stderr)
        return 1
    print(
        f"已导入：新增 {len(done.added)} 条，更新 {len(done.changed)} 条，"
        f"下线 {len(done.removed)} 条。"
    )
    _list(done.only_here, "只在数据库里，保持不变（要下线请加 --prune）")
    _list(done.older, "是已被替换或下线的旧版本，没有导入（确要恢复请加 --force）")
    return 0


def _list(entries: Sequence[str], said: str) -> None:
    if not entries:
        return
    print(f"另有 {len(entries)} 条{said}：")
    print("\n".join(f"  {entry}" for entry in entries[:SHOWN]))
    if len(entries) > SHOWN:
        print(f"  ……还有 {len(entries) - SHOWN} 条")


def _export(folder: Path) -> Callable[[Database], Awaitable[int]]:
    async def act(database: Database) -> int:
        async with database.reading() as session:
            names = await published_files(session)
            if not names:
                print(
                    "数据库里还没有知识库，没有写文件。请先运行 ipstation kb import。",
                    file=sys.stderr,
                )
                return 1
            try:
                count = await export_folder(session, folder=folder)
            except OSError as error:
                print(f"写不进 {folder}（{error.strerror}）。请检查路径和权限。", file=sys.stderr)
                return 1
        print(f"已写出 {count} 个文件到 {folder}")
        _mention_others(folder, names)
        return 0

    return act


def _mention_others(folder: Path, names: Collection[str]) -> None:
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder).as_posix()
        if entry_of(name) and name not in names:
            print(f"  {name} 不在数据库里，没有动它", file=sys.stderr)


def _law(config: Config, arguments: argparse.Namespace) -> Callable[[Database], Awaitable[int]]:
    async def act(database: Database) -> int:
        async with database.transaction() as session:
            files = await published_files(session)
            base: Base = (read_texts(files) if files else read_folder(config.paths.entries)).base
            try:
                told = await law_changed(
                    session, actor=IMPORT, base=base, law=arguments.law,
                    articles=arguments.article, from_day=arguments.from_day, why=arguments.why,
                    now=system_clock(),
                )  # fmt: skip
            except Refusal as refusal:
                print(plain(refusal.key, **refusal.params), file=sys.stderr)
                return 1
        return _report_told(told)

    return act


def _report_told(told: Told) -> int:
    if told.flagged:
        print(f"已提示 {len(told.flagged)} 个条目，工作台的知识库列表会把它们排在前面：")
        print("\n".join(f"  {entry}" for entry in told.flagged))
    else:
        print("引用它的条目都已提示过，没有新增。")
    for article in told.uncited:
        print(f"没有条目引用 {article}。请核对写法，例如 第三十四条。", file=sys.stderr)
    return 0
