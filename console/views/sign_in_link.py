"""Sign in by a one-time link. Opening it only shows a button, so that previews do not burn it."""

from aiohttp import web

from console.auth import start_session
from console.visit import Visit
from directory.service import LinkExpired, redeem


async def show(visit: Visit) -> web.StreamResponse:
    """The button."""
    return visit.render("sign_in_link.html")


async def submit(visit: Visit) -> web.StreamResponse:
    """Use the link up. Raises LinkExpired."""
    async with visit.writing() as session:
        invitation = await redeem(session, token=visit.request.match_info["token"], now=visit.now)
        if invitation.account_id is None:
            raise LinkExpired
    return await start_session(visit, invitation.account_id)
