"""Saved views of the queue: an account's own, and those its sub-center shares."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from console.model import SavedView
from core.database import insert_or_ignore
from core.errors import Refusal
from directory.actor import Actor

MOST = 30


class NameTaken(Refusal):
    key = "deskwork.views.taken"


class TooManyViews(Refusal):
    key = "deskwork.views.too_many"


class UnknownView(Refusal):
    key = "deskwork.views.unknown"


async def views_of(session: AsyncSession, actor: Actor) -> Sequence[SavedView]:
    """The actor's own views, then shared ones, by name."""
    same_desk = (
        SavedView.center_id.is_(None)
        if actor.center_id is None
        else SavedView.center_id == actor.center_id
    )
    query = select(SavedView).where(
        or_(SavedView.account_id == actor.id, and_(SavedView.shared, same_desk))
    )
    found = (await session.scalars(query.order_by(SavedView.name, SavedView.id))).all()
    return sorted(found, key=lambda view: view.account_id != actor.id)


async def save_view(
    session: AsyncSession, *, actor: Actor, name: str, query: str, shared: bool, now: datetime
) -> None:
    """Keep a filter under a name. Raises NameTaken, TooManyViews."""
    own = select(func.count()).where(SavedView.account_id == actor.id)
    if (await session.scalar(own) or 0) >= MOST:
        raise TooManyViews(most=MOST)
    done = await insert_or_ignore(
        session,
        SavedView,
        account_id=actor.id,
        center_id=actor.center_id,
        name=name,
        query=query,
        shared=shared,
        created_at=now,
    )
    if not done:
        raise NameTaken(name=name)


async def drop_view(session: AsyncSession, *, actor: Actor, view_id: int) -> None:
    """Forget one of the actor's own. Raises UnknownView."""
    view = await session.get(SavedView, view_id)
    if view is None or view.account_id != actor.id:
        raise UnknownView
    await session.delete(view)
    await session.flush()
