"""What staff write down by hand: services that leave no trace in the product itself."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.clock import local_day
from core.errors import Refusal
from directory.actor import Actor
from ledger.model import ServiceCount
from ledger.service import record

CHANNEL = "desk"
LEAST_MINUTES = 45  # of a training, by the catalogue
_NUMBER = 48  # characters of a number that fit into a source as they are


class CountedAlready(Refusal):
    """The same number, or the same enterprise on the same day, stands in the ledger."""

    key = "deskwork.record.already"


class NotYourCenter(Refusal):
    key = "deskwork.record.no_center"


@dataclass(frozen=True)
class Kind:
    """How one code is recorded.

    enterprise: "required", "optional" or "none". once: what makes a service the same again, its
    "number" (the evidence) or its "day"; empty where nothing does. amount: the code of the
    quantity that goes with it, itself where that is what it counts. minutes: how long it took.
    """

    code: str
    enterprise: str = "optional"
    once: str = ""
    amount: str = ""
    minutes: bool = False


KINDS: Mapping[str, Kind] = {
    kind.code: kind
    for kind in (
        Kind("V01", "required", once="day"),
        Kind("D01", once="number"),
        Kind("D02", once="number"),
        Kind("X01"),
        Kind("X02"),
        Kind("W01"),
        Kind("W02"),
        Kind("P01", "none", amount="P02", minutes=True),
        Kind("Y01", "required", once="number", amount="Y02"),
        Kind("Y03", "required", once="number"),
        Kind("T01", "none", amount="T01"),
    )
}


@dataclass(frozen=True)
class Done:
    """A service as written down. ``form`` names the form that was filled in."""

    kind: Kind
    at: datetime
    evidence: str
    form: str
    enterprise_id: int | None = None
    amount: int = 1


async def record_by_hand(session: AsyncSession, *, actor: Actor, done: Done, now: datetime) -> None:
    """Count it for the actor's own sub-center, with what goes with it.

    Raises NotYourCenter, CountedAlready, MonthClosed.
    """
    if actor.center_id is None:
        raise NotYourCenter
    kind = done.kind
    amounts = {kind.code: done.amount if kind.amount == kind.code else 1}
    if kind.amount:
        amounts[kind.amount] = done.amount
    for code, quantity in amounts.items():
        source = await _source(session, code, done)
        counted = await record(
            session,
            code=code,
            center_id=actor.center_id,
            source=source,
            handler=actor.name,
            channel=CHANNEL,
            now=now,
            enterprise_id=done.enterprise_id,
            evidence=done.evidence[:200],
            at=done.at,
            quantity=quantity,
        )
        if not counted and kind.once:
            raise CountedAlready


async def _source(session: AsyncSession, code: str, done: Done) -> str:
    """The name of the service; one that was reversed may be recorded anew."""
    if not done.kind.once:
        return f"desk:{done.form}"
    day = local_day(done.at)
    base = _of_day(done, day) if done.kind.once == "day" else f"number:{_number(done.evidence)}"
    reversal = aliased(ServiceCount)
    rows = await session.execute(
        select(ServiceCount.id, reversal.id)
        .outerjoin(reversal, reversal.reverses_id == ServiceCount.id)
        .where(
            ServiceCount.code == code,
            or_(
                ServiceCount.source == base,
                ServiceCount.source.startswith(f"{base}#", autoescape=True),
            ),
        )
    )
    found = rows.all()
    if any(reversed_by is None for _, reversed_by in found):
        raise CountedAlready
    return f"{base}#{len(found) + 1}" if found else base


def _of_day(done: Done, day: date) -> str:
    return f"visit:{done.enterprise_id}:{day.isoformat()}"


def _number(evidence: str) -> str:
    """The number without what people write differently."""
    plain = "".join(evidence.split()).upper()
    if len(plain) <= _NUMBER:
        return plain
    return hashlib.sha256(plain.encode()).hexdigest()[:_NUMBER]
