"""Which member of staff a ticket goes to: by center, topic, language, leave and present load."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from directory.absences import accounts_away
from directory.model import Account, Role
from escalation.model import OPEN, Ticket


async def choose_staff(
    session: AsyncSession,
    *,
    center_id: int,
    area: str,
    lang: str,
    day: date,
    besides: Collection[int] = (),
) -> Account | None:
    """Who is asked next; None when nobody of the center is left.

    Who speaks the language comes first, then who knows the topic, then who has the fewest open
    tickets. A list left empty means everything, so it loses against one that names the topic.
    """
    away = await accounts_away(session, day)
    found = await session.scalars(
        select(Account)
        .where(
            Account.center_id == center_id,
            Account.role.in_((Role.STAFF, Role.DIRECTOR)),
            Account.active,
            Account.id.not_in({*away, *besides}),
        )
        .order_by(Account.id)
    )
    people = list(found)
    if not people:
        return None
    load = await load_of_staff(session, center_id)
    return min(
        people,
        key=lambda one: (
            _misfit(one.languages, lang),
            _misfit(one.areas, area),
            one.role == Role.DIRECTOR,
            load.get(one.id, 0),
            one.id,
        ),
    )


async def load_of_staff(session: AsyncSession, center_id: int) -> dict[int, int]:
    """How many open tickets of the center each account is in charge of."""
    found = await session.execute(
        select(Ticket.assignee_id, func.count())
        .where(
            Ticket.center_id == center_id,
            Ticket.status.in_(OPEN),
            Ticket.assignee_id.is_not(None),
        )
        .group_by(Ticket.assignee_id)
    )
    return {account_id: count for account_id, count in found if account_id is not None}


def _misfit(named: list[str], wanted: str) -> int:
    """0: named; 1: everything; 2: something else."""
    if wanted in named:
        return 0
    return 2 if named else 1
