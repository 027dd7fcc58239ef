"""机构统计: what each agency did in a month, by the center's own weights."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from booking.figures import AgencyMonth, agency_months, weights_of
from booking.service.weigh import MOST, NAMES, set_weights
from console.scope import centers_in_view, chosen_center
from console.sheets import download
from console.views.counts import chosen_month
from console.visit import Visit
from core.texts import plain
from directory.model import Center, Role
from ledger.service import month_of


async def show(visit: Visit) -> web.StreamResponse:
    """The table, all agencies by name, and the weights."""
    month = chosen_month(visit)
    async with visit.reading() as session:
        centers = await centers_in_view(session, visit)
        center = chosen_center(visit, centers)
        rows = await _rows(session, visit, center, month)
        weights = await weights_of(session, center.id)
    return visit.render(
        "agencies.html",
        month=month,
        this_month=month_of(visit.now),
        centers=centers,
        center=center,
        rows=rows,
        weights=weights,
        most=MOST,
        may_weigh=visit.actor.role == Role.DIRECTOR,
    )


async def csv(visit: Visit) -> web.StreamResponse:
    """As .csv."""
    return await _file(visit, "csv")


async def xlsx(visit: Visit) -> web.StreamResponse:
    """As .xlsx."""
    return await _file(visit, "xlsx")


async def weigh(visit: Visit) -> web.StreamResponse:
    """Set the weights; they hold for all agencies alike."""
    weights = {}
    for name in NAMES:
        given = visit.form.line(name, most=6)
        if not given.isdecimal() or int(given) > MOST:
            visit.form.wrong(name, "diary.bad_weight", most=MOST)
        else:
            weights[name] = int(given)
    visit.form.require_good()
    async with visit.writing() as session:
        center = chosen_center(visit, await centers_in_view(session, visit))
        await set_weights(
            session, actor=visit.actor, center_id=center.id, weights=weights, now=visit.now
        )
    return visit.go("agencies", said="diary.weights_set")


async def _rows(
    session: AsyncSession, visit: Visit, center: Center, month: str
) -> list[AgencyMonth]:
    return await agency_months(
        session, visit.actor, center_id=center.id, month=month, worktime=visit.desk.worktime
    )


async def _file(visit: Visit, kind: str) -> web.StreamResponse:
    month = chosen_month(visit)
    async with visit.reading() as session:
        center = chosen_center(visit, await centers_in_view(session, visit))
        rows = await _rows(session, visit, center, month)
    head = plain("diary.agencies_head").split(",")
    return await download(f"agencies-{center.code}-{month}", kind, head, [*map(_cells, rows)])


def _cells(one: AgencyMonth) -> list[object]:
    response = one.response
    return [
        one.agency.name,
        one.agency.credit_grade,
        one.offered,
        one.booked,
        one.attended,
        one.no_show,
        one.cancelled,
        None if one.rating is None else f"{one.rating // 10}.{one.rating % 10}",
        one.ratings,
        None if response is None else response.minutes,
        None if response is None else f"{response.in_time}/{response.asked}",
        one.points,
    ]
