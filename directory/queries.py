"""Reads over people and organisations."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, literal, select, union
from sqlalchemy.ext.asyncio import AsyncSession

from directory.model import (
    Account,
    Advisor,
    Agency,
    Center,
    Conflict,
    Contact,
    Enterprise,
    Expert,
    Liaison,
)

_NAMES = (
    Enterprise.name,
    Enterprise.uscc,
    Contact.name,
    Contact.phone,
    Liaison.name,
    Agency.name,
    Advisor.name,
    Expert.name,
    Account.name,
)


async def centers(session: AsyncSession) -> Sequence[Center]:
    """Every sub-center, by name."""
    return (await session.scalars(select(Center).order_by(Center.name))).all()


async def center_by_id(session: AsyncSession, center_id: int) -> Center:
    """That sub-center."""
    return await session.get_one(Center, center_id)


async def center_by_code(session: AsyncSession, code: str) -> Center | None:
    """The center that a link or QR code names."""
    return await session.scalar(select(Center).where(Center.code == code))


async def enterprise_by_name(session: AsyncSession, name: str) -> Enterprise | None:
    """The enterprise with exactly this name or credit code, spaces aside."""
    wanted = "".join(name.split())
    return await session.scalar(
        select(Enterprise).where((Enterprise.name == wanted) | (Enterprise.uscc == wanted.upper()))
    )


async def names_in(session: AsyncSession, text: str) -> list[str]:
    """The names of people and organisations we know that stand in a text."""
    rows = await session.scalars(
        union(
            *(
                select(name).where(func.length(name) > 1, literal(text).contains(name))
                for name in _NAMES
            )
        )
    )
    return [name for name in rows if name]


async def enterprises_like(
    session: AsyncSession, part: str, center_id: int | None = None, limit: int = 5
) -> Sequence[Enterprise]:
    """Enterprises whose name contains ``part``, shortest first."""
    found = select(Enterprise).where(Enterprise.name.contains(part, autoescape=True))
    if center_id is not None:
        found = found.where(Enterprise.center_id == center_id)
    return (await session.scalars(found.order_by(func.length(Enterprise.name)).limit(limit))).all()


async def enterprise_names(session: AsyncSession, ids: Collection[int | None]) -> dict[int, str]:
    """The names of these enterprises by id."""
    found = await session.execute(
        select(Enterprise.id, Enterprise.name).where(Enterprise.id.in_([i for i in ids if i]))
    )
    return {row[0]: row[1] for row in found}


async def advisors_of(session: AsyncSession, center_id: int) -> Sequence[tuple[Advisor, Agency]]:
    """Active advisors of a center with their agencies."""
    found = await session.execute(
        select(Advisor, Agency)
        .join(Agency, Agency.id == Advisor.agency_id)
        .where(Advisor.center_id == center_id, Advisor.active)
        .order_by(Agency.id, Advisor.id)
    )
    return [(advisor, agency) for advisor, agency in found]


async def conflicted_agencies(session: AsyncSession, enterprise_id: int | None) -> set[int]:
    """Agencies that must not act for the enterprise."""
    found = await session.scalars(
        select(Conflict.agency_id).where(
            Conflict.enterprise_id == enterprise_id, Conflict.agency_id.is_not(None)
        )
    )
    return {agency_id for agency_id in found if agency_id is not None}


async def conflicted_experts(session: AsyncSession, enterprise_id: int | None) -> set[int]:
    """Experts who must not see matters of the enterprise."""
    found = await session.scalars(
        select(Conflict.expert_id).where(
            Conflict.enterprise_id == enterprise_id, Conflict.expert_id.is_not(None)
        )
    )
    return {expert_id for expert_id in found if expert_id is not None}


async def active_experts(session: AsyncSession) -> Sequence[Expert]:
    """Experts on duty, in the order of their enrolment."""
    return (await session.scalars(select(Expert).where(Expert.active).order_by(Expert.id))).all()


async def expert_contacts(session: AsyncSession, expert_id: int) -> Sequence[Contact]:
    """The chats tied to an expert."""
    return (await session.scalars(select(Contact).where(Contact.expert_id == expert_id))).all()


async def advisor_contacts(session: AsyncSession, advisor_id: int) -> Sequence[Contact]:
    """The chats tied to an advisor."""
    return (await session.scalars(select(Contact).where(Contact.advisor_id == advisor_id))).all()


async def account_by_username(
    session: AsyncSession, username: str, *, lock: bool = False
) -> Account | None:
    """The active account of that name; ``lock``: to change it."""
    query = select(Account).where(Account.username == username, Account.active)
    return await session.scalar(query.with_for_update() if lock else query)
