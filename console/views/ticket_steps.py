"""The rarer steps of a ticket: each a small form under 更多操作."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.visit import Visit
from core.security import new_token
from directory.model import Center
from directory.queries import centers
from escalation.alerts import Warned, alerts_of
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import Party
from escalation.model import Ticket
from escalation.queries import ticket_by_number
from escalation.seats import opinions_of
from escalation.service.contact import note_contact
from escalation.service.extend import extend
from escalation.service.give_back import give_back
from escalation.service.merge import merge, unmerge
from escalation.service.open import TOPICS
from escalation.service.oppose import oppose
from escalation.service.panel import convene
from escalation.service.seal import open_sealed, seal
from escalation.service.split import split
from escalation.service.transfer import Office, move_center, transfer
from escalation.similar import same_matter

LONGEST = 1000
SHORT = 120


@dataclass(frozen=True)
class Offered:
    """What the forms offer. event: names the form of a split, which sent twice opens one."""

    centers: list[Center] = field(default_factory=list)
    similar: list[Ticket] = field(default_factory=list)
    alerts: list[Warned] = field(default_factory=list)
    opinions: list[tuple[Any, Any]] = field(default_factory=list)
    offices: tuple[str, ...] = tuple(Office)
    topics: tuple[str, ...] = TOPICS
    event: str = field(default_factory=new_token)


async def offered(session: AsyncSession, ticket: Ticket, party: Party | None) -> Offered:
    """For the page of a ticket; nothing for those who are not its staff."""
    if party is not Party.STAFF:
        return Offered()
    return Offered(
        centers=[c for c in await centers(session) if c.id != ticket.center_id],
        similar=list(await same_matter(session, ticket)),
        alerts=await alerts_of(session, ticket),
        opinions=list(await opinions_of(session, ticket)),
    )


def _levels(visit: Visit) -> ServiceLevels:
    return ServiceLevels(visit.desk.config.escalation, visit.desk.worktime)


async def _do(
    visit: Visit, service: Callable[..., Awaitable[Ticket]], said: str, **given: Any
) -> web.StreamResponse:
    """The step in its own transaction; then the ticket's page again."""
    visit.form.require_good()
    async with visit.writing() as session:
        ticket = await service(
            session, actor=visit.actor, ticket_id=visit.id_of(), now=visit.now, **given
        )
    return visit.go("ticket", said=said, id=ticket.id)


def _why(visit: Visit, name: str) -> str:
    return visit.form.text(name, most=LONGEST, missing="ticketlife.desk.why_missing")


async def return_it(visit: Visit) -> web.StreamResponse:
    """退回."""
    return await _do(visit, give_back, "ticketlife.desk.returned", why=_why(visit, "return_why"))


async def transfer_it(visit: Visit) -> web.StreamResponse:
    """转出."""
    office = visit.form.choice("office", list(Office), "ticketlife.desk.office_missing")
    why = _why(visit, "transfer_why")
    visit.form.require_good()
    said = "ticketlife.desk.transferred"
    return await _do(visit, transfer, said, office=Office(office), why=why)


async def move_it(visit: Visit) -> web.StreamResponse:
    """转其他分中心: it is no longer this center's to see, so the queue comes next."""
    to = visit.form.values.get("center", "")
    if not (to.isdecimal() and len(to) < 10):
        visit.form.wrong("center", "ticketlife.desk.center_missing")
    why = _why(visit, "move_why")
    visit.form.require_good()
    async with visit.writing() as session:
        await move_center(
            session,
            actor=visit.actor,
            ticket_id=visit.id_of(),
            center_id=int(to),
            why=why,
            levels=_levels(visit),
            now=visit.now,
        )
    return visit.go("queue", said="ticketlife.desk.moved")


async def merge_it(visit: Visit) -> web.StreamResponse:
    """合并: by the number of the ticket it goes on in."""
    number = visit.form.line("into", most=40, missing="ticketlife.desk.into_missing")
    visit.form.require_good()
    async with visit.writing() as session:
        lead = await ticket_by_number(session, visit.actor, number.upper())
        await merge(
            session, actor=visit.actor, ticket_id=visit.id_of(), into=lead.id, now=visit.now
        )
    return visit.go("ticket", said="ticketlife.desk.merged", id=lead.id)


async def unmerge_it(visit: Visit) -> web.StreamResponse:
    """取消合并."""
    why = visit.form.text("unmerge_why", most=LONGEST)
    said = "ticketlife.desk.unmerged"
    return await _do(visit, unmerge, said, why=why, levels=_levels(visit))


async def split_it(visit: Visit) -> web.StreamResponse:
    """拆分: the second ticket's page comes next."""
    form = visit.form
    question = form.text("part", most=2000, missing="ticketlife.desk.part_missing")
    area = form.choice("area", TOPICS, "desk.walk_in.area_missing")
    event = f"split:{visit.id_of()}:{form.line('event', most=60)}"
    given = {"question": question, "area": area, "event": event, "levels": _levels(visit)}
    return await _do(visit, split, "ticketlife.desk.split", **given)


async def extend_it(visit: Visit) -> web.StreamResponse:
    """延期."""
    why = _why(visit, "extend_why")
    return await _do(visit, extend, "ticketlife.desk.extended", why=why, levels=_levels(visit))


async def note_it(visit: Visit) -> web.StreamResponse:
    """电话联系, 低分回访, 低分办结: what was said, for staff."""
    kind = visit.form.choice("verb", ("call", "contact", "settle"), "ticketlife.desk.verb_missing")
    text = _why(visit, "contact_note")
    return await _do(visit, note_contact, "ticketlife.desk.noted", kind=kind, text=text)


async def oppose_it(visit: Visit) -> web.StreamResponse:
    """登记对方."""
    name = visit.form.line("opponent", most=SHORT, missing="ticketlife.no_such_opponent")
    return await _do(visit, oppose, "ticketlife.desk.opposed", name=name)


async def convene_it(visit: Visit) -> web.StreamResponse:
    """会诊: the reporter and the others by their row numbers."""
    chosen = [int(v) for k, v in visit.form.values.items() if k.startswith("member") and _row(v)]
    reporter = visit.form.values.get("reporter", "")
    if not _row(reporter):
        visit.form.wrong("reporter", "ticketlife.panel_too_small")
    note = visit.form.text("panel_note", most=500)
    visit.form.require_good()
    given = {"reporter": int(reporter), "members": chosen, "note": note, "levels": _levels(visit)}
    return await _do(visit, convene, "ticketlife.desk.convened", **given)


def _row(value: str) -> bool:
    return value.isdecimal() and len(value) < 10


async def seal_it(visit: Visit) -> web.StreamResponse:
    """转为保密."""
    return await _do(visit, seal, "ticketlife.desk.sealed")


async def open_it(visit: Visit) -> web.StreamResponse:
    """查看保密内容: written down, shown once, kept by no cache."""
    async with visit.writing() as session:
        opened = await open_sealed(
            session, actor=visit.actor, ticket_id=visit.id_of(), now=visit.now
        )
    page = visit.render("ticket_opened.html", opened=opened, ticket_id=visit.id_of())
    page.headers["Cache-Control"] = "no-store"
    return page
