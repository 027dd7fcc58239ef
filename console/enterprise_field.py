"""The field for an enterprise: on the roster by name or credit code, or one that is not on it."""

from sqlalchemy.ext.asyncio import AsyncSession

from console.visit import Visit
from directory.queries import enterprise_by_name, enterprises_like


async def enterprise_in(session: AsyncSession, visit: Visit) -> tuple[str, int | None]:
    """Its name, and its id where it is on the roster.

    A name that is nearly one of the roster is asked about: conflicts of interest hang on it.
    """
    given = visit.form.line("enterprise", most=120)
    if not given:
        return "", None
    found = await enterprise_by_name(session, given)
    if found is not None:
        return found.name, found.id
    near = await enterprises_like(session, given, visit.actor.center_id)
    if near:
        names = "、".join(one.name for one in near)
        visit.form.wrong("enterprise", "desk.walk_in.enterprise_which", near=names)
    return given, None
