"""分配记录: who was offered what, and whose turn is next; every agency of the center reads it."""

from aiohttp import web

from booking.figures import turns
from booking.queries import ROTATION_WINDOW, share_log
from console.scope import centers_in_view, chosen_center
from console.views.counts import chosen_month
from console.visit import Visit
from directory.model import Advisor, Center
from ledger.service import month_of

SHOWN = 300


async def show(visit: Visit) -> web.StreamResponse:
    """The rotation as it is published, and the log of the month, newest first."""
    month = chosen_month(visit)
    async with visit.reading() as session:
        if visit.actor.advisor_id is not None:
            advisor = await session.get_one(Advisor, visit.actor.advisor_id)
            centers = [await session.get_one(Center, advisor.center_id)]
        else:
            centers = await centers_in_view(session, visit)
        center = chosen_center(visit, centers)
        log = await share_log(session, center.id, month)
        order = await turns(session, center_id=center.id, shares=log, now=visit.now)
    return visit.render(
        "shares.html",
        month=month,
        this_month=month_of(visit.now),
        centers=centers,
        center=center,
        log=log[:SHOWN],
        total=len(log),
        turns=order,
        names={turn.agency.id: turn.agency.name for turn in order},
        window=ROTATION_WINDOW.days,
    )
