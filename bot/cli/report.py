"""``ipstation report``: the month's service counts, as a table and as .xlsx."""

import argparse
import asyncio
from pathlib import Path

from core.config import Config
from core.database import Database
from ledger.queries import month_bounds
from ledger.report import as_table, month_report, write_xlsx


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """The subcommand and its arguments."""
    parser = commands.add_parser("report", help="打印服务计数月报，并写成 .xlsx")
    parser.add_argument("--month", required=True, type=_month, metavar="YYYY-MM", help="月份")
    parser.add_argument("--out", type=Path, metavar="文件", help="工作簿，默认写到 var/reports/")
    parser.set_defaults(run=lambda config, a: asyncio.run(run(config, a.month, a.out)))


def _month(text: str) -> str:
    try:
        month_bounds(text)
        return text
    except (ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"{text!r} 不是月份，请写成 2026-11 这样") from None


async def run(config: Config, month: str, out: Path | None) -> int:
    """Print the table and write the workbook."""
    database = Database(config.database.url)
    async with database.reading() as session:
        report = await month_report(session, month)
    await database.close()
    print(as_table(report))
    path = out or config.paths.var / "reports" / f"service-counts-{month}.xlsx"
    write_xlsx(report, path)
    print(f"\n已写入 {path}")
    return 0
