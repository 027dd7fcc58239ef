"""``ipstation kb statutes``: import law texts, and search them."""

import argparse
import json
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.cli.ask import read_batch
from core.clock import local_day, system_clock
from core.config import Config
from knowledge.statutes.opening import open_statutes
from knowledge.statutes.read import Laws, read_laws
from knowledge.statutes.search import Hit, Statutes
from knowledge.statutes.shelf import Standing
from knowledge.statutes.store import save, saved, store_file
from knowledge.statutes.text import Law

if TYPE_CHECKING:
    Kinds = argparse._SubParsersAction[argparse.ArgumentParser]

HOW_TO_IMPORT = (
    "还没有导入法规。请先运行：ipstation kb statutes import 文件夹；"
    "或用 --folder 文件夹 直接检索，不用先导入。"
)


def add_commands(kinds: "Kinds") -> None:
    """Add ``statutes import`` and ``statutes search`` below ``kb``."""
    parser = kinds.add_parser("statutes", help="法规：导入文本、检索条文")
    steps = parser.add_subparsers(required=True, metavar="步骤")
    taken = steps.add_parser("import", help="导入一个文件夹里的法规文本（Markdown）")
    taken.add_argument("folder", type=Path, help="法规文件夹，文件名如 专利法(2020-10-17).md")
    taken.set_defaults(run=lambda config, a: import_folder(config, a.folder))
    asked = steps.add_parser("search", help="按大白话检索条文，每问给出 10 条")
    asked.add_argument("question", nargs="?", help="问题")
    asked.add_argument("--batch", type=Path, help="每行一个 JSON，字段 q 是问题")
    asked.add_argument("--json", action="store_true", help="每个问题输出一行 JSON")
    asked.add_argument("--as-of", type=date.fromisoformat, help="按这一天有效的文本，YYYY-MM-DD")
    asked.add_argument("--folder", type=Path, help="直接检索这个文件夹，不用先导入")
    asked.set_defaults(run=search)


def import_folder(config: Config, folder: Path) -> int:
    """Replace the imported laws by those of a folder; with any error in it, leave them.

    0 when imported, 1 when a file is wrong.
    """
    reading = read_laws(folder)
    if _refused(reading):
        print("没有导入，原来的法规保持不变。请改正后重试。", file=sys.stderr)
        return 1
    started = time.perf_counter()
    statutes = _opened(config, reading.laws)  # first, so that the new store is ready to be searched
    try:
        save(reading.laws, store_file(config.paths.var))
    except OSError as error:
        print(f"没有导入：写不进 {config.paths.var}（{error.strerror}）。", file=sys.stderr)
        return 1
    seconds = time.perf_counter() - started
    print(f"已导入 {len(reading.laws)} 个文本，{len(statutes)} 条，用时 {seconds:.0f} 秒。")
    return 0


def search(config: Config, arguments: argparse.Namespace) -> int:
    """Print the best articles of one question or of a file. 2 when there is nothing to search."""
    if (arguments.question is None) == (arguments.batch is None):
        print("请给出一个问题，或用 --batch 给出一个文件。", file=sys.stderr)
        return 2
    laws = _laws(config, arguments.folder)
    if laws is None:
        return 2
    statutes = _opened(config, laws)
    day = arguments.as_of or local_day(system_clock())
    questions = read_batch(arguments.batch) if arguments.batch else [arguments.question]
    for question in questions:
        started = time.perf_counter()
        hits = statutes.search(question, day)
        spent = (time.perf_counter() - started) * 1000
        shown = _as_json(question, hits, spent) if arguments.json else _as_text(question, hits)
        print(shown, flush=True)
    return 0


def _laws(config: Config, folder: Path | None) -> tuple[Law, ...] | None:
    if folder is None:
        laws = saved(store_file(config.paths.var))
        if laws is None:
            print(HOW_TO_IMPORT, file=sys.stderr)
        return laws
    reading = read_laws(folder)
    return None if _refused(reading) else reading.laws


def _refused(reading: Laws) -> bool:
    """Print what is wrong with a folder; whether it cannot be used."""
    for item in reading.problems:
        print(item, file=sys.stderr)
    return bool(reading.errors)


def _opened(config: Config, laws: tuple[Law, ...]) -> Statutes:
    return open_statutes(
        laws,
        config.paths.entries,
        config.paths.var / "cache",
        embed=config.knowledge.embeddings,
        report=_progress,
    )


def _progress(done: int, total: int) -> None:
    """One line that is written over on a terminal; else one line every tenth."""
    last = done == total
    if sys.stderr.isatty():
        print(f"\r计算句向量 {done}/{total}", end="\n" if last else "", file=sys.stderr, flush=True)
    elif last or done * 10 // total != (done - 64) * 10 // total:
        print(f"计算句向量 {done}/{total}", file=sys.stderr, flush=True)


def _as_json(question: str, hits: list[Hit], spent: float) -> str:
    results: list[dict[str, Any]] = [
        {
            "law": hit.law.name,
            "article": hit.article.name,
            "version": hit.law.version.isoformat() if hit.law.version else None,
            "score": hit.score,
            "standing": hit.standing.value,
            "since": hit.law.since.isoformat() if hit.law.since else None,
            "until": hit.law.until.isoformat() if hit.law.until else None,
        }
        for hit in hits
    ]
    return json.dumps(
        {"q": question, "results": results, "ms": round(spent, 2)}, ensure_ascii=False
    )


def _as_text(question: str, hits: list[Hit]) -> str:
    if not hits:
        return f"{question}\n没有找到相关条文，请换个说法。\n"
    shown = [f"{question}\n以下是法规原文，不是法律意见。"]
    for number, hit in enumerate(hits, 1):
        version = f"（{hit.law.version.isoformat()}文本）" if hit.law.version else ""
        head = f"{number}. 《{hit.law.name}》{version}{hit.article.name}{_mark(hit)}"
        shown.append(f"{head}  {hit.score:.2f}\n{_indented(hit.article.text)}")
    return "\n\n".join(shown) + "\n"


def _mark(hit: Hit) -> str:
    if hit.standing is Standing.COMING:
        return f"【尚未施行，{hit.law.since}起施行】"
    if hit.standing is Standing.EXPIRED:
        return f"【{hit.law.until}后失效，未收新文本，请核对】"
    return f"【{hit.law.until}后由新文本取代】" if hit.law.until else ""


def _indented(text: str) -> str:
    return "\n".join(f"   {line}" for line in text.split("\n"))
