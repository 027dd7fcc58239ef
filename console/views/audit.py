"""The audit log: searched, and exported as a table."""

import csv
import io
from datetime import date, timedelta

from aiohttp import web

from console.visit import Visit
from core.clock import at_local, local
from core.texts import catalogue, plain
from directory.audit import AuditLine, Wanted, lines, write
from directory.model import Role

PAGE = 50
MOST = 20_000  # rows of an export; the days narrow it
PREFIX = "audit.verb."


async def show(visit: Visit) -> web.StreamResponse:
    """The newest lines that fit what was asked for."""
    given = visit.query("before")
    before = int(given) if given.isdecimal() and len(given) < 12 else None
    async with visit.reading() as session:
        found = await lines(session, _wanted(visit), before=before, limit=PAGE + 1)
    return visit.render(
        "audit.html",
        lines=found[:PAGE],
        older=found[PAGE - 1].id if len(found) > PAGE else None,
        verbs=verbs(),
        asked={name: visit.query(name) for name in ("q", "verb", "since", "until")},
    )


async def download(visit: Visit) -> web.StreamResponse:
    """The same as a table; that somebody took it is a line of its own."""
    async with visit.writing() as session:
        found = await lines(session, _wanted(visit), limit=MOST)
        write(
            session,
            "audit_export",
            actor=visit.actor,
            now=visit.now,
            detail=visit.request.query_string,
        )
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(
        [plain(f"audit.column_{name}") for name in ("at", "actor", "verb", "what", "detail")]
    )
    table.writerows(_row(line) for line in found)
    return web.Response(
        body=text.getvalue().encode("utf-8-sig"),
        content_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="audit-{local(visit.now):%Y%m%d}.csv"'
        },
    )


def verbs() -> list[tuple[str, str]]:
    """Every kind of act with its name."""
    found = catalogue("zh")
    return [
        (key.removeprefix(PREFIX), name) for key, name in found.items() if key.startswith(PREFIX)
    ]


def _wanted(visit: Visit) -> Wanted:
    until = _day(visit, "until")
    since = _day(visit, "since")
    return Wanted(
        words=visit.query("q"),
        verb=visit.query("verb"),
        since=at_local(since) if since else None,
        until=at_local(until + timedelta(days=1)) if until else None,
        center_id=visit.actor.center_id if visit.actor.role == Role.DIRECTOR else None,
    )


def _day(visit: Visit, name: str) -> date | None:
    try:
        return date.fromisoformat(visit.query(name))
    except ValueError:
        return None


def _row(line: AuditLine) -> list[str]:
    cells = [f"{local(line.at):%Y-%m-%d %H:%M:%S}", line.actor, plain(f"audit.verb.{line.verb}")]
    return [_text(cell) for cell in (*cells, line.what, line.detail)]


def _text(value: str) -> str:
    """Kept from being read as a formula by a spreadsheet program."""
    return "'" + value if value[:1] in ("=", "+", "-", "@") else value
