"""Set a center's own weights for the incentive summary."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from booking.figures import weights_of
from booking.model_desk import IncentiveWeights
from core.errors import Refusal
from directory.actor import Actor
from directory.model import Role

MOST = 1000
NAMES = ("attended", "no_show", "rating", "prompt")


class DirectorOnly(Refusal):
    """Only the center's director sets its weights."""

    key = "diary.director_only"


class BadWeight(Refusal):
    """A weight is not a whole number from 0 to the most."""

    key = "diary.bad_weight"


async def set_weights(
    session: AsyncSession, *, actor: Actor, center_id: int, weights: dict[str, int], now: datetime
) -> IncentiveWeights:
    """They hold for every agency of the center alike, and for every month shown from now on.

    Raises DirectorOnly, BadWeight.
    """
    if actor.role != Role.DIRECTOR or not actor.may_see_center(center_id):
        raise DirectorOnly
    if set(weights) != set(NAMES) or not all(0 <= value <= MOST for value in weights.values()):
        raise BadWeight(most=MOST)
    row = await weights_of(session, center_id)
    if row is None:
        row = IncentiveWeights(center_id=center_id, set_at=now, set_by=actor.name)
        session.add(row)
    for name, value in weights.items():
        setattr(row, name, value)
    row.set_at, row.set_by = now, actor.name
    await session.flush()
    return row
