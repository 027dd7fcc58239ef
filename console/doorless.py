"""Pages behind a link, without sign-in: which link, which browser, and what is said otherwise."""

from aiohttp import web

from console.visit import Visit
from core.security import new_token
from escalation.model_reply import Purpose, TicketLink
from escalation.service.link import Opening, look, open_here, write_use

BROWSER_COOKIE = "desk_browser"
BROWSER_SECONDS = 90 * 24 * 3600
STATUS = {
    Opening.UNKNOWN: 404,
    Opening.EXPIRED: 410,
    Opening.USED: 410,
    Opening.ELSEWHERE: 403,
    Opening.CLOSED: 200,
}


async def knock(
    visit: Visit, purpose: Purpose, *, bind: bool = False
) -> tuple[TicketLink | None, Opening]:
    """The link in the address, and whether this browser may open it; attempts are logged."""
    async with visit.writing() as session:
        link, outcome = await look(
            session,
            secret_key=visit.desk.config.security.secret_key,
            token=visit.request.match_info["token"],
            purpose=purpose,
            now=visit.now,
        )
        if link is None:
            return None, outcome
        if outcome is not Opening.CLOSED:
            write_use(session, link, outcome, now=visit.now)
            return link, outcome
        browser = visit.request.cookies.get(BROWSER_COOKIE, "")
        return link, await open_here(session, link, browser=browser, now=visit.now, bind=bind)


def shut(visit: Visit, purpose: Purpose, outcome: Opening) -> web.Response:
    """What is said in place of the page: open it here, or why not."""
    visit.status = STATUS[outcome]
    token = visit.request.match_info["token"]
    response = visit.render("link.html", purpose=purpose, outcome=outcome, token=token)
    if not visit.request.cookies.get(BROWSER_COOKIE):
        visit.set_cookie(response, BROWSER_COOKIE, new_token(), BROWSER_SECONDS)
    return response
