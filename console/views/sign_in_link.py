"""Sign in by a one-time link. Opening it only shows a button, so that previews do not burn it."""

from aiohttp import web

from console.auth import start_session
from console.views.sign_in_code import ask_for_code
from console.visit import Visit
from directory.model import Account
from directory.service import LinkExpired, redeem


async def show(visit: Visit) -> web.StreamResponse:
    """The button."""
    return visit.render("sign_in_link.html")


async def submit(visit: Visit) -> web.StreamResponse:
    """Use the link up; a new account sets its password next. Raises LinkExpired."""
    async with visit.writing() as session:
        invitation = await redeem(session, token=visit.request.match_info["token"], now=visit.now)
        if invitation.account_id is None:
            raise LinkExpired
        account = await session.get_one(Account, invitation.account_id)
        if not account.active:
            raise LinkExpired
    onward = visit.url("account") if invitation.welcome else ""
    if account.totp_sealed is not None:
        return ask_for_code(visit, account, onward, by_link=True)
    return await start_session(visit, account, onward, by_link=True)
