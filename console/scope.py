"""Which sub-centers an actor looks at: staff their own, the province any."""

from collections.abc import Sequence

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.visit import Visit
from directory.model import Center
from directory.queries import centers


async def centers_in_view(session: AsyncSession, visit: Visit) -> list[Center]:
    """The centers whose matters are this actor's business, by name."""
    return [one for one in await centers(session) if visit.actor.may_see_center(one.id)]


def chosen_center(visit: Visit, within: Sequence[Center]) -> Center:
    """The center named in the address, else the first. Raises HTTPNotFound for any other."""
    wanted = visit.query("center")
    for one in within:
        if wanted in ("", one.code):
            return one
    raise web.HTTPNotFound


def center_or_all(visit: Visit, within: Sequence[Center]) -> Center | None:
    """Like ``chosen_center``, but the province sees all of them unless it names one."""
    if visit.actor.is_province and not visit.query("center"):
        return None
    return chosen_center(visit, within)
