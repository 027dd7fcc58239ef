"""日历: an advisor's private subscription, and the busy times of a calendar elsewhere."""

from urllib.parse import urlsplit

from aiohttp import web
from sqlalchemy import func, select

from booking.conflicts import access_advisor
from booking.model_desk import BusySpan, CalendarFeed
from booking.service.busy import remove_source, set_source, source_of
from booking.service.feed import make_feed, revoke_feed
from console.visit import Visit
from core.texts import plain

LONGEST = 500


async def show(visit: Visit, link: str = "") -> web.StreamResponse:
    """What there is of both. ``link``: a subscription just made, shown this once."""
    async with visit.reading() as session:
        advisor = await access_advisor(session, visit.actor, visit.id_of())
        mine = select(CalendarFeed).where(CalendarFeed.advisor_id == advisor.id)
        feed = await session.scalar(mine)
        source = await source_of(session, advisor.id)
        spans = await session.scalar(
            select(func.count()).where(
                BusySpan.advisor_id == advisor.id, BusySpan.ends_at > visit.now
            )
        )
    return visit.render(
        "calendar.html",
        advisor=advisor,
        own=visit.actor.advisor_id == advisor.id,
        feed=feed,
        link=link,
        source=source,
        host=urlsplit(source.url).hostname if source else "",
        trouble=plain(source.trouble) if source and source.trouble else "",
        spans=spans,
        hosts=visit.desk.config.calendars.hosts,
    )


async def make(visit: Visit) -> web.StreamResponse:
    """A new address; the old one is dead. Shown at once, because only its fingerprint is kept."""
    async with visit.writing() as session:
        token = await make_feed(session, actor=visit.actor, advisor_id=visit.id_of(), now=visit.now)
    base = visit.desk.config.server.public_url.rstrip("/")
    return await show(visit, f"{base}/calendar/{token}.ics")


async def revoke(visit: Visit) -> web.StreamResponse:
    """The address is dead."""
    async with visit.writing() as session:
        await revoke_feed(session, actor=visit.actor, advisor_id=visit.id_of())
    return visit.go("calendar", said="diary.feed_revoked", id=visit.id_of())


async def connect(visit: Visit) -> web.StreamResponse:
    """Read busy times from this address."""
    url = visit.form.line("url", most=LONGEST, missing="diary.busy_missing")
    visit.form.require_good()
    async with visit.writing() as session:
        await set_source(
            session,
            actor=visit.actor,
            advisor_id=visit.id_of(),
            url=url,
            hosts=visit.desk.config.calendars.hosts,
            now=visit.now,
        )
    return visit.go("calendar", said="diary.busy_set", id=visit.id_of())


async def disconnect(visit: Visit) -> web.StreamResponse:
    """Forget the address and what it gave."""
    async with visit.writing() as session:
        await remove_source(session, actor=visit.actor, advisor_id=visit.id_of())
    return visit.go("calendar", said="diary.busy_removed", id=visit.id_of())
