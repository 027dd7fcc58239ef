"""The waiting list (候补): join and leave it, answer an offer."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment, Status
from booking.model_life import Waiting, WaitOffer
from booking.service.expire import lapse
from core.clock import local_day
from core.database import changed
from core.errors import Refusal
from core.messages import Address

MOST = 3  # a person's places on the list at a time


class NoPlace(Refusal):
    """The days are over, or the person waits for as many times as anybody may."""

    key = "wait.no_place"

    def __init__(self) -> None:
        super().__init__(most=MOST)


class OfferGone(Refusal):
    """The fifteen minutes are over, or it is somebody else's offer."""

    key = "wait.offer_gone"


@dataclass(frozen=True)
class Longing:
    """What somebody waits for. agency_id, advisor_id None: any."""

    center_id: int
    area: str
    first_day: date
    last_day: date
    minutes: int
    agency_id: int | None = None
    advisor_id: int | None = None
    enterprise_id: int | None = None


async def join(
    session: AsyncSession, *, longing: Longing, contact_id: int, to: Address, now: datetime
) -> Waiting:
    """A place at the end of the list. The same again keeps the place. Raises NoPlace."""
    if longing.last_day < local_day(now) or longing.first_day > longing.last_day:
        raise NoPlace
    mine = await places(session, contact_id)
    for place in mine:
        if all(getattr(place, name) == value for name, value in vars(longing).items()):
            return place
    if len(mine) >= MOST:
        raise NoPlace
    place = Waiting(
        **vars(longing),
        contact_id=contact_id,
        channel=to.channel,
        chat=to.chat,
        lang=to.lang,
        created_at=now,
    )
    session.add(place)
    await session.flush()
    return place


async def places(session: AsyncSession, contact_id: int) -> list[Waiting]:
    """What a person waits for, oldest first."""
    found = select(Waiting).where(Waiting.contact_id == contact_id, Waiting.active)
    return list(await session.scalars(found.order_by(Waiting.id)))


async def leave(session: AsyncSession, *, contact_id: int, waiting_id: int) -> None:
    """Give a place up; leaving twice changes nothing."""
    await session.execute(
        update(Waiting)
        .where(Waiting.id == waiting_id, Waiting.contact_id == contact_id)
        .values(active=False)
    )


async def offered(
    session: AsyncSession, *, contact_id: int, appointment_id: int, now: datetime
) -> Appointment:
    """The time that is kept for this person. Raises OfferGone."""
    row = await session.get(Appointment, appointment_id, populate_existing=True)
    live = row is not None and row.status == Status.HELD and row.contact_id == contact_id
    if row is None or not live or row.hold_until is None or row.hold_until <= now:
        raise OfferGone
    return row


async def decline(
    session: AsyncSession, *, contact_id: int, appointment_id: int, now: datetime
) -> int:
    """Not this time: it goes to the next person, the place is kept. The place's id.

    Raises OfferGone.
    """
    row = await offered(session, contact_id=contact_id, appointment_id=appointment_id, now=now)
    this = WaitOffer.appointment_id == row.id
    result = await session.execute(update(WaitOffer).where(this, WaitOffer.open).values(open=False))
    if not changed(result):
        raise OfferGone
    await lapse(session, [row.id])
    return (await session.scalars(select(WaitOffer.waiting_id).where(this))).one()
