"""Experts by field, load and conflict of interest."""

import pytest
from sqlalchemy import update

from core.clock import local_day
from directory.model import Conflict, Expert
from escalation.routing import ExpertUnsuitable, NoExpert, choose_expert
from escalation.service.expert import Reason, decline
from escalation.service.pass_on import pass_on
from tests.unit.escalation.conftest import Room


async def chosen(room: Room, **matter: object) -> str:
    """The name in ``room.ids`` of the expert that a new ticket would go to."""
    ticket = await room.open(**matter)
    async with room.session() as session:
        expert = await choose_expert(session, ticket, local_day(room.clock()))
    return next(name for name, i in room.ids.items() if name[:6] == "expert" and i == expert.id)


async def test_by_field_then_by_order_of_enrolment(room: Room) -> None:
    assert await chosen(room, area="enforcement") == "expert_enforcement"
    assert await chosen(room, area="filing") == "expert_filing"
    with pytest.raises(NoExpert):
        await chosen(room, area="copyright")


async def test_the_less_loaded_is_asked_until_both_have_the_same(room: Room) -> None:
    await room.with_expert()
    assert await chosen(room, area="filing") == "expert_filing_2"
    ticket, staff = await room.taken()
    await room.do(pass_on, staff, ticket, levels=room.levels)
    assert await chosen(room, area="filing") == "expert_filing"


async def test_conflict_of_interest_and_leave_rule_an_expert_out(room: Room) -> None:
    ids = room.ids
    async with room.session() as session:
        session.add(
            Conflict(enterprise_id=ids["factory"], expert_id=ids["expert_filing"], reason="x")
        )
    assert await chosen(room, enterprise_id=ids["factory"]) == "expert_filing_2"
    assert await chosen(room, enterprise_id=ids["southern"]) == "expert_filing"
    ticket, staff = await room.taken(enterprise_id=ids["factory"])
    with pytest.raises(ExpertUnsuitable):
        await room.do(pass_on, staff, ticket, levels=room.levels, expert_id=ids["expert_filing"])
    async with room.session() as session:
        await session.execute(
            update(Expert).where(Expert.id == ids["expert_filing_2"]).values(active=False)
        )
    with pytest.raises(NoExpert):
        await chosen(room, enterprise_id=ids["factory"])


async def test_nobody_answers_their_own_question(room: Room) -> None:
    await room.contact("doctor", "expert_filing")
    asked_by_expert = await room.open("asker")
    async with room.session() as session:
        await session.execute(
            update(Expert).where(Expert.id == room.ids["expert_filing_2"]).values(active=False)
        )
    await room.contact("asker", "expert_filing")
    async with room.session() as session:
        with pytest.raises(NoExpert):
            await choose_expert(session, asked_by_expert, local_day(room.clock()))


async def test_who_declined_is_not_asked_again(room: Room) -> None:
    ticket, doctor = await room.with_expert()
    await room.do(decline, doctor, ticket, reason=Reason.BUSY, levels=room.levels)
    assert (await room.fresh(ticket)).expert_id == room.ids["expert_filing_2"]
    second = await room.contact("doctor2", "expert_filing_2")
    await room.do(decline, second, ticket, reason=Reason.FIELD, levels=room.levels)
    now = await room.fresh(ticket)
    assert (now.status, now.expert_id) == ("in_progress", None)
    assert "由工作人员继续处理" in (await room.told("asker"))[-1]
