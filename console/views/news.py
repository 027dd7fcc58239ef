"""What the bell rang for."""

from aiohttp import web

from console.bell import look, rung_lately
from console.visit import Visit


async def show(visit: Visit) -> web.StreamResponse:
    """The latest, newest first; looking at the page silences the bell."""
    async with visit.reading() as session:
        rows = await rung_lately(session, visit.actor)
    if any(new for _, new in rows):
        async with visit.writing() as session:
            await look(session, visit.actor)
    return visit.render("news.html", rows=rows)
