"""The ticket queue, oldest due first."""

from aiohttp import web

from console.listing import rows_for
from console.visit import Visit
from escalation.model import OPEN, Status
from escalation.queries import queue, queue_counts

PAGE = 25
LAST_PAGE = 10_000

# The tabs of the queue, in order, and what each holds.
TABS: dict[str, tuple[Status, ...]] = {
    "open": OPEN,
    "new": (Status.NEW,),
    "working": (Status.ACCEPTED, Status.IN_PROGRESS),
    "waiting": (Status.WAITING_ASKER,),
    "expert": (Status.WITH_EXPERT,),
    "answered": (Status.ANSWERED, Status.RATED),
    "done": (
        *(Status.CLOSED, Status.WITHDRAWN, Status.RETURNED),
        *(Status.TRANSFERRED, Status.MERGED),
    ),
}
EXPERT_TABS = ("expert", "answered", "done")


async def show(visit: Visit) -> web.StreamResponse:
    """One tab, one page of it."""
    tabs = EXPERT_TABS if visit.actor.expert_id is not None else tuple(TABS)
    tab = visit.query("tab")
    tab = tab if tab in tabs else tabs[0]
    given = visit.query("page")
    page = min(int(given), LAST_PAGE) if given.isdecimal() and len(given) < 9 else 1
    page = max(page, 1)
    async with visit.reading() as session:
        found = await queue(
            session, visit.actor, TABS[tab], limit=PAGE + 1, offset=(page - 1) * PAGE
        )
        counts = await queue_counts(session, visit.actor)
    return visit.render(
        "queue.html",
        tab=tab,
        tabs=[(name, sum(counts.get(status, 0) for status in TABS[name])) for name in tabs],
        rows=rows_for(visit.actor, found[:PAGE]),
        page=page,
        more=len(found) > PAGE,
    )
