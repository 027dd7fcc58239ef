"""``ipstation report``: the month's service counts, as a table and as .xlsx."""

from pathlib import Path

from core.config import Config
from core.database import Database
from ledger.report import as_table, month_report, write_xlsx


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
