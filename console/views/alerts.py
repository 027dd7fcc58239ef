"""提醒: what must be done before it is too late, and the oldest open tickets."""

from aiohttp import web

from console.listing import rows_for
from console.visit import Visit
from escalation.alerts import open_alerts
from escalation.queries import oldest_open


async def show(visit: Visit) -> web.StreamResponse:
    """Warnings, most pressing first; then open tickets, oldest first."""
    async with visit.reading() as session:
        warned = await open_alerts(session, visit.actor)
        oldest = rows_for(visit.actor, await oldest_open(session, visit.actor, limit=50))
    return visit.render("alerts.html", warned=warned, oldest=oldest)
