"""Presence: a person has a ticket open, for as long as their page keeps saying so."""

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import insert_or_ignore
from directory.actor import Actor
from escalation.model_reply import Presence
from escalation.queries import access_ticket

LEASE = timedelta(seconds=20)


async def be_here(
    session: AsyncSession, *, actor: Actor, ticket_id: int, writing: bool, now: datetime
) -> None:
    """Renew the lease. Raises UnknownTicket."""
    await access_ticket(session, actor, ticket_id)
    key = {"ticket_id": ticket_id, "account_id": actor.id}
    fresh = await insert_or_ignore(session, Presence, **key, writing=writing, until=now + LEASE)
    if not fresh:
        await session.execute(
            update(Presence).filter_by(**key).values(writing=writing, until=now + LEASE)
        )


async def forget_absent(session: AsyncSession, now: datetime) -> None:
    """Job: leases that ran out an hour ago are of no use to anybody."""
    await session.execute(delete(Presence).where(Presence.until < now - timedelta(hours=1)))
