"""``ipstation fees``: what an application and its annual fees cost."""

import argparse
import json
import re
import sys

from bot.calculators import bill_data, yuan
from core.config import Config
from core.errors import Refusal
from core.texts import plain
from knowledge.calculate.fees import Bill, Case, fees

TITLES = {"invention": "发明", "utility": "实用新型", "design": "外观设计"}
PAGES = "说明书页数，连附图和序列表（计算机可读的序列表不计页），不给按不超过30页"
KINDS = "invention 发明、utility 实用新型、design 外观设计"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The subcommand and its arguments; ``run(config, arguments)`` returns the exit code."""
    one = commands.add_parser("fees", help="费用计算：申请费、附加费、实审费、年费，减缴前后")
    one.add_argument("--kind", required=True, type=_kind, metavar="种类", help=KINDS)
    one.add_argument("--claims", type=_number, help="权利要求项数，不给按不超过10项")
    one.add_argument("--pages", type=_number, help=PAGES)
    one.add_argument("--priority", type=_number, default=0, help="要求优先权的项数，默认 0")
    one.add_argument("--reduction", type=_number, default=0, help="费减百分比：0、70 或 85")
    one.add_argument("--years", metavar="A-B", help="合计里包含第 A 到 B 年度的年费，如 1-10")
    one.add_argument(
        "--grant-year",
        type=_number,
        help="第几年度授权，决定年费减缴的十年；不给从严按第1年度，只减到第10年度",
    )
    one.add_argument("--json", action="store_true", help="输出一个 JSON 对象，金额单位元")
    one.set_defaults(run=run)


def run(_config: Config, arguments: argparse.Namespace) -> int:
    """Print the bill; 2 when the arguments cannot be used."""
    years = _years(arguments.years)
    if arguments.years is not None and years is None:
        print("--years 请写成 起-止，例如 1-10。", file=sys.stderr)
        return 2
    case = Case(
        kind=arguments.kind,
        claims=arguments.claims,
        pages=arguments.pages,
        priority=arguments.priority,
        reduction=arguments.reduction,
        years=years,
        grant_year=arguments.grant_year,
    )
    try:
        bill = fees(case)
    except Refusal as refusal:
        print(plain(refusal.key, **refusal.params), file=sys.stderr)
        return 2
    if arguments.json:
        print(json.dumps(bill_data(bill), ensure_ascii=False))
    else:
        print("\n".join(_shown(bill)))
    return 0


def _kind(text: str) -> str:
    found = next((kind for kind, title in TITLES.items() if text in (kind, title)), None)
    if found is None:
        raise argparse.ArgumentTypeError(f"没有“{text}”这种专利，请写 {KINDS}。")
    return found


def _number(text: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError(f"“{text}”不是整数，请写数字，例如 12。")
    return int(text)


def _years(text: str | None) -> tuple[int, int] | None:
    found = re.fullmatch(r"(\d{1,2})-(\d{1,2})", text or "")
    return (int(found[1]), int(found[2])) if found else None


def _shown(bill: Bill) -> list[str]:
    return [
        f"{TITLES[bill.case.kind]}专利费用（元）",
        *(f"  {i.name}：{yuan(i.full)}，应缴 {yuan(i.due)}" for i in bill.lines),
        f"合计：{yuan(bill.total_full)}，应缴 {yuan(bill.total_due)}",
        "",
        "年费表（元；逾期第2个月起的滞纳金逐月）",
        *(
            f"  第{i.year}年度：{yuan(i.full)}，应缴 {yuan(i.due)}；"
            f"滞纳金 {' / '.join(str(yuan(a)) for a in i.late)}"
            for i in bill.schedule
        ),
        "",
        "另外可能发生的费用（元）",
        *(f"  {i.name}：{yuan(i.full)}，应缴 {yuan(i.due)}" for i in bill.extras),
        "",
        *(f"- {note}" for note in bill.notes),
    ]
