"""Make and revoke an advisor's calendar subscription."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from booking.conflicts import access_advisor
from booking.model_desk import CalendarFeed
from core.errors import Refusal
from core.security import fingerprint, new_token
from directory.actor import Actor


class OwnFeedOnly(Refusal):
    """The address is a secret of the advisor's; staff can only revoke it."""

    key = "diary.own_feed_only"


async def make_feed(session: AsyncSession, *, actor: Actor, advisor_id: int, now: datetime) -> str:
    """A new token; the one before opens nothing any more. Raises OwnFeedOnly, UnknownAdvisor."""
    await access_advisor(session, actor, advisor_id)
    if actor.advisor_id != advisor_id:
        raise OwnFeedOnly
    await revoke_feed(session, actor=actor, advisor_id=advisor_id)
    token = new_token()
    session.add(CalendarFeed(advisor_id=advisor_id, fingerprint=fingerprint(token), created_at=now))
    await session.flush()
    return token


async def revoke_feed(session: AsyncSession, *, actor: Actor, advisor_id: int) -> None:
    """The address opens nothing any more. Raises UnknownAdvisor."""
    await access_advisor(session, actor, advisor_id)
    await session.execute(delete(CalendarFeed).where(CalendarFeed.advisor_id == advisor_id))
