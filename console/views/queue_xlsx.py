"""The filtered queue as a workbook, in the order of the page."""

import asyncio
import tempfile
from pathlib import Path

from aiohttp import web

from console.filters import filter_of, wanted_of
from console.visit import Visit
from core.clock import local
from core.sheets import write_rows
from core.texts import plain
from escalation.listing import page
from escalation.queries import Sheet

MOST = 5000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
HEAD = ("number", "center", "status", "area", "question", "enterprise", "person", "brought", "due")


async def download(visit: Visit) -> web.StreamResponse:
    """At most the first 5000; telephone numbers and answers stay in the house."""
    chosen = filter_of(visit)
    async with visit.reading() as session:
        wanted = await wanted_of(session, visit, chosen)
        found = await page(session, visit.actor, wanted, size=MOST)
    body = await asyncio.to_thread(_workbook, found.sheets)
    return web.Response(
        body=body,
        content_type=XLSX,
        headers={"Content-Disposition": 'attachment; filename="ipstation-tickets.xlsx"'},
    )


def _workbook(sheets: list[Sheet]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tickets.xlsx"
        head = [plain(f"deskwork.sheet.{name}") for name in HEAD]
        write_rows(head, map(_row, sheets), plain("deskwork.sheet.title"), path)
        return path.read_bytes()


def _row(one: Sheet) -> tuple[str, ...]:
    ticket = one.ticket
    return (
        ticket.number,
        one.center.name,
        plain(f"escalation.status.{ticket.status}"),
        plain(f"area.{ticket.area}"),
        ticket.question,
        one.enterprise.name if one.enterprise else "",
        one.assignee.name if one.assignee else "",
        f"{local(ticket.created_at):%Y-%m-%d %H:%M}",
        f"{local(ticket.due_at):%Y-%m-%d %H:%M}",
    )
