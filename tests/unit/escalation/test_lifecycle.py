"""The transition table, state by state and party by party, and the race for one ticket."""

import asyncio

import pytest
from sqlalchemy import select

from core.errors import Refusal
from core.texts import catalogue
from directory.actor import SYSTEM, Actor
from escalation.lifecycle import TRANSITIONS, NotPossible, NotYours, Overtaken, Party, move
from escalation.model import Source, Status, Ticket, TicketEvent
from escalation.service.take import AlreadyTaken, take
from tests.unit.escalation.conftest import Room

# verb: who may, then where from → where to. Written by hand from the rules, not from the code.
RULES = {
    "take": ("staff", {"new": "accepted"}),
    "answer": ("staff", {"accepted": "answered", "in_progress": "answered"}),
    "ask_back": ("staff", {"accepted": "waiting_asker", "in_progress": "waiting_asker"}),
    "supplement": (
        "asker",
        {
            "new": "new",
            "accepted": "accepted",
            "in_progress": "in_progress",
            "waiting_asker": "in_progress",
            "with_expert": "with_expert",
        },
    ),
    "reassign": (
        "staff system",
        {s: s for s in ("new", "accepted", "in_progress", "waiting_asker", "with_expert")},
    ),
    "pass_on": ("staff system", {"accepted": "with_expert", "in_progress": "with_expert"}),
    "expert_accept": ("expert", {"with_expert": "with_expert"}),
    "expert_decline": ("expert", {"with_expert": "in_progress"}),
    "expert_answer": ("expert", {"with_expert": "answered"}),
    "recall": ("staff system", {"with_expert": "in_progress"}),
    "rate": ("asker", {"answered": "rated", "closed": "closed"}),
    "close": ("staff", {"answered": "closed", "rated": "closed"}),
    "reopen": (
        "asker staff",
        {"answered": "in_progress", "rated": "in_progress", "closed": "in_progress"},
    ),
    "withdraw": (
        "asker",
        dict.fromkeys(
            ("new", "accepted", "in_progress", "waiting_asker", "with_expert"), "withdrawn"
        ),
    ),
}


def test_every_verb_has_a_rule_here() -> None:
    assert set(RULES) == set(TRANSITIONS)


@pytest.mark.parametrize("status", Status)
async def test_every_step_from_every_state_by_every_party(room: Room, status: Status) -> None:
    asker = await room.contact("asker")
    actors = {
        Party.ASKER: asker,
        Party.STAFF: await room.desk("staff"),
        Party.EXPERT: await room.contact("doctor", "expert_filing"),
        Party.SYSTEM: SYSTEM,
        None: await room.desk("staff_south"),
    }
    async with room.session() as session:
        for verb, (who, leads) in RULES.items():
            for party, actor in actors.items():
                ticket = await _ticket_in(session, room, status, asker)
                allowed = party is not None and party in who.split()
                if not allowed:
                    with pytest.raises(NotYours):
                        await move(session, ticket, verb, actor=actor, now=room.clock())
                elif status not in leads:
                    with pytest.raises(NotPossible):
                        await move(session, ticket, verb, actor=actor, now=room.clock())
                else:
                    await move(session, ticket, verb, actor=actor, now=room.clock(), text="话")
                moved = allowed and status in leads
                assert ticket.status == (leads[status] if moved else status), (verb, party)
                written = await session.scalars(
                    select(TicketEvent).where(TicketEvent.ticket_id == ticket.id)
                )
                lines = [(e.kind, e.actor_kind, e.text, e.at) for e in written]
                assert lines == ([(verb, party, "话", room.clock())] if moved else [])


_made = iter(range(1, 10_000))


async def _ticket_in(session, room: Room, status: Status, asker: Actor) -> Ticket:  # type: ignore[no-untyped-def]
    number = next(_made)
    ticket = Ticket(
        number=f"T-{number}",
        center_id=room.ids["north"],
        contact_id=asker.id,
        area="filing",
        question="问题",
        source=Source.REQUEST,
        status=status,
        expert_id=room.ids["expert_filing"],
        due_at=room.clock(),
        created_at=room.clock(),
        opened_by=f"made{number}",
    )
    session.add(ticket)
    await session.flush()
    return ticket


def test_every_state_and_line_has_words() -> None:
    texts = catalogue("zh")
    for status in Status:
        assert f"escalation.status.{status}" in texts
        assert f"escalation.not_possible.{status}" in texts
    for kind in (*TRANSITIONS, "opened", "overdue", "merged", "rating_reason"):
        assert f"escalation.event.{kind}" in texts


async def test_of_two_who_read_before_either_wrote_one_wins(both_rooms: Room) -> None:
    room, opened = both_rooms, await both_rooms.open()
    staff, other = await room.desk("staff"), await room.desk("province")
    async with room.session() as session:
        first = await session.get_one(Ticket, opened.id)
        await move(session, first, "take", actor=staff, now=room.clock())
        with pytest.raises(Overtaken):  # ``opened`` still stands as it was read before
            await move(session, opened, "take", actor=other, now=room.clock())


async def test_of_two_takers_at_once_exactly_one_takes(both_rooms: Room) -> None:
    room = both_rooms
    ticket = await room.open()
    takers = [await room.desk("staff"), await room.desk("province")] * 5

    async def attempt(actor: Actor) -> Actor | Refusal:
        try:
            async with room.session() as session:
                await take(
                    session,
                    actor=actor,
                    ticket_id=ticket.id,
                    levels=room.levels,
                    now=room.clock(),
                )
        except Refusal as refusal:
            return refusal
        return actor

    results = await asyncio.gather(*map(attempt, takers))
    winners = [r for r in results if isinstance(r, Actor)]
    assert len(winners) == 1
    assert all(isinstance(r, Overtaken | AlreadyTaken) for r in results if r not in winners)
    assert (await room.fresh(ticket)).assignee_id == winners[0].id
    assert len(await room.told("asker")) == 2  # submitted, taken: once each
