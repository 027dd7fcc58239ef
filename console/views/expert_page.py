"""The expert's page of one ticket, by a link, without sign-in; for a telephone."""

from collections.abc import Awaitable, Callable

from aiohttp import web
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from console.answering import Tools, preview_of
from console.doorless import knock, shut
from console.views.file_link import hand_out
from console.visit import Visit
from core.clock import local_day
from core.errors import Refusal
from directory.actor import Actor
from directory.model import Expert
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import NotPossible, NotYours
from escalation.model import Status
from escalation.model_reply import Attachment, Purpose, TicketLink
from escalation.queries import UnknownTicket, access_ticket, timeline
from escalation.routing import suitable_experts
from escalation.service.expert import Reason, accept, answer, ask, decline
from escalation.service.link import Opening
from escalation.telling import expert_card

NO_TOOLS = Tools()
Do = Callable[[AsyncSession, Visit, Actor, int], Awaitable[str | None]]


async def show(visit: Visit, tools: Tools = NO_TOOLS) -> web.StreamResponse:
    """The matter without the asker, and what can be done; or why the link opens nothing."""
    link, outcome = await knock(visit, Purpose.EXPERT)
    if link is None or outcome is not Opening.OPENED:
        return shut(visit, Purpose.EXPERT, outcome)
    async with visit.reading() as session:
        actor = await _expert(session, link)
        try:
            ticket = await access_ticket(session, actor, link.ticket_id)
        except UnknownTicket:
            return _gone(visit)
        card = (await expert_card(session, ticket)).params
        lines = await timeline(session, actor, ticket)
        files = await _files(session, link)
        mine = ticket.status == Status.WITH_EXPERT
        others = await suitable_experts(session, ticket, local_day(visit.now)) if mine else []
    return visit.render(
        "expert_page.html",
        t=ticket,
        card=card,
        lines=lines,
        files=files,
        tools=tools,
        mine=mine,
        others=[one for one in others if one.id != link.expert_id],
        until=link.expires_at,
        token=visit.request.match_info["token"],
    )


async def open_it(visit: Visit) -> web.StreamResponse:
    """The first browser that opens the link is the one it works in."""
    link, outcome = await knock(visit, Purpose.EXPERT, bind=True)
    if link is None or outcome is not Opening.OPENED:
        return shut(visit, Purpose.EXPERT, outcome)
    return _back(visit, None)


async def act(visit: Visit) -> web.StreamResponse:
    """Accept, answer, ask for facts, decline, propose another."""
    link, outcome = await knock(visit, Purpose.EXPERT)
    if link is None or outcome is not Opening.OPENED:
        return shut(visit, Purpose.EXPERT, outcome)
    verb = visit.request.match_info["verb"]
    if verb == "preview":
        return await _preview(visit, link)
    try:
        async with visit.writing() as session:
            actor = await _expert(session, link)
            said = await VERBS[verb](session, visit, actor, link.ticket_id)
    except (UnknownTicket, NotYours, NotPossible) as gone:
        return _gone(visit, gone)
    return _back(visit, said)


async def download(visit: Visit) -> web.StreamResponse:
    """A file that staff meant for this expert, once."""
    link, outcome = await knock(visit, Purpose.EXPERT)
    if link is None or outcome is not Opening.OPENED:
        return shut(visit, Purpose.EXPERT, outcome)
    async with visit.reading() as session:
        found = {one.id: one for one, _ in await _files(session, link)}
    wanted = found.get(visit.id_of("file"))
    if wanted is None:
        raise web.HTTPNotFound
    if wanted.used_at is not None or wanted.expires_at <= visit.now:
        ended = Opening.USED if wanted.used_at else Opening.EXPIRED
        return shut(visit, Purpose.FILE, ended)
    return await hand_out(visit, wanted)


