"""Book a liaison's list: each row for itself, none by half, and none twice."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.listing import Entry, Listed, Trouble
from booking.model import Appointment, Status
from booking.model_desk import ImportedRow
from booking.queries import candidates
from booking.service.at_desk import book_at_desk, first_start, require_desk
from booking.service.confirm import Person
from booking.service.hold import NoAdvisor, Wish
from core.clock import at_local
from core.config import Booking
from core.database import insert_or_ignore
from core.errors import Refusal
from core.worktime import Worktime
from directory.actor import Actor
from directory.queries import enterprise_by_name, enterprises_like

GONE = (Status.CANCELLED, Status.LAPSED)


class BookedBefore(Refusal):
    """The same row was booked before and still stands."""

    key = "diary.booked_before"


class AdvisorNotFound(Refusal):
    """The row names an advisor whom the center does not have for this topic."""

    key = "diary.advisor_not_found"


class EnterpriseUnclear(Refusal):
    """The roster has no such enterprise, but others with a similar name."""

    key = "diary.enterprise_unclear"


@dataclass(frozen=True)
class Outcome:
    """What became of a row: booked, or refused with a remedy."""

    number: int
    name: str
    row: Appointment | None = None
    refusal: Refusal | None = None


async def enlist(
    session: AsyncSession,
    *,
    actor: Actor,
    center_id: int,
    rows: Sequence[Listed],
    settings: Booking,
    worktime: Worktime,
    now: datetime,
) -> list[Outcome]:
    """Book every row that can be booked; the others say why not. Raises DeskOnly."""
    require_desk(actor, center_id)

    async def book(entry: Entry) -> Appointment:
        return await _book(
            session,
            entry,
            actor=actor,
            center_id=center_id,
            settings=settings,
            worktime=worktime,
            now=now,
        )

    found = []
    for listed in rows:
        if isinstance(listed, Trouble):
            found.append(Outcome(listed.number, listed.name, refusal=listed.refusal))
            continue
        try:
            async with session.begin_nested():
                row = await book(listed)
        except Refusal as refusal:
            found.append(Outcome(listed.number, listed.name, refusal=refusal))
        else:
            found.append(Outcome(listed.number, listed.name, row=row))
    return found


async def _book(
    session: AsyncSession,
    entry: Entry,
    *,
    actor: Actor,
    center_id: int,
    settings: Booking,
    worktime: Worktime,
    now: datetime,
) -> Appointment:
    """Raises BookedBefore and what booking raises; then the savepoint takes everything back."""
    mark = _mark(center_id, entry)
    await _require_new(session, mark)
    person = await _person(session, entry, center_id)
    wish = Wish(center_id, entry.area, now, settings.lengths[0])
    wish = replace(
        wish,
        enterprise_id=person.enterprise_id,
        advisor_id=await _advisor(session, entry, wish, now),
    )
    if entry.day is not None and entry.clock is not None:
        start = at_local(entry.day, entry.clock.hour, entry.clock.minute)
    else:
        start = await first_start(
            session, wish=wish, settings=settings, worktime=worktime, now=now, day=entry.day
        )
    row = await book_at_desk(
        session,
        actor=actor,
        wish=replace(wish, starts_at=start),
        person=person,
        settings=settings,
        worktime=worktime,
        now=now,
    )
    if not await insert_or_ignore(session, ImportedRow, fingerprint=mark, appointment_id=row.id):
        raise BookedBefore(code=await _code(session, mark))  # somebody sent it at the same moment
    return row


def _mark(center_id: int, entry: Entry) -> str:
    said = (center_id, entry.name, entry.phone, entry.enterprise, entry.area)
    when = (entry.day, entry.clock, entry.advisor)
    return hashlib.sha256("\0".join(map(str, (*said, *when))).encode()).hexdigest()


async def _require_new(session: AsyncSession, mark: str) -> None:
    """A row whose appointment was cancelled since may be booked again. Raises BookedBefore."""
    found = await session.scalar(select(ImportedRow).where(ImportedRow.fingerprint == mark))
    if found is None:
        return
    row = await session.get_one(Appointment, found.appointment_id, populate_existing=True)
    if row.status not in GONE:
        raise BookedBefore(code=row.code)
    await session.delete(found)
    await session.flush()


async def _code(session: AsyncSession, mark: str) -> str:
    found = await session.scalar(
        select(Appointment.code)
        .join(ImportedRow, ImportedRow.appointment_id == Appointment.id)
        .where(ImportedRow.fingerprint == mark)
    )
    return found or ""


async def _person(session: AsyncSession, entry: Entry, center_id: int) -> Person:
    enterprise = await enterprise_by_name(session, entry.enterprise) if entry.enterprise else None
    if enterprise is None and entry.enterprise:
        near = await enterprises_like(session, entry.enterprise, center_id)
        if near:
            raise EnterpriseUnclear(
                given=entry.enterprise, near="、".join(one.name for one in near)
            )
    name = entry.enterprise if enterprise is None else enterprise.name
    return Person(entry.name, entry.phone, name, None if enterprise is None else enterprise.id)


async def _advisor(session: AsyncSession, entry: Entry, wish: Wish, now: datetime) -> int | None:
    """The id of the advisor whom the row names. Raises AdvisorNotFound, NoAdvisor."""
    if not entry.advisor:
        return None
    found = await candidates(
        session,
        center_id=wish.center_id,
        area=wish.area,
        enterprise_id=wish.enterprise_id,
        now=now,
    )
    if not found:
        raise NoAdvisor(nearest="—")
    named = [advisor.id for advisor, _ in found if advisor.name == entry.advisor]
    if not named:
        names = "、".join(sorted(advisor.name for advisor, _ in found))
        raise AdvisorNotFound(given=entry.advisor, known=names)
    return named[0]
