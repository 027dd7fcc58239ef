"""来访登记: a question answered at the window or on the phone, written down in seconds."""

import re
from datetime import date, datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from console.visit import Visit
from core.clock import at_local, local_day
from core.errors import Refusal
from core.security import new_token
from directory.queries import enterprise_by_name, enterprises_like
from directory.service import clean_phone
from escalation.deadlines import ServiceLevels
from escalation.model import Source
from escalation.service.open import SHORTEST, TOPICS, Matter
from escalation.service.walk_in import record_walk_in
from ledger.by_hand import KINDS
from ledger.catalogue import services

NOON = 12  # an earlier day's visit is dated to its noon: the form asks for no time
ONCE = re.compile(r"[\w-]{8,40}")


async def show(visit: Visit) -> web.StreamResponse:
    """The form; ``once`` makes a form sent twice count once."""
    once = visit.form.values.get("once", "")
    return visit.render(
        "walk_in.html",
        how=_how(visit),
        kinds=KINDS,
        services=services(),
        topics=TOPICS,
        today=local_day(visit.now),
        once=once if ONCE.fullmatch(once) else new_token(12),
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Keep it as a closed ticket; it counts as Z01 on the day of the visit."""
    async with visit.writing() as session:
        matter, answer = await _matter(session, visit), _answer(visit)
        at = moment_of(visit)
        visit.form.require_good()
        assert at is not None
        ticket = await record_walk_in(
            session,
            actor=visit.actor,
            matter=matter,
            answer=answer,
            at=at,
            event=f"desk:{visit.form.values.get('once', '')[:40]}",
            levels=ServiceLevels(visit.desk.config.escalation, visit.desk.worktime),
            now=visit.now,
            source=Source.PHONE if _how(visit) == "phone" else Source.WALK_IN,
        )
    if visit.form.values.get("then") == "show":
        return visit.go("ticket", said="desk.walk_in.kept", id=ticket.id)
    again = visit.url("walk_in") + ("?how=phone" if _how(visit) == "phone" else "")
    return visit.go_to(again, said="desk.walk_in.kept")


def _how(visit: Visit) -> str:
    """Whether the person stood at the window or called."""
    return "phone" if visit.query("how") == "phone" else "window"


async def _matter(session: AsyncSession, visit: Visit) -> Matter:
    form = visit.form
    question = form.text("question", most=2000, missing="desk.walk_in.question_missing")
    if question and len(question) < SHORTEST:
        form.wrong("question", "desk.walk_in.question_short", least=SHORTEST)
    if not ONCE.fullmatch(form.values.get("once", "")):
        form.wrong("question", "desk.walk_in.stale")
    return Matter(
        question=question,
        area=form.choice("area", TOPICS, "desk.walk_in.area_missing"),
        center_id=visit.actor.center_id or 0,
        enterprise_id=await named_enterprise(session, visit),
        person_name=form.line("person", most=40) or None,
        phone=_phone(visit),
    )


async def named_enterprise(session: AsyncSession, visit: Visit) -> int | None:
    """The enterprise by name or credit code; none is fine, an unknown one is not."""
    name = visit.form.line("enterprise", most=120)
    if not name:
        return None
    found = await enterprise_by_name(session, name)
    if found is not None:
        return found.id
    near = await enterprises_like(session, name, visit.actor.center_id)
    if near:
        names = "、".join(one.name for one in near)
        visit.form.wrong("enterprise", "desk.walk_in.enterprise_which", near=names)
    visit.form.wrong("enterprise", "desk.walk_in.enterprise_unknown", given=name)
    return None


def _phone(visit: Visit) -> str | None:
    given = visit.form.line("phone", most=30)
    try:
        return clean_phone(given) if given else None
    except Refusal as refusal:
        visit.form.wrong("phone", refusal.key, **refusal.params)
        return None


def _answer(visit: Visit) -> str:
    return visit.form.text("answer", most=4000, missing="desk.walk_in.answer_missing")


def moment_of(visit: Visit) -> datetime | None:
    """Today means now; an earlier day its noon. A day to come is refused."""
    day: date | None = visit.form.day("day")
    today = local_day(visit.now)
    if day is None or day == today:
        return visit.now
    if day > today:
        visit.form.wrong("day", "desk.walk_in.day_to_come")
    return at_local(day, NOON)
