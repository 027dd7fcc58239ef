"""Hold a time for a person for some minutes while they confirm."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.availability import Diary, Window, is_offered, nearest
from booking.model import Appointment, Place, Status
from booking.service.expire import release
from booking.service.guard import NoRoom, SlotTaken, shown, take
from booking.service.shares import log_share
from booking.service.trust import require_trust
from core.config import Booking
from core.errors import Refusal
from core.messages import Address
from core.worktime import Worktime
from directory.model import Advisor, Agency
from directory.queries import conflicted_agencies

# Read out at a window and over the phone: nothing that looks or sounds like something else.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 6


class NotOffered(Refusal):
    """Nobody sees people at that time: outside the rules, too soon or too far ahead."""

    key = "booking.not_offered"


class NoAdvisor(Refusal):
    """The center has nobody for this topic, or the chosen agency cannot act or has nobody left.

    ``nearest``: free times of the center's other agencies.
    """

    key = "booking.no_advisor"


class TooManyOpen(Refusal):
    """The person or the enterprise has as many open appointments as the settings allow."""

    key = "booking.too_many_open"


class NobodyNamed(Refusal):
    """A sealed booking is for one named advisor."""

    key = "appointment.nobody_named"


@dataclass(frozen=True)
class Wish:
    """What a person wants. agency_id, advisor_id None: any, by rotation; sealed: a confidential
    matter, for the named advisor only."""

    center_id: int
    area: str
    starts_at: datetime
    minutes: int
    agency_id: int | None = None
    enterprise_id: int | None = None
    place: str = Place.ON_SITE
    advisor_id: int | None = None
    sealed: bool = False

    @property
    def rotated(self) -> bool:
        """Whether the rotation decides who gets it."""
        return self.agency_id is None and self.advisor_id is None

    def fits(self, advisor: Advisor, agency: Agency) -> bool:
        """Whether that advisor is one of those wished for."""
        one_of_them = self.agency_id in (None, agency.id)
        return one_of_them and self.advisor_id in (None, advisor.id)


async def hold(
    session: AsyncSession,
    *,
    wish: Wish,
    to: Address,
    contact_id: int | None,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
) -> Appointment:
    """Hold the wished time for ``settings.hold_minutes``; a person holds one time only.

    Whether the time is still free is decided by the database when the cells are taken, never by
    looking first. Raises SlotTaken, DayFull, NoRoom, NotOffered, NoAdvisor, TooManyOpen, each with
    the nearest free times where a time is the trouble; then nothing has changed. Somebody who has
    missed too many gets PhoneOnly.
    """
    if wish.sealed and wish.advisor_id is None:
        raise NobodyNamed
    await require_trust(session, contact_id=contact_id, settings=settings, now=now)
    await require_room(
        session, contact_id=contact_id, enterprise_id=wish.enterprise_id, settings=settings, now=now
    )
    window = Window.at(now, settings, worktime)
    async with session.begin_nested():
        await release(session, now=now, center_id=wish.center_id, holder=contact_id)
        pairs = await _candidates(session, wish, window)
        advisor_ids = [advisor.id for advisor, _ in pairs]
        diaries = await queries.diaries(session, advisor_ids, window, place=wish.place)
        offered = _offered(pairs, diaries, wish, window, settings)
        row = await _new(session, offered[0], wish, to, contact_id=contact_id, now=now)
        row.hold_until = now + timedelta(minutes=settings.hold_minutes)
        try:
            await _take_first_free(session, row, offered, settings, now)
        except SlotTaken as gone:
            left = await queries.diaries(session, advisor_ids, window, place=wish.place)
            near = nearest(left, wish.starts_at, wish.minutes, window)
            raise type(gone)(near) from gone
        log_share(session, row, rotated=wish.rotated, now=now)
    return row


async def suits(session: AsyncSession, *, held: Appointment, enterprise_id: int | None) -> bool:
    """Whether the agency held may act for the enterprise that the person has named since."""
    return held.agency_id not in await conflicted_agencies(session, enterprise_id)


async def require_room(
    session: AsyncSession,
    *,
    contact_id: int | None,
    enterprise_id: int | None,
    settings: Booking,
    now: datetime,
) -> None:
    """Raises TooManyOpen. The limit is per person and per enterprise, never per address."""
    count = await queries.open_count(
        session, now, contact_id=contact_id, enterprise_id=enterprise_id
    )
    if count >= settings.open_limit:
        raise TooManyOpen(limit=settings.open_limit)


async def _candidates(
    session: AsyncSession, wish: Wish, window: Window
) -> list[tuple[Advisor, Agency]]:
    every = await queries.candidates(
        session,
        center_id=wish.center_id,
        area=wish.area,
        enterprise_id=wish.enterprise_id,
        now=window.now,
    )
    found = [pair for pair in every if wish.fits(*pair)]
    if not found:
        others = [advisor.id for advisor, _ in every]
        diaries = await queries.diaries(session, others, window, place=wish.place)
        near = nearest(diaries, wish.starts_at, wish.minutes, window)
        raise NoAdvisor(nearest=shown(near))
    return found


def _offered(
    pairs: Sequence[tuple[Advisor, Agency]],
    diaries: dict[int, Diary],
    wish: Wish,
    window: Window,
    settings: Booking,
) -> list[tuple[Advisor, Agency]]:
    found = [
        (advisor, agency)
        for advisor, agency in pairs
        if is_offered(diaries[advisor.id], wish.starts_at, wish.minutes, window)
    ]
    if not found or wish.minutes not in settings.lengths:
        raise NotOffered(nearest=shown(nearest(diaries, wish.starts_at, wish.minutes, window)))
    return found


async def _take_first_free(
    session: AsyncSession,
    row: Appointment,
    offered: Sequence[tuple[Advisor, Agency]],
    settings: Booking,
    now: datetime,
) -> None:
    """Raises what the last of them was refused with. Without a room, nobody else has one either."""
    refused = SlotTaken()
    for advisor, agency in offered:
        row.advisor_id, row.agency_id = advisor.id, agency.id
        await session.flush()
        try:
            await take(session, row, settings=settings, now=now)
        except NoRoom:
            raise
        except SlotTaken as gone:
            refused = gone
        else:
            return
    raise refused


async def _new(
    session: AsyncSession,
    first: tuple[Advisor, Agency],
    wish: Wish,
    to: Address,
    *,
    contact_id: int | None,
    now: datetime,
) -> Appointment:
    advisor, agency = first
    row = Appointment(
        code=await new_code(session),
        uid=f"{uuid4()}@ipstation",
        status=Status.HELD,
        advisor_id=advisor.id,
        agency_id=agency.id,
        center_id=wish.center_id,
        contact_id=contact_id,
        enterprise_id=wish.enterprise_id,
        area=wish.area,
        starts_at=wish.starts_at,
        minutes=wish.minutes,
        place=wish.place,
        sealed=wish.sealed,
        channel=to.channel,
        chat=to.chat,
        lang=to.lang,
        created_at=now,
    )
    session.add(row)
    await session.flush()
    return row


async def new_code(session: AsyncSession) -> str:
    """A code that no appointment has."""
    while True:
        code = "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))
        if await session.scalar(select(Appointment.id).where(Appointment.code == code)) is None:
            return code
