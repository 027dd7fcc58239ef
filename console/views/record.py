"""登记: a service that staff write down by hand, any kind in one form."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.views.walk_in import ONCE, moment_of, named_enterprise
from console.visit import Visit
from core.clock import local_day
from core.security import new_token
from core.texts import plain
from ledger.by_hand import KINDS, LEAST_MINUTES, Done, Kind, record_by_hand
from ledger.catalogue import services

MOST = 1_000_000
LONGEST = 2000  # minutes


async def show(visit: Visit) -> web.StreamResponse:
    """The form of one code."""
    kind = _kind(visit)
    once = visit.form.values.get("once", "")
    code, amount = kind.code.lower(), kind.amount.lower()
    return visit.render(
        "record.html",
        kind=kind,
        kinds=KINDS,
        service=services()[kind.code],
        services=services(),
        evidence=plain(f"deskwork.evidence.{code}"),
        amount=plain(f"deskwork.amount.{amount}") if amount else "",
        today=local_day(visit.now),
        once=once if ONCE.fullmatch(once) else new_token(12),
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Count it on its day."""
    kind = _kind(visit)
    async with visit.writing() as session:
        done = await _done(session, visit, kind)
        await record_by_hand(session, actor=visit.actor, done=done, now=visit.now)
    again = visit.url("record", code=kind.code)
    return visit.go_to(again, said="deskwork.record.kept", name=services()[kind.code].name)


def _kind(visit: Visit) -> Kind:
    kind = KINDS.get(visit.request.match_info["code"])
    if kind is None:
        raise web.HTTPNotFound
    return kind


async def _done(session: AsyncSession, visit: Visit, kind: Kind) -> Done:
    form = visit.form
    enterprise = None
    if kind.enterprise != "none":
        enterprise = await named_enterprise(session, visit)
        if kind.enterprise == "required" and enterprise is None:
            form.wrong("enterprise", "deskwork.record.enterprise_missing")
    evidence = form.line("evidence", most=150, missing="deskwork.record.evidence_missing")
    amount = _number(visit, "amount", MOST) if kind.amount else 1
    if kind.minutes:
        minutes = _number(visit, "minutes", LONGEST)
        if 0 < minutes < LEAST_MINUTES:
            form.wrong("minutes", "deskwork.record.too_short", least=LEAST_MINUTES)
        evidence = plain("deskwork.record.with_minutes", evidence=evidence, minutes=minutes)
    at = moment_of(visit)
    once = form.values.get("once", "")
    if not ONCE.fullmatch(once):
        form.wrong("evidence", "desk.walk_in.stale")
    form.require_good()
    assert at is not None
    return Done(kind, at, evidence, once[:40], enterprise, amount)


def _number(visit: Visit, name: str, most: int) -> int:
    """A whole number from 1; 0 (and a complaint) when it is not one."""
    given = visit.form.values.get(name, "")
    if given.isascii() and given.isdecimal() and len(given) < 9 and 1 <= int(given) <= most:
        return int(given)
    visit.form.wrong(name, "deskwork.record.number", most=most)
    return 0
