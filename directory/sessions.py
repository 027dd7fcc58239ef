"""Signed-in browsers: begun, touched, listed, ended."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.security import fingerprint, new_token
from directory.model import Account, DeskSession

SEEN_EVERY = timedelta(minutes=5)  # how exactly it is known when a browser was last used


async def open_desk_session(
    session: AsyncSession,
    *,
    account_id: int,
    now: datetime,
    hours: int,
    agent: str = "",
    by_link: bool = False,
) -> str:
    """Start a browser session; returns the cookie value, of which only a fingerprint is stored."""
    token = new_token()
    await session.execute(delete(DeskSession).where(DeskSession.expires_at <= now))
    session.add(
        DeskSession(
            account_id=account_id,
            fingerprint=fingerprint(token),
            csrf_token=new_token(18),
            created_at=now,
            last_seen_at=now,
            expires_at=now + timedelta(hours=hours),
            agent=agent[:120],
            by_link=by_link,
        )
    )
    await session.flush()
    return token


async def desk_session(
    session: AsyncSession, *, token: str, now: datetime
) -> tuple[DeskSession, Account] | None:
    """The live session of a cookie with its account."""
    row = (
        await session.execute(
            select(DeskSession, Account)
            .join(Account, Account.id == DeskSession.account_id)
            .where(
                DeskSession.fingerprint == fingerprint(token),
                DeskSession.expires_at > now,
                Account.active,
            )
        )
    ).first()
    return None if row is None else (row[0], row[1])


async def touch(session: AsyncSession, session_id: int, *, now: datetime) -> None:
    """The browser was used now."""
    await session.execute(
        update(DeskSession).where(DeskSession.id == session_id).values(last_seen_at=now)
    )


async def sessions_of(
    session: AsyncSession, account_id: int, *, now: datetime
) -> Sequence[DeskSession]:
    """An account's live sessions, the one used last first."""
    query = select(DeskSession).where(
        DeskSession.account_id == account_id, DeskSession.expires_at > now
    )
    return (await session.scalars(query.order_by(DeskSession.last_seen_at.desc()))).all()


async def close_desk_session(session: AsyncSession, *, token: str) -> None:
    """Sign out."""
    await session.execute(delete(DeskSession).where(DeskSession.fingerprint == fingerprint(token)))


async def end_sessions(
    session: AsyncSession, account_id: int, *, only: int | None = None, keep: str | None = None
) -> None:
    """Sign the account out everywhere; ``only`` of one browser, or of all but the cookie kept."""
    condition = DeskSession.account_id == account_id
    if only is not None:
        condition &= DeskSession.id == only
    if keep is not None:
        condition &= DeskSession.fingerprint != fingerprint(keep)
    await session.execute(delete(DeskSession).where(condition))
