"""The counts of a month, the rows behind them, and the workbook."""

import asyncio
import tempfile
from pathlib import Path

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.scope import center_or_all, centers_in_view
from console.visit import Visit
from core.texts import plain
from directory import audit
from directory.model import Center, Role
from directory.queries import enterprise_names
from ledger.catalogue import services
from ledger.model import ClosedMonth
from ledger.queries import month_bounds, reversed_among
from ledger.report import Report, month_report, write_xlsx
from ledger.service import month_of

PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


async def show(visit: Visit) -> web.StreamResponse:
    """The table by code with its unit, 服务企业数, and the rows behind, newest first."""
    month = chosen_month(visit)
    code = visit.query("code") if visit.query("code") in services() else ""
    async with visit.reading() as session:
        centers = await centers_in_view(session, visit)
        center = center_or_all(visit, centers)
        report = await _report(session, month, center)
        rows = [pair for pair in reversed(report.rows) if code in ("", pair[1].code)]
        given = visit.query("page")
        page = int(given) if given.isdecimal() and 0 < len(given) < 6 else 1
        page = min(max(page, 1), max(1, -(-len(rows) // PAGE)))
        shown = rows[(page - 1) * PAGE : page * PAGE]
        names = await enterprise_names(session, {row.enterprise_id for _, row in shown})
        taken_back = await reversed_among(session, [row.id for _, row in shown])
        closed = await session.get(ClosedMonth, month)
    return visit.render(
        "counts.html",
        report=report,
        services=services(),
        month=month,
        this_month=month_of(visit.now),
        center=center,
        centers=centers,
        code=code,
        rows=shown,
        row_count=len(rows),
        names=names,
        taken_back=taken_back,
        closed=closed,
        leader=visit.actor.role in (Role.DIRECTOR, Role.PROVINCE),
        page=page,
        more=page * PAGE < len(rows),
    )


async def download(visit: Visit) -> web.StreamResponse:
    """The month as a workbook."""
    month = chosen_month(visit)
    async with visit.writing() as session:
        center = center_or_all(visit, await centers_in_view(session, visit))
        report = await _report(session, month, center)
        audit.write(session, "counts_export", actor=visit.actor, now=visit.now, what=month)
    body = await asyncio.to_thread(_workbook, report)
    name = f"ipstation-{center.code if center else 'all'}-{month}.xlsx"
    return web.Response(
        body=body,
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def chosen_month(visit: Visit) -> str:
    """The month in the address; this one, with a word about it, when that is not a month."""
    given = visit.query("month")
    try:
        month_bounds(given)
    except (ValueError, OverflowError):
        if given:
            visit.refusal = plain("desk.form.bad_month")
        return month_of(visit.now)
    return given


async def _report(session: AsyncSession, month: str, center: Center | None) -> Report:
    return await month_report(session, month, None if center is None else center.id)


def _workbook(report: Report) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        write_xlsx(report, path)
        return path.read_bytes()
