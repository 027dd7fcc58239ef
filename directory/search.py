"""Finding enterprises and people, each center its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from directory.actor import Actor
from directory.model import Contact, Enterprise, Liaison


@dataclass(frozen=True)
class Person:
    """A liaison or a contact with the enterprise they belong to, where known."""

    name: str
    phone: str
    liaison: bool
    enterprise: Enterprise | None


async def find_enterprises(
    session: AsyncSession, actor: Actor, part: str, *, limit: int = 10
) -> Sequence[Enterprise]:
    """Enterprises whose name or credit code contains it."""
    like = or_(
        Enterprise.name.contains(part, autoescape=True),
        Enterprise.uscc.contains(part.upper(), autoescape=True),
    )
    query = select(Enterprise).where(like, _seen(actor, Enterprise.center_id))
    return (await session.scalars(query.order_by(Enterprise.name).limit(limit))).all()


async def find_people(
    session: AsyncSession, actor: Actor, part: str, *, limit: int = 10
) -> list[Person]:
    """Liaisons by name, then contacts by name or telephone number."""
    liaisons = await session.execute(
        select(Liaison, Enterprise)
        .join(Enterprise, Enterprise.id == Liaison.enterprise_id)
        .where(
            Liaison.name.contains(part, autoescape=True),
            Liaison.active,
            _seen(actor, Enterprise.center_id),
        )
        .order_by(Liaison.name, Liaison.id)
        .limit(limit)
    )
    contacts = await session.execute(
        select(Contact, Enterprise)
        .outerjoin(Enterprise, Enterprise.id == Contact.enterprise_id)
        .where(
            or_(
                Contact.name.contains(part, autoescape=True),
                Contact.phone.startswith(part, autoescape=True),
            ),
            _seen(actor, Contact.center_id),
            Contact.expert_id.is_(None),
        )
        .order_by(Contact.id.desc())
        .limit(limit)
    )
    found = [Person(row.name, "", True, enterprise) for row, enterprise in liaisons]
    found += [Person(row.name or "", row.phone or "", False, of) for row, of in contacts]
    return found[:limit]


def _seen(
    actor: Actor, center: InstrumentedAttribute[int] | InstrumentedAttribute[int | None]
) -> ColumnElement[bool]:
    return true() if actor.is_province else center == (actor.center_id or 0)
