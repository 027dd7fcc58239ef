"""The bot session (会话) behind the count Z02: counted once, for the right sub-center."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.context import Ctx
from bot.model import Conversation
from knowledge.follow import Last
from ledger import service as ledger

SILENCE = timedelta(minutes=30)


async def take_part(session: AsyncSession, row: Conversation, now: datetime) -> None:
    """The person wrote. After a silence that begins a new session; the one before is settled
    first, for the job that looks for silent ones may not have come by yet."""
    if now - row.last_at > SILENCE:
        if row.session_answered and not row.session_counted:
            await _count_unassigned(session, row, now)
        row.session_started_at, row.session_answered, row.session_counted = now, False, False
    row.last_at = now


async def last_answer(
    session: AsyncSession, channel: str, chat: str, *, now: datetime
) -> Last | None:
    """What the chat was last answered in the session under way; None within and after a flow."""
    row = await session.scalar(
        select(Conversation).where(Conversation.channel == channel, Conversation.chat == chat)
    )
    if row is None or row.last_entry is None or row.flow is not None:
        return None
    if not row.session_answered or now - row.last_at > SILENCE:
        return None
    return Last(row.last_entry, row.last_question or "")


async def answered(ctx: Ctx) -> None:
    """The bot gave an answer in this session; count it if the sub-center is known."""
    ctx.conversation.session_answered = True
    await count_if_known(ctx)


async def count_if_known(ctx: Ctx) -> None:
    """Count the session once it has an answer and a sub-center, in whichever order they come."""
    row = ctx.conversation
    if row.session_answered and not row.session_counted and ctx.center_id is not None:
        await _count(ctx.session, row, ctx.center_id, ctx.contact.enterprise_id, now=ctx.now)


async def remember_center(ctx: Ctx, center_id: int) -> None:
    """The person came by this sub-center's link, or named it when asked."""
    ctx.conversation.center_id = center_id
    await count_if_known(ctx)


async def close_silent_sessions(session: AsyncSession, now: datetime) -> None:
    """Job: a session that ended without a known sub-center counts as 未归属, so none is lost."""
    silent = await session.scalars(
        select(Conversation)
        .where(
            Conversation.session_answered,
            ~Conversation.session_counted,
            Conversation.last_at < now - SILENCE,
        )
        .limit(200)
        .with_for_update(skip_locked=True)
    )
    for row in silent:
        await _count_unassigned(session, row, now)


async def _count_unassigned(session: AsyncSession, row: Conversation, now: datetime) -> None:
    """Dated when the session ended, or now where that month is closed already."""
    at = await ledger.open_instant(session, at=row.last_at, now=now)
    await _count(session, row, None, None, now=now, at=at)


async def _count(
    session: AsyncSession,
    row: Conversation,
    center_id: int | None,
    enterprise_id: int | None,
    *,
    now: datetime,
    at: datetime | None = None,
) -> None:
    await ledger.record(
        session,
        code="Z02",
        center_id=center_id,
        enterprise_id=enterprise_id,
        source=f"session:{row.id}:{int(row.session_started_at.timestamp())}",
        handler="bot",
        channel=row.channel,
        now=now,
        at=at,
        evidence=f"{row.channel}:{row.chat}",
    )
    row.session_counted = True
