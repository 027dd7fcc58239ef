"""The bell: news that fell to an account since it last looked."""

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from console.model import Bell
from core.database import insert_or_ignore
from directory.actor import Actor
from escalation.news import News, latest_news, news_for

LISTED = 60


async def rung(session: AsyncSession, actor: Actor) -> list[News]:
    """What rang since the actor looked, newest first."""
    seen = await _seen(session, actor)
    return [news for news in await news_for(session, actor, seen) if news.rings(actor)]


async def rung_lately(session: AsyncSession, actor: Actor) -> list[tuple[News, bool]]:
    """What rang last, newest first, each with whether the actor has not looked at it yet."""
    seen = await _seen(session, actor)
    found = await news_for(session, actor, 0, limit=LISTED * 5)
    return [(news, news.id > seen) for news in found if news.rings(actor)][:LISTED]


async def look(session: AsyncSession, actor: Actor) -> None:
    """The actor has looked at everything there is."""
    assert actor.id is not None
    latest = await latest_news(session)
    await insert_or_ignore(session, Bell, account_id=actor.id, seen_id=0)
    await session.execute(
        update(Bell)
        .where(Bell.account_id == actor.id, Bell.seen_id < latest)
        .values(seen_id=latest)
    )


async def _seen(session: AsyncSession, actor: Actor) -> int:
    bell = await session.get(Bell, actor.id)
    return 0 if bell is None else bell.seen_id
