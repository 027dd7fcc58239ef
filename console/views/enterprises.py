"""Names that begin to match what is being typed, for the walk-in form."""

from aiohttp import web

from console.visit import Visit
from directory.queries import enterprises_like

SHORTEST = 2


async def find(visit: Visit) -> web.StreamResponse:
    """Up to eight enterprises of the actor's own center as JSON."""
    part = "".join(visit.query("q").split())
    found = []
    if len(part) >= SHORTEST:
        async with visit.reading() as session:
            found = [
                one.name
                for one in await enterprises_like(session, part, visit.actor.center_id, limit=8)
            ]
    return web.json_response({"names": found})
