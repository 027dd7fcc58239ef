"""常用回复: replies kept for use again, of one's own, of the center or of the province."""

import re
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.database import changed
from core.errors import Refusal
from core.texts import plain
from directory.actor import Actor
from escalation.lifecycle import NotYours
from escalation.model import Ticket
from escalation.model_reply import CannedReply
from escalation.queries import sheet
from escalation.telling import when

PLACEHOLDERS = ("number", "due", "center", "name", "by", "area", "today")
_HOLE = re.compile(r"\{([A-Za-z_\u4e00-\u9fff]{1,30})\}")


class Owner(StrEnum):
    """Whose a canned reply is."""

    MINE = "mine"
    CENTER = "center"
    PROVINCE = "province"


class UnknownCanned(Refusal):
    """There is none, or it is not this actor's."""

    key = "answering.unknown_canned"


class UnknownPlaceholder(Refusal):
    key = "answering.unknown_placeholder"


class CannedOvertaken(Refusal):
    """Somebody else changed it first."""

    key = "answering.canned_overtaken"


def owner_of(canned: CannedReply) -> Owner:
    """Whose it is."""
    if canned.account_id is not None:
        return Owner.MINE
    return Owner.PROVINCE if canned.center_id is None else Owner.CENTER


def owners_for(actor: Actor) -> list[Owner]:
    """The kinds an actor may write."""
    return [Owner.MINE, Owner.PROVINCE if actor.is_province else Owner.CENTER]


async def canned_for(session: AsyncSession, actor: Actor) -> Sequence[CannedReply]:
    """What the actor may use: their own first, then the center's, then the province's."""
    center = and_(CannedReply.account_id.is_(None), CannedReply.center_id == actor.center_id)
    province = and_(CannedReply.account_id.is_(None), CannedReply.center_id.is_(None))
    found = await session.scalars(
        select(CannedReply).where(
            CannedReply.retired_at.is_(None),
            or_(CannedReply.account_id == actor.id, center, province),
        )
    )
    order = list(Owner)
    return sorted(found, key=lambda one: (order.index(owner_of(one)), one.title))


async def access_canned(
    session: AsyncSession, actor: Actor, canned_id: int, *, change: bool = False
) -> CannedReply:
    """A canned reply the actor may use, or ``change``. Raises UnknownCanned, NotYours."""
    for canned in await canned_for(session, actor):
        if canned.id == canned_id:
            if change and owner_of(canned) not in owners_for(actor):
                raise NotYours
            return canned
    raise UnknownCanned


async def keep_canned(
    session: AsyncSession,
    *,
    actor: Actor,
    owner: Owner,
    title: str,
    text: str,
    now: datetime,
    canned_id: int | None = None,
    seen: int = 0,
) -> int:
    """Write a new one, or change one as it was ``seen``; its id.

    Raises UnknownCanned, NotYours, UnknownPlaceholder, CannedOvertaken.
    """
    if owner not in owners_for(actor):
        raise NotYours
    _require_known(text)
    values: dict[str, Any] = {
        "account_id": actor.id if owner is Owner.MINE else None,
        "center_id": actor.center_id if owner is Owner.CENTER else None,
        "title": title,
        "text": text,
        "changed_by": actor.name[:40],
        "changed_at": now,
    }
    if canned_id is None:
        canned = CannedReply(**values)
        session.add(canned)
        await session.flush()
        return canned.id
    await _change(session, actor, canned_id, seen, values)
    return canned_id


async def retire_canned(
    session: AsyncSession, *, actor: Actor, canned_id: int, seen: int, now: datetime
) -> None:
    """No longer offered. Raises UnknownCanned, NotYours, CannedOvertaken."""
    await _change(session, actor, canned_id, seen, {"retired_at": now})


async def filled(
    session: AsyncSession, canned: CannedReply, ticket: Ticket, actor: Actor, *, now: datetime
) -> str:
    """The text with its placeholders filled for a ticket; plain words."""
    lang, today = ticket.lang, local_day(now)
    values = {
        "number": ticket.number,
        "due": when(ticket.due_at, lang),
        "center": (await sheet(session, ticket)).center.name,
        "name": ticket.person_name or plain("answering.no_name", lang),
        "by": actor.name,
        "area": plain(f"area.{ticket.area}", lang),
        "today": f"{today:%Y-%m-%d}",
    }
    return _HOLE.sub(lambda hole: values.get(hole[1], hole[0]), canned.text)


def _require_known(text: str) -> None:
    for hole in _HOLE.findall(text):
        if hole not in PLACEHOLDERS:
            known = " ".join(f"{{{name}}}" for name in PLACEHOLDERS)
            raise UnknownPlaceholder(given=f"{{{hole}}}", known=known)


async def _change(
    session: AsyncSession, actor: Actor, canned_id: int, seen: int, values: dict[str, Any]
) -> None:
    await access_canned(session, actor, canned_id, change=True)
    result = await session.execute(
        update(CannedReply)
        .where(CannedReply.id == canned_id, CannedReply.changes == seen)
        .values({**values, "changes": CannedReply.changes + 1})
        .execution_options(synchronize_session=False)
    )
    if not changed(result):
        raise CannedOvertaken
