"""The monthly report (服务计数月报): per sub-center and code, with 服务企业数 beside."""

import unicodedata
from dataclasses import dataclass
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from sqlalchemy.ext.asyncio import AsyncSession

from directory.queries import centers
from ledger import queries
from ledger.catalogue import Service, services
from ledger.model import ServiceCount

UNKNOWN = "未归属"
SERVED = "服务企业数"


@dataclass(frozen=True)
class Report:
    """One month. ``figures``: code → one number per column of ``columns``, the total last."""

    month: str
    columns: tuple[str, ...]
    figures: dict[str, tuple[int, ...]]
    served: tuple[int, ...]
    rows: tuple[tuple[str, ServiceCount], ...]


async def month_report(session: AsyncSession, month: str, center_id: int | None = None) -> Report:
    """The report of all centers, or of one."""
    names: dict[int | None, str] = {
        c.id: c.name for c in await centers(session) if center_id in (None, c.id)
    }
    totals = await queries.totals(session, month, center_id)
    served = await queries.enterprises_served(session, month)
    if any(center is None for center, _ in totals):
        names[None] = UNKNOWN
    figures = {
        code: _with_total([totals.get((center, code), 0) for center in names])
        for code in services()
    }
    rows = await queries.rows_of_month(session, month, center_id)
    return Report(
        month=month,
        columns=(*names.values(), "合计"),
        figures=figures,
        served=_with_total([served.get(center, 0) for center in names]),
        rows=tuple((names.get(row.center_id, UNKNOWN), row) for row in rows),
    )


def as_table(report: Report) -> str:
    """The report as aligned text, codes without any count left out."""
    lines = [["代码", "名称", "单位", *report.columns]]
    for service, numbers in _used(report):
        lines.append([service.code, service.name, service.unit, *map(str, numbers)])
    lines.append(["", SERVED, "家", *map(str, report.served)])
    widths = [max(_width(line[i]) for line in lines) for i in range(len(lines[0]))]
    body = "\n".join(_aligned(line, widths) for line in lines)
    return f"{report.month} 服务计数\n{body}"


def write_xlsx(report: Report, path: Path) -> None:
    """Two sheets: the totals of every code, and each row behind them."""
    book = Workbook()
    totals = book.active
    assert totals is not None
    totals.title = "合计"
    totals.append(["代码", "名称", "单位", *report.columns, "计数口径"])
    for code, service in services().items():
        totals.append([code, service.name, service.unit, *report.figures[code], service.counts])
    totals.append(["", SERVED, "家", *report.served, "当月有服务记录的不同企业"])
    detail = book.create_sheet("明细")
    detail.append(["序号", "分中心", "代码", "数量", "时间（UTC）", "经办", "渠道", "来源", "证据"])
    for center, row in report.rows:
        detail.append([
            row.id, center, row.code, row.quantity, f"{row.at:%Y-%m-%d %H:%M}",
            _text(row.handler), row.channel, row.source, _text(row.evidence),
        ])  # fmt: skip
    for sheet in (totals, detail):
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        sheet.freeze_panes = "A2"
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _used(report: Report) -> list[tuple[Service, tuple[int, ...]]]:
    return [(services()[code], numbers) for code, numbers in report.figures.items() if any(numbers)]


def _aligned(cells: list[str], widths: list[int]) -> str:
    padded = (cell + " " * (w - _width(cell)) for cell, w in zip(cells, widths, strict=True))
    return "  ".join(padded).rstrip()


def _with_total(numbers: list[int]) -> tuple[int, ...]:
    return (*numbers, sum(numbers))


def _text(value: str) -> str:
    """Kept from being read as a formula by a spreadsheet program."""
    return "'" + value if value[:1] in ("=", "+", "-", "@") else value


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
