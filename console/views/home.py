"""What needs me now."""

from collections.abc import Sequence
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from booking.queries import Sheet, advisor_day, day_of_center
from console.clashes import open_clashes
from console.curating import all_lines
from console.listing import rows_for
from console.scope import centers_in_view
from console.visit import Visit
from core.clock import local_day
from directory.model import Role
from escalation.alerts import open_alerts
from escalation.model import OPEN, Status
from escalation.queries import queue, queue_counts
from escalation.queries_reply import unseen_mentions
from ledger.catalogue import services
from ledger.queries import enterprises_served, totals
from ledger.service import month_of

SHOWN = 8
RECORDED = ("Z01", "Z02", "Z03", "Z04")  # by this product itself; shown even at zero
LOOKED_AT = 200  # the oldest due; beyond that the number itself is the message


async def show(visit: Visit) -> web.StreamResponse:
    """Drafts to review, tickets by how much they press, today's appointments, the month so far."""
    actor = visit.actor
    async with visit.reading() as session:
        values: dict[str, Any] = {
            "tickets": None,
            "appointments": None,
            "month": None,
            "clashes": 0,
            "drafts": 0,
        }
        if actor.role in (Role.EDITOR, Role.PROVINCE):
            values["drafts"] = sum(line.for_me for line in await all_lines(session, visit))
        values["warned"] = len(await open_alerts(session, actor))
        if actor.advisor_id is None:
            values["tickets"] = await _tickets(session, visit)
        if actor.expert_id is None:
            values["appointments"] = await _appointments(session, visit)
        if actor.center_id is not None or actor.advisor_id is not None:
            values["clashes"] = len(await open_clashes(session, visit))
        if actor.advisor_id is None and actor.expert_id is None:
            values["month"] = await _month(session, visit)
            values["centers"] = await centers_in_view(session, visit)
        values["mentioned"] = await unseen_mentions(session, actor.id or 0)
    server = visit.desk.config.server
    return visit.render("home.html", public_url=server.public_url.rstrip("/"), **values)


async def _tickets(session: AsyncSession, visit: Visit) -> dict[str, Any]:
    """The clock stands still for what waits for the asker, so that never presses."""
    expert = visit.actor.expert_id is not None
    mine = (Status.WITH_EXPERT,) if expert else OPEN
    working = [
        one
        for one in await queue(session, visit.actor, mine, limit=LOOKED_AT)
        if one.ticket.status != Status.WAITING_ASKER
    ]
    dates = [(expert and one.ticket.expert_due_at) or one.ticket.due_at for one in working]
    today = local_day(visit.now)
    late = sum(due < visit.now for due in dates)
    counts = await queue_counts(session, visit.actor)
    return {
        "late": late,
        "due": sum(due >= visit.now and local_day(due) == today for due in dates),
        "new": counts.get(Status.NEW, 0),
        "open": sum(counts.get(status, 0) for status in mine),
        "to_close": counts.get(Status.ANSWERED, 0) + counts.get(Status.RATED, 0),
        "pressing": rows_for(visit.actor, working[:SHOWN]),
    }


async def _appointments(session: AsyncSession, visit: Visit) -> Sequence[Sheet]:
    """Today's: the advisor's own, or of every center in view."""
    today = local_day(visit.now)
    if visit.actor.advisor_id is not None:
        return await advisor_day(session, visit.actor, visit.actor.advisor_id, today)
    found = [
        one
        for center in await centers_in_view(session, visit)
        for one in await day_of_center(session, visit.actor, center.id, today)
    ]
    return sorted(found, key=lambda one: one.appointment.starts_at)


async def _month(session: AsyncSession, visit: Visit) -> dict[str, Any]:
    """The counts so far of the codes that this product records itself, and 服务企业数."""
    month, center_id = month_of(visit.now), visit.actor.center_id
    sums: dict[str, int] = {}
    for (_, code), number in (await totals(session, month, center_id)).items():
        sums[code] = sums.get(code, 0) + number
    served = await enterprises_served(session, month)
    return {
        "figures": [(services()[code], sums.get(code, 0)) for code in sorted({*sums, *RECORDED})],
        "served": sum(n for center, n in served.items() if center_id in (None, center)),
    }
