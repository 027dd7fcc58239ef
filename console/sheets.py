"""Tables as files: .csv and .xlsx, safe to open in a spreadsheet program."""

import asyncio
import csv
import io
from collections.abc import Sequence

from aiohttp import web
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
LARGEST_WIDTH = 40

Rows = Sequence[Sequence[object]]


async def download(name: str, kind: str, head: Sequence[str], rows: Rows) -> web.Response:
    """The table as ``name.kind``; ``kind`` is "xlsx" or "csv"."""
    make = as_xlsx if kind == "xlsx" else as_csv
    body = await asyncio.to_thread(make, head, rows)
    return web.Response(
        body=body,
        content_type=XLSX if kind == "xlsx" else "text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.{kind}"'},
    )


def as_csv(head: Sequence[str], rows: Rows) -> bytes:
    """With a byte order mark, without which Excel takes Chinese for something else."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([[safe(value) for value in row] for row in (head, *rows)])
    return ("\ufeff" + out.getvalue()).encode("utf-8")


def as_xlsx(head: Sequence[str], rows: Rows) -> bytes:
    """One sheet, its head fixed."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (head, *rows):
        sheet.append([safe(value) for value in row])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    for n, column in enumerate(sheet.columns, 1):
        longest = max(len(str(cell.value or "")) for cell in column)
        width = min(2 * longest + 2, LARGEST_WIDTH)
        sheet.column_dimensions[get_column_letter(n)].width = width
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def safe(value: object) -> object:
    """Kept from being read as a formula; numbers stay numbers."""
    if isinstance(value, int | float):
        return value
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(FORMULA) else text
