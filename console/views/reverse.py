"""冲销: an error in the counts is taken back by a row of its own, with the reason."""

from aiohttp import web

from console.visit import Visit
from directory.queries import enterprise_names
from ledger.catalogue import services
from ledger.service import UnknownCount, access_count, reverse


async def show(visit: Visit) -> web.StreamResponse:
    """What would be taken back."""
    async with visit.reading() as session:
        try:
            row = await access_count(session, visit.actor, visit.id_of())
        except UnknownCount as unknown:
            raise web.HTTPNotFound from unknown
        names = await enterprise_names(session, {row.enterprise_id})
    return visit.render(
        "reverse.html",
        row=row,
        service=services()[row.code],
        enterprise=names.get(row.enterprise_id or 0),
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Take it back."""
    reason = visit.form.line("reason", most=150, missing="deskwork.record.reason_missing")
    visit.form.require_good()
    async with visit.writing() as session:
        row = await access_count(session, visit.actor, visit.id_of())
        await reverse(
            session, count_id=row.id, handler=visit.actor.name, reason=reason, now=visit.now
        )
    return visit.go("counts", said="deskwork.record.reversed")