async def _accept(session: AsyncSession, visit: Visit, actor: Actor, ticket_id: int) -> str:
    await accept(session, actor=actor, ticket_id=ticket_id, now=visit.now)
    return "desk.ticket.expert_accepted"


async def _answer(session: AsyncSession, visit: Visit, actor: Actor, ticket_id: int) -> str:
    text = visit.form.text("answer", most=4000, missing="desk.ticket.answer_missing")
    visit.form.require_good()
    await answer(session, actor=actor, ticket_id=ticket_id, text=text, now=visit.now)
    return "desk.ticket.answered"


async def _ask(session: AsyncSession, visit: Visit, actor: Actor, ticket_id: int) -> str:
    text = visit.form.text("facts", most=1000, missing="desk.ticket.facts_missing")
    visit.form.require_good()
    await ask(session, actor=actor, ticket_id=ticket_id, text=text, now=visit.now)
    return "files.asked"


async def _decline(session: AsyncSession, visit: Visit, actor: Actor, ticket_id: int) -> str:
    reason = visit.form.choice("reason", list(Reason), "desk.ticket.reason_missing")
    text = visit.form.text("why", most=500)
    visit.form.require_good()
    await decline(
        session,
        actor=actor,
        ticket_id=ticket_id,
        reason=Reason(reason),
        text=text,
        levels=_levels(visit),
        now=visit.now,
    )
    return "files.declined"


async def _propose(session: AsyncSession, visit: Visit, actor: Actor, ticket_id: int) -> str:
    given = visit.form.values.get("other", "")
    if not given.isdecimal() or len(given) > 9:
        visit.form.wrong("other", "files.other_missing")
    text = visit.form.text("because", most=500, missing="files.why_missing")
    visit.form.require_good()
    await decline(
        session,
        actor=actor,
        ticket_id=ticket_id,
        reason=Reason.FIELD,
        text=text,
        proposed=int(given),
        levels=_levels(visit),
        now=visit.now,
    )
    return "files.proposed"


VERBS: dict[str, Do] = {
    "accept": _accept,
    "answer": _answer,
    "ask": _ask,
    "decline": _decline,
    "propose": _propose,
}


async def _preview(visit: Visit, link: TicketLink) -> web.StreamResponse:
    text = visit.form.text("answer", most=4000, missing="answering.preview_missing")
    visit.form.require_good()
    async with visit.reading() as session:
        actor = await _expert(session, link)
        try:
            ticket = await access_ticket(session, actor, link.ticket_id)
        except UnknownTicket as gone:
            return _gone(visit, gone)
    html = preview_of(actor, ticket, "answer", text)
    return await show(visit, Tools(box="answer", preview=html))


def _back(visit: Visit, said: str | None) -> web.StreamResponse:
    return visit.go("expert_page", said=said, token=visit.request.match_info["token"])


def _gone(visit: Visit, why: Refusal | None = None) -> web.Response:
    """The ticket is no longer this expert's; what was typed is shown so that it can be copied."""
    if why is not None:
        visit.status = 409
    return visit.render("expert_gone.html")


def _levels(visit: Visit) -> ServiceLevels:
    return ServiceLevels(visit.desk.config.escalation, visit.desk.worktime)


async def _expert(session: AsyncSession, link: TicketLink) -> Actor:
    expert = await session.get_one(Expert, link.expert_id)
    return Actor(kind="expert", name=expert.name, expert_id=expert.id)


async def _files(session: AsyncSession, link: TicketLink) -> list[tuple[TicketLink, Attachment]]:
    """The one-time files that staff meant for the link's expert."""
    found = await session.execute(
        select(TicketLink, Attachment)
        .join(Attachment, Attachment.id == TicketLink.attachment_id)
        .where(
            TicketLink.ticket_id == link.ticket_id,
            TicketLink.purpose == Purpose.FILE,
            TicketLink.expert_id == link.expert_id,
        )
        .order_by(TicketLink.id)
    )
    return [(one, row) for one, row in found]
