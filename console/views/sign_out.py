"""Sign out."""

from aiohttp import web

from console.auth import end_session
from console.visit import Visit


async def submit(visit: Visit) -> web.StreamResponse:
    """End this browser's session."""
    return await end_session(visit)
