"""A center's consultation rooms: add, change, close for a while, give up.

Like every rule, none of this touches an appointment; each service returns what does not fit.
"""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.conflicts import Clash
from booking.model import Room, RoomClosure
from booking.service.rules import (
    MOST_AT_ONCE,
    BadRule,
    Rules,
    UnknownRule,
    outside,
    require_ahead,
)
from directory.actor import Actor


async def set_room(
    session: AsyncSession,
    *,
    actor: Actor,
    center_id: int,
    name: str,
    rules: Rules,
    now: datetime,
    capacity: int = 1,
    active: bool = True,
) -> list[Clash]:
    """Add a room or change the one of that name; ``active`` False gives it up.

    Raises BadRule, UnknownRule.
    """
    _require(actor, center_id)
    if not name.strip() or not 1 <= capacity <= MOST_AT_ONCE:
        raise BadRule
    of_that_name = Room.center_id == center_id, Room.name == name.strip()
    room = await session.scalar(select(Room).where(*of_that_name))
    if room is None:
        room = Room(center_id=center_id, name=name.strip())
        session.add(room)
    room.capacity, room.active = capacity, active
    return await outside(session, actor, rules, now, center_id=center_id)


async def close_room(
    session: AsyncSession,
    *,
    actor: Actor,
    room_id: int,
    starts_at: datetime,
    ends_at: datetime,
    rules: Rules,
    now: datetime,
    reason: str = "",
) -> list[Clash]:
    """The room cannot be used for a while. Raises BadRule, UnknownRule."""
    room = await _access(session, actor, room_id)
    require_ahead(starts_at, ends_at, now)
    closure = RoomClosure(room_id=room.id, starts_at=starts_at, ends_at=ends_at, reason=reason)
    session.add(closure)
    return await outside(session, actor, rules, now, center_id=room.center_id)


async def reopen_room(session: AsyncSession, *, actor: Actor, closure_id: int) -> None:
    """Take a closure back. Raises UnknownRule."""
    closure = await session.get(RoomClosure, closure_id)
    if closure is None:
        raise UnknownRule
    await _access(session, actor, closure.room_id)
    await session.delete(closure)
    await session.flush()


async def _access(session: AsyncSession, actor: Actor, room_id: int) -> Room:
    room = await session.get(Room, room_id, populate_existing=True)
    if room is None:
        raise UnknownRule
    _require(actor, room.center_id)
    return room


def _require(actor: Actor, center_id: int) -> None:
    """The center's staff and the province. Raises UnknownRule."""
    if not (actor.kind == "system" or actor.may_see_center(center_id)):
        raise UnknownRule
