"""Links that open one thing without sign-in: signed, expiring, logged, bound to one browser."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import changed
from core.security import fingerprint, new_token, sign, unsign
from escalation.model_reply import LinkUse, Purpose, TicketLink

SIGNED_FOR = "ticket-link"


class Opening(StrEnum):
    """What became of an attempt to open a link; kept in the log."""

    OPENED = "opened"
    CLOSED = "closed"  # not opened by this browser yet; nothing is shown
    ELSEWHERE = "elsewhere"  # another browser opened it first
    EXPIRED = "expired"
    USED = "used"
    UNKNOWN = "unknown"


async def make_link(
    session: AsyncSession,
    *,
    secret_key: str,
    purpose: Purpose,
    ticket_id: int,
    expires_at: datetime,
    now: datetime,
    expert_id: int | None = None,
    attachment_id: int | None = None,
) -> str:
    """The token of a new link."""
    token = sign(secret_key, SIGNED_FOR, new_token())
    session.add(
        TicketLink(
            fingerprint=fingerprint(token),
            purpose=purpose,
            ticket_id=ticket_id,
            expert_id=expert_id,
            attachment_id=attachment_id,
            created_at=now,
            expires_at=expires_at,
        )
    )
    await session.flush()
    return token


async def look(
    session: AsyncSession, *, secret_key: str, token: str, purpose: Purpose, now: datetime
) -> tuple[TicketLink | None, Opening]:
    """The link as it stands, without opening it."""
    link = None
    if unsign(secret_key, SIGNED_FOR, token) is not None:
        wanted = (TicketLink.fingerprint == fingerprint(token), TicketLink.purpose == purpose)
        link = await session.scalar(select(TicketLink).where(*wanted))
    if link is None:
        return None, Opening.UNKNOWN
    if link.used_at is not None:
        return link, Opening.USED
    if now >= link.expires_at:
        return link, Opening.EXPIRED
    return link, Opening.CLOSED


async def open_here(
    session: AsyncSession, link: TicketLink, *, browser: str, now: datetime, bind: bool
) -> Opening:
    """Whether this browser may: the first that ``bind``s it may from then on, no other ever."""
    mine = fingerprint(browser) if browser else ""
    if bind and mine and link.browser is None:
        await session.execute(
            update(TicketLink)
            .where(TicketLink.id == link.id, TicketLink.browser.is_(None))
            .values(browser=mine)
            .execution_options(synchronize_session=False)
        )
        await session.refresh(link)
    if link.browser is None:
        return Opening.CLOSED
    outcome = Opening.OPENED if link.browser == mine else Opening.ELSEWHERE
    if bind or outcome is Opening.ELSEWHERE:
        write_use(session, link, outcome, now=now)
    return outcome


async def use_up(session: AsyncSession, link: TicketLink, *, now: datetime) -> bool:
    """Use a one-time link; of two at once exactly one gets True."""
    result = await session.execute(
        update(TicketLink)
        .where(TicketLink.id == link.id, TicketLink.used_at.is_(None), TicketLink.expires_at > now)
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    used = changed(result)
    write_use(session, link, Opening.OPENED if used else Opening.USED, now=now)
    return used


def write_use(session: AsyncSession, link: TicketLink, outcome: Opening, *, now: datetime) -> None:
    """A line of the log."""
    session.add(LinkUse(link_id=link.id, at=now, outcome=outcome))
