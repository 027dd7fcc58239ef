"""Book for somebody who stands at the window or rings up; see somebody who just walked in."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.availability import Diary, Window, free, nearest
from booking.model import Appointment, Place, Status
from booking.quarters import MINUTES, instant, quarter, runs
from booking.service.attend import DeskOnly, check_in
from booking.service.confirm import Person, confirm
from booking.service.expire import release
from booking.service.guard import NoRoom, SlotTaken, shown, take
from booking.service.hold import NoAdvisor, NotOffered, Wish, hold, new_code
from booking.service.notice import DESK
from booking.service.shares import log_share
from core.clock import at_local, local_day
from core.config import Booking
from core.errors import Refusal
from core.messages import Address
from core.worktime import Worktime
from directory.actor import Actor
from directory.model import Advisor, Agency
from directory.service import clean_phone

NO_LIMIT = 2**31  # open appointments: at the desk a person decides how many are sensible


class NobodyFree(Refusal):
    """No advisor for this topic is free this minute."""

    key = "diary.nobody_free"


async def book_at_desk(
    session: AsyncSession,
    *,
    actor: Actor,
    wish: Wish,
    person: Person,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
) -> Appointment:
    """Hold and confirm at once; all or nothing.

    Raises what hold and confirm raise, and DeskOnly for anybody but the center's staff.
    """
    require_desk(actor, wish.center_id)
    clean_phone(person.phone)
    generous = replace(settings, open_limit=NO_LIMIT)
    async with session.begin_nested():
        row = await hold(
            session,
            wish=replace(wish, enterprise_id=person.enterprise_id),
            to=Address(DESK, ""),
            contact_id=None,
            settings=generous,
            worktime=worktime,
            now=now,
        )
        return await confirm(
            session,
            actor=actor,
            appointment_id=row.id,
            person=person,
            settings=generous,
            now=now,
        )


async def first_start(
    session: AsyncSession,
    *,
    wish: Wish,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
    day: date | None = None,
) -> datetime:
    """The first free start for the wish, whatever time it names; on ``day`` where one is given.

    Raises NoAdvisor, NotOffered.
    """
    pairs = await _fitting(session, wish, now)
    window = Window.at(now, settings, worktime)
    diaries = await queries.diaries(session, [a.id for a, _ in pairs], window, place=wish.place)
    within = -1 if day is None else window.day(day)
    found = 0
    for diary in diaries.values():
        found |= free(diary, wish.minutes, window) & within
    starts = window.instants(found & -found)
    if not starts:
        near = nearest(diaries, now if day is None else at_local(day, 9), wish.minutes, window)
        raise NotOffered(nearest=shown(near))
    return starts[0]


async def see_now(
    session: AsyncSession,
    *,
    actor: Actor,
    wish: Wish,
    person: Person,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
) -> Appointment:
    """An appointment that begins with the quarter under way, and is attended already.

    It falls to whom the rotation says of those who are free and fit the wish. Raises NobodyFree
    with the nearest times, NoAdvisor, NoRoom, BadPhone, DeskOnly; then nothing is written.
    """
    require_desk(actor, wish.center_id)
    start = instant(quarter(now))
    wish = replace(wish, starts_at=start, enterprise_id=person.enterprise_id)
    async with session.begin_nested():
        await release(session, now=now, center_id=wish.center_id)
        pairs = await _fitting(session, wish, now)
        window = replace(Window.at(now, settings, worktime), first=start, last_day=local_day(now))
        diaries = await queries.diaries(session, [a.id for a, _ in pairs], window)
        ready = [pair for pair in pairs if _at_work(diaries[pair[0].id], wish, window)]
        row = None
        if ready:
            row = await _row(session, wish, ready[0], person, now)
        if row is None or not await _take_first(session, row, ready, settings, now):
            later = Window.at(now, settings, worktime)
            diaries = await queries.diaries(session, [a.id for a, _ in pairs], later)
            raise NobodyFree(nearest=shown(nearest(diaries, now, wish.minutes, later)))
        log_share(session, row, rotated=wish.rotated, now=now, booked_at=now)
        return await check_in(session, actor=actor, appointment_id=row.id, now=now)


def require_desk(actor: Actor, center_id: int) -> None:
    """Raises DeskOnly for anybody but the center's staff and the province."""
    if actor.kind != "desk" or not actor.may_see_center(center_id):
        raise DeskOnly


async def _fitting(
    session: AsyncSession, wish: Wish, now: datetime
) -> list[tuple[Advisor, Agency]]:
    every = await queries.candidates(
        session,
        center_id=wish.center_id,
        area=wish.area,
        enterprise_id=wish.enterprise_id,
        now=now,
    )
    found = [pair for pair in every if wish.fits(*pair)]
    if not found:
        raise NoAdvisor(nearest=shown(()))
    return found


def _at_work(diary: Diary, wish: Wish, window: Window) -> bool:
    """Whether the rules let the advisor see somebody from this quarter on."""
    bit = quarter(wish.starts_at) - window.origin
    open_hours = diary.hours & ~diary.away & ~diary.full
    return bool(runs(open_hours, wish.minutes // MINUTES) >> bit & 1)


async def _row(
    session: AsyncSession,
    wish: Wish,
    first: tuple[Advisor, Agency],
    person: Person,
    now: datetime,
) -> Appointment:
    row = Appointment(
        code=await new_code(session),
        uid=f"{uuid4()}@ipstation",
        status=Status.BOOKED,
        advisor_id=first[0].id,
        agency_id=first[1].id,
        center_id=wish.center_id,
        contact_id=None,
        enterprise_id=person.enterprise_id,
        enterprise_name=person.enterprise_name,
        name=person.name,
        phone=clean_phone(person.phone) if person.phone else "",
        area=wish.area,
        starts_at=wish.starts_at,
        minutes=wish.minutes,
        place=Place.ON_SITE,
        channel=DESK,
        chat="",
        lang="zh",
        created_at=now,
        arranged_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def _take_first(
    session: AsyncSession,
    row: Appointment,
    ready: Sequence[tuple[Advisor, Agency]],
    settings: Booking,
    now: datetime,
) -> bool:
    """The first of them whose time is free; the database decides."""
    for advisor, agency in ready:
        row.advisor_id, row.agency_id = advisor.id, agency.id
        await session.flush()
        try:
            await take(session, row, settings=settings, now=now)
        except NoRoom:
            raise
        except SlotTaken:
            continue
        return True
    return False
