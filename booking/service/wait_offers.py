"""A freed time is held for one person of the waiting list at a time, then for the next."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.availability import Window, free_starts
from booking.model import Appointment, Status, held
from booking.model_life import Waiting, WaitOffer
from booking.service.hold import Wish, hold
from core import outbox
from core.clock import local, local_day
from core.config import Booking
from core.errors import Refusal
from core.jobs import JobFunction
from core.messages import Address, Button, Message
from core.worktime import Worktime

BATCH = 50
DAYTIME = range(8, 21)  # nobody is given a quarter of an hour to answer at night


def offer_freed(settings: Booking, worktime: Worktime) -> JobFunction:
    """The job: write down what came of offers, then offer what is free, the longest wait first."""

    async def run(session: AsyncSession, now: datetime) -> None:
        await _settle(session, now)
        if local(now).hour not in DAYTIME:
            return
        window = Window.at(now, settings, worktime)
        for place in await _next_in_line(session):
            await _offer(session, place, window, settings, worktime)

    return run


async def _settle(session: AsyncSession, now: datetime) -> None:
    """Who took the time leaves the list; who let it pass stays on it for others."""
    rows = await session.execute(
        select(WaitOffer, Appointment.status, Appointment.hold_until)
        .join(Appointment, Appointment.id == WaitOffer.appointment_id)
        .where(WaitOffer.open)
    )
    for offer, status, until in rows.all():
        if status == Status.HELD and until is not None and until > now:
            continue
        offer.open = False
        if status not in (Status.HELD, Status.LAPSED):
            place = await session.get_one(Waiting, offer.waiting_id)
            place.active = False
    await session.execute(
        update(Waiting)
        .where(Waiting.active, Waiting.last_day < local_day(now))
        .values(active=False)
    )
    await session.flush()


async def _next_in_line(session: AsyncSession) -> list[Waiting]:
    """Who waits and neither has an offer nor is choosing a time just now."""
    has_offer = select(WaitOffer.id).where(WaitOffer.waiting_id == Waiting.id, WaitOffer.open)
    choosing = select(Appointment.id).where(held(), Appointment.contact_id == Waiting.contact_id)
    found = await session.scalars(
        select(Waiting)
        .where(Waiting.active, ~has_offer.exists(), ~choosing.exists())
        .order_by(Waiting.id)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    return list(found)


async def _offer(
    session: AsyncSession, place: Waiting, window: Window, settings: Booking, worktime: Worktime
) -> None:
    """Hold the first free time that they wait for and have not been offered before."""
    had = await session.scalars(select(WaitOffer.starts_at).where(WaitOffer.waiting_id == place.id))
    before = set(had)
    for start in await _free(session, place, window):
        if start in before:
            continue
        try:
            row = await hold(
                session,
                wish=_wish(place, start),
                to=Address(place.channel, place.chat, place.lang),
                contact_id=place.contact_id,
                settings=settings,
                worktime=worktime,
                now=window.now,
            )
        except Refusal:
            return
        row.hold_until = window.now + timedelta(minutes=settings.offer_minutes)
        offer = WaitOffer(
            waiting_id=place.id, appointment_id=row.id, starts_at=start, offered_at=window.now
        )
        session.add(offer)
        await session.flush()
        await _tell(session, place, row, settings, window.now)
        return


async def _free(session: AsyncSession, place: Waiting, window: Window) -> list[datetime]:
    pairs = await queries.candidates(
        session,
        center_id=place.center_id,
        area=place.area,
        agency_id=place.agency_id,
        advisor_id=place.advisor_id,
        enterprise_id=place.enterprise_id,
        now=window.now,
    )
    diaries = await queries.diaries(session, [advisor.id for advisor, _ in pairs], window)
    day, found = max(place.first_day, local_day(window.now)), list[datetime]()
    while day <= min(place.last_day, window.last_day):
        found += free_starts(diaries, day, place.minutes, window)
        day += timedelta(days=1)
    return found


def _wish(place: Waiting, start: datetime) -> Wish:
    return Wish(
        center_id=place.center_id,
        area=place.area,
        starts_at=start,
        minutes=place.minutes,
        agency_id=place.agency_id,
        advisor_id=place.advisor_id,
        enterprise_id=place.enterprise_id,
    )


async def _tell(
    session: AsyncSession, place: Waiting, row: Appointment, settings: Booking, now: datetime
) -> None:
    buttons = (
        Button("wait.button_yes", f"wait.yes:{row.id}"),
        Button("wait.button_no", f"wait.no:{row.id}"),
    )
    assert row.hold_until is not None
    params = {
        "s": await queries.sheet(session, row),
        "minutes": settings.offer_minutes,
        "until": local(row.hold_until),
    }
    to = Address(place.channel, place.chat, place.lang)
    outbox.put(session, to, Message("wait.offer", params, (buttons,)), now=now)
