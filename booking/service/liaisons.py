"""The enterprise's liaison hears of a consultation that somebody booked for somebody else."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from booking.model import Appointment
from booking.queries import sheet
from core import outbox
from core.messages import Address, Message
from directory.model import Contact, Enterprise, Liaison


async def tell_liaisons(session: AsyncSession, row: Appointment, *, now: datetime) -> None:
    """Tell the liaisons of the enterprise, the booker aside. Of a sealed one nobody hears."""
    if not row.booked_by or row.enterprise_id is None or row.sealed:
        return
    found = await session.scalars(
        select(Contact)
        .join(Liaison, Liaison.contact_id == Contact.id)
        .where(
            Liaison.enterprise_id == row.enterprise_id,
            Liaison.active,
            Contact.id != (row.contact_id or 0),
        )
    )
    message = Message("appointment.liaison", {"s": await sheet(session, row)})
    for contact in found.all():
        outbox.put(session, Address(contact.channel, contact.user), message, now=now)


async def enterprises_of(session: AsyncSession, contact_id: int) -> list[Enterprise]:
    """The enterprises a person is liaison of, by name."""
    found = await session.scalars(
        select(Enterprise)
        .join(Liaison, Liaison.enterprise_id == Enterprise.id)
        .where(Liaison.contact_id == contact_id, Liaison.active)
        .order_by(Enterprise.name)
    )
    return list(found)
