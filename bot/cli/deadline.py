"""``ipstation deadline``: work out one term, or list the kinds."""

import argparse
import json
import sys
from collections.abc import Callable
from datetime import date

from bot.calculators import cited, deadline_data, kinds_data
from core.clock import local_day, system_clock
from core.config import Config
from core.errors import Refusal
from core.texts import plain
from knowledge.calculate.annuities import PATENTS
from knowledge.calculate.deadline import due
from knowledge.calculate.delivery import MODES
from knowledge.calculate.kinds import catalogue
from knowledge.calculate.tables import FEN
from knowledge.calculate.term import Deadline, Remedy


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The subcommand and its arguments; ``run(config, arguments)`` returns the exit code."""
    one = commands.add_parser(
        "deadline", help="期限计算：哪一天到期、遇休息日顺延到哪天、逾期怎么办"
    )
    one.add_argument("kind", nargs="?", metavar="种类", help="代号或中文名，如 reply-first、一通")
    one.add_argument("--date", metavar="YYYY-MM-DD", help="起算的日期，含义见 --list")
    one.add_argument(
        "--delivery",
        type=_one_of(MODES),
        metavar="|".join(MODES),
        help="通知怎么来的：电子、邮寄、公告，或给的就是收到日（默认）",
    )
    one.add_argument("--year", type=_number, help="年费：要缴第几年度的")
    one.add_argument(
        "--patent",
        type=_one_of(PATENTS),
        metavar="|".join(PATENTS),
        help="年费：哪种专利，决定一共有多少年度，给出后滞纳金显示金额",
    )
    one.add_argument("--list", action="store_true", help="列出全部种类、别名和要给的日期")
    one.add_argument("--json", action="store_true", help="输出一个 JSON 对象")
    one.set_defaults(run=run)


def run(config: Config, arguments: argparse.Namespace) -> int:
    """Print the term or the list; 2 when the arguments cannot be used."""
    if arguments.list:
        return _list(as_json=arguments.json)
    if not arguments.kind or not arguments.date:
        return _refuse("请给出种类和 --date YYYY-MM-DD；全部种类见 ipstation deadline --list。")
    day = _day(arguments.date)
    if day is None:
        return _refuse(
            f"日期“{arguments.date}”不存在或写法不对，请按 2026-11-22 这样写真实存在的日期。"
        )
    try:
        found = due(
            arguments.kind,
            day,
            worktime=config.calendar(),
            delivery=arguments.delivery,
            year=arguments.year,
            patent=arguments.patent,
            today=local_day(system_clock()),
        )
    except Refusal as refusal:
        return _refuse(plain(refusal.key, **refusal.params))
    if arguments.json:
        print(json.dumps(deadline_data(found), ensure_ascii=False))
    else:
        print("\n".join(_lines(found)))
    return 0


def _lines(found: Deadline) -> list[str]:
    moved = "（已顺延）" if found.moved else ""
    parts = [
        ("种类", f"{found.name}（{found.kind}）"),
        ("起算日", str(found.start)),
        ("最早可办", str(found.opens) if found.opens else ""),
        ("届满日", str(found.due)),
        ("最后一天", "" if found.sense == "earliest" else f"{found.last_day}{moved}"),
        ("算法", found.rule),
        ("依据", cited(found.articles)),
        ("过期后果", found.after),
        ("延长", _shown(found.extend)),
        ("恢复", _shown(found.restore)),
        *(("", f"{s.until}以前：{s.name}{_money(s.fee)}") for s in found.steps),
        *(("说明", note) for note in found.notes),
        ("存疑", found.doubt or ""),
    ]
    return [f"{label:　<5}{text}" for label, text in parts if text]


def _list(*, as_json: bool) -> int:
    if as_json:
        print(json.dumps(kinds_data(), ensure_ascii=False))
        return 0
    group = ""
    for kind in catalogue().kinds.values():
        if kind.group != group:
            group = kind.group
            print(f"\n【{group}】")
        aliases = f"；也可以写：{'、'.join(kind.aliases[:4])}" if kind.aliases else ""
        print(f"{kind.id}　{kind.name}\n    --date 填：{kind.give}{aliases}")
    return 0


def _one_of(known: tuple[str, ...]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in known:
            shown = "、".join(known)
            raise argparse.ArgumentTypeError(f"没有“{text}”这个选择，请写其中之一：{shown}。")
        return text

    return read


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 3:
        raise argparse.ArgumentTypeError(f"“{text}”不是年度，请写数字，例如 5。")
    return int(text)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-22") else None
    except ValueError:
        return None


def _refuse(text: str) -> int:
    print(text, file=sys.stderr)
    return 2


def _shown(found: Remedy | None) -> str:
    if found is None:
        return ""
    until = f"（最迟到{found.until}）" if found.until else ""
    return f"{found.how}{until}"


def _money(fen: int | None) -> str:
    return "" if fen is None else f"（{fen // FEN}元）"
