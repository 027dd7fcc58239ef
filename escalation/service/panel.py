"""会诊: several experts give an opinion each; one of them, the reporter, answers the asker."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.database import changed
from core.errors import Refusal
from core.masking import masked
from core.messages import Button, Message, column
from core.texts import plain
from directory.actor import Actor
from escalation.deadlines import ServiceLevels
from escalation.lifecycle import Party, move, target_of, write_event
from escalation.model import Opinion, Ticket
from escalation.promises import due_after
from escalation.queries import access_ticket, identity_of
from escalation.routing import suitable_experts
from escalation.sealing import readable
from escalation.seats import opinions_of, seat_of
from escalation.service.answer import words
from escalation.telling import expert_buttons, expert_card, tell_asker, tell_expert, when


class PanelTooSmall(Refusal):
    """Fewer than two experts, or one who is away or in conflict."""

    key = "ticketlife.panel_too_small"


class NoSeat(Refusal):
    key = "ticketlife.no_seat"


class Stance(StrEnum):
    """An opinion in a word, so that a difference is seen."""

    YES = "yes"
    NO = "no"
    DEPENDS = "depends"


async def convene(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    reporter: int,
    members: Collection[int],
    levels: ServiceLevels,
    now: datetime,
    note: str = "",
) -> Ticket:
    """Ask the reporter and the members; everybody hears, nobody hears who asks.

    Raises UnknownTicket, PanelTooSmall, NotYours, NotPossible, Overtaken.
    """
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    target_of(actor, ticket, "panel")
    others = sorted(set(members) - {reporter})
    fitting = {e.id for e in await suitable_experts(session, ticket, local_day(now))}
    if not others or not {reporter, *others} <= fitting:
        raise PanelTooSmall
    changes = {"expert_id": reporter, **await _promised(session, ticket, levels, now)}
    await move(
        session,
        ticket,
        "panel",
        actor=actor,
        now=now,
        note=note.strip(),
        expert_id=reporter,
        changes=changes,
    )
    session.add_all(Opinion(ticket_id=ticket.id, expert_id=e, since=now) for e in others)
    await session.flush()
    await _invite(session, ticket, reporter, others, now=now)
    await tell_asker(session, ticket, "ticketlife.panel_called", now=now)
    return ticket


async def _promised(
    session: AsyncSession, ticket: Ticket, levels: ServiceLevels, now: datetime
) -> dict[str, Any]:
    days = levels.promise.panel_days
    return {
        "expert_accepted_at": None,
        "expert_accept_due_at": levels.expert_accept_due(now),
        "expert_due_at": levels.worktime.due_in_days(now, days),
        **await due_after(session, ticket, levels, ["expert", now.isoformat(), days]),
    }


async def _invite(
    session: AsyncSession, ticket: Ticket, reporter: int, others: list[int], *, now: datetime
) -> None:
    await tell_expert(session, reporter, await expert_card(session, ticket), now=now)
    told = Message("ticketlife.panel_reporter", {"number": ticket.number})
    await tell_expert(session, reporter, told, now=now)
    hide = await identity_of(session, ticket)
    params = {
        "number": ticket.number,
        "due": when(ticket.expert_due_at),
        "question": masked(ticket.question, hide),
    }
    buttons = column(Button("ticketlife.button_opine", f"expert.opine:{ticket.id}"))
    for expert_id in others:
        message = Message("ticketlife.panel_card", params, buttons)
        await tell_expert(session, expert_id, message, now=now)


async def access_seat(
    session: AsyncSession, actor: Actor, ticket_id: int
) -> tuple[Ticket, Opinion]:
    """The ticket and the actor's seat that waits for an opinion. Raises NoSeat."""
    seat = None
    if actor.expert_id is not None:
        seat = await seat_of(session, ticket_id, actor.expert_id)
    if seat is None:
        raise NoSeat
    ticket = await session.get_one(Ticket, ticket_id, populate_existing=True, with_for_update=True)
    return ticket, seat


async def give_opinion(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    stance: Stance,
    text: str,
    now: datetime,
) -> Ticket:
    """Give one's opinion, once; with the last one the reporter hears them all.

    Raises NoSeat, NoWords.
    """
    said = words(text)
    ticket, seat = await access_seat(session, actor, ticket_id)
    result = await session.execute(
        update(Opinion)
        .where(Opinion.id == seat.id, Opinion.given_at.is_(None))
        .values(stance=stance, text=readable(ticket, said), given_at=now)
    )
    if not changed(result):
        raise NoSeat
    write_event(
        session,
        ticket,
        "opinion",
        actor=actor,
        party=Party.EXPERT,
        now=now,
        note=f"{plain(f'ticketlife.stance.{stance}')} {said}",
        expert_id=seat.expert_id,
        shown=False,
    )
    await session.flush()
    thanks = Message("ticketlife.panel_thanks", {"number": ticket.number})
    await tell_expert(session, seat.expert_id, thanks, now=now)
    await _report(session, ticket, now=now)
    return ticket


async def _report(session: AsyncSession, ticket: Ticket, *, now: datetime) -> None:
    """All opinions to the reporter, once the last one is there; a difference is said."""
    found = [(o, e.name) for o, e in await opinions_of(session, ticket)]
    if ticket.expert_id is None or any(o.given_at is None for o, _ in found):
        return
    lines = [
        plain(
            "ticketlife.opinion_line",
            name=name,
            stance=plain(f"ticketlife.stance.{o.stance}"),
            text=o.text,
        )
        for o, name in found
        if o.stance is not None
    ]
    differ = len({o.stance for o, _ in found}) > 1
    key = "ticketlife.panel_differ" if differ else "ticketlife.panel_complete"
    params = {"number": ticket.number, "opinions": "\n\n".join(lines)}
    message = Message(key, params, expert_buttons(ticket))
    await tell_expert(session, ticket.expert_id, message, now=now)
