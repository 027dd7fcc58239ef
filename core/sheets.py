"""Lists as workbooks that a spreadsheet program opens."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font

LONGEST_CELL = 2000


def write_rows(head: Sequence[str], rows: Iterable[Sequence[str]], title: str, path: Path) -> None:
    """One sheet with a bold, frozen head row; nothing typed by people is read as a formula."""
    book = Workbook()
    page = book.active
    assert page is not None
    page.title = title
    page.append(list(head))
    for cell in page[1]:
        cell.font = Font(bold=True)
    page.freeze_panes = "A2"
    for row in rows:
        page.append([_text(value) for value in row])
    path.parent.mkdir(parents=True, exist_ok=True)
    book.save(path)


def _text(value: str) -> str:
    value = value[:LONGEST_CELL]
    return "'" + value if value[:1] in ("=", "+", "-", "@") else value
