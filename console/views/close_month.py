"""结账: a month of the whole province is closed for good."""

from aiohttp import web

from console.views.counts import chosen_month
from console.visit import Visit
from ledger.service import close_month


async def submit(visit: Visit) -> web.StreamResponse:
    """Close the month of the address; one that is closed stays as it is."""
    month = chosen_month(visit)
    async with visit.writing() as session:
        fresh = await close_month(session, month=month, by=visit.actor.name, now=visit.now)
    said = "deskwork.month.closed" if fresh else "deskwork.month.already"
    return visit.go_to(f"{visit.url('counts')}?month={month}", said=said, month=month)
