"""Rules changed at the desk: nothing breaks, and what no longer fits is settled by a person."""

from collections.abc import AsyncIterator
from datetime import date

import pytest
from sqlalchemy import func, select

from booking.model import AdvisorLimits, Appointment, Availability, Cell, Leave, Room, Status
from booking.service.guard import take
from core.clock import at_local
from core.config import Booking
from directory.model import Advisor
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld, Seat, desk_of
from tests.flow.booking_world import open_doors
from tests.world import World

TUESDAY = date(2026, 11, 24)
WEEK = {"day0": "09:00-12:00 13:30-17:30", "day2": "9:00～11:00，14:00—24:00"}


@pytest.fixture
async def desk(world: World) -> AsyncIterator[DeskWorld]:
    await open_doors(world)
    async with desk_of(world) as served:
        yield served


async def booked(desk: DeskWorld, hour: int = 10, **more: object) -> Appointment:
    row = await desk.appointment(at_local(TUESDAY, hour), **more)  # type: ignore[arg-type]
    async with desk.world.session() as session:
        row = await session.get_one(Appointment, row.id)
        await take(session, row, settings=Booking(), now=MONDAY)
        return row


async def reread(desk: DeskWorld, row: Appointment) -> Appointment:
    async with desk.world.session() as session:
        return await session.get_one(Appointment, row.id)


async def at_hours(desk: DeskWorld, who: str = "staff", advisor: str = "advisor_a") -> Seat:
    seat = await desk.signed_in(who)
    await seat.open(f"/hours/{desk.world.ids[advisor]}")
    return seat


async def test_a_week_with_several_spans_leaves_appointments_alone(desk: DeskWorld) -> None:
    row, advisor = await booked(desk), desk.world.ids["advisor_a"]
    seat = await at_hours(desk)
    said = await seat.send(f"/hours/{advisor}/week", **WEEK)
    assert "其中 1 个不再符合安排" in said and "李四" in said and "不在接待时间内" in said
    assert (await reread(desk, row)).status == Status.BOOKED
    assert 'value="09:00-11:00 14:00-24:00"' in seat.page
    async with desk.world.session() as session:
        spans = await session.scalar(select(func.count()).where(Availability.advisor_id == advisor))
    assert spans == 4
    assert "有 1 个预约不再符合接待安排" in await seat.open("/")
    assert "不在接待时间内" in await seat.open("/conflicts")
    south = await desk.signed_in("staff_south")
    assert "不再符合" not in await south.open("/")


@pytest.mark.parametrize("wrong", ["9点到12点", "12:00-09:00", "09:00-25:00", "09:00-12:00 x", "x"])
async def test_spans_nobody_understands_change_nothing(desk: DeskWorld, wrong: str) -> None:
    seat = await at_hours(desk)
    said = await seat.send(f"/hours/{desk.world.ids['advisor_a']}/week", day0=wrong)
    assert "时段没看懂" in said and seat.status == 422
    assert f'value="{wrong}"' in seat.page
    said = await seat.send(
        f"/hours/{desk.world.ids['advisor_a']}/week", day0="09:00-12:00 11:00-13:00"
    )
    assert "同一天的时段不能重叠" in said
    async with desk.world.session() as session:
        assert await session.scalar(select(func.count()).select_from(Availability)) == 30


async def test_leave_then_move_to_another_advisor(desk: DeskWorld) -> None:
    row, ids = await booked(desk), desk.world.ids
    seat = await at_hours(desk)
    said = await seat.send(
        f"/hours/{ids['advisor_a']}/leave",
        **{"from": "2026-11-24T09:00", "until": "2026-11-24T18:00", "why": "开庭"},
    )
    assert "顾问请假" in said and "：开庭" in said
    move = f"/appointments/{row.id}/move"
    said = await seat.open(f"{move}?advisor={ids['advisor_b']}&day=2026-11-24")
    assert "示例顾问三的空闲时间" in said and "10:00" in said
    said = await seat.send(move, advisor=str(ids["advisor_b"]), starts_at="2026-11-24T10:00")
    assert "已改期，已告知预约人" in said and "示例顾问三" in said
    moved = await reread(desk, row)
    assert (moved.advisor_id, moved.agency_id) == (ids["advisor_b"], ids["agency_b"])
    assert any("时间有变动" in text for text in await desk.told("li"))
    assert "0 个 没有。" in await seat.open("/conflicts")
    await at_hours(desk)
    async with desk.world.session() as session:
        leave = (await session.scalars(select(Leave))).one()
    await seat.open(f"/hours/{ids['advisor_a']}")
    said = await seat.send(f"/hours/{ids['advisor_a']}/back", leave=str(leave.id))
    assert "现有预约都不受影响" in said


async def test_keep_or_cancel_with_a_reason(desk: DeskWorld) -> None:
    first, second = await booked(desk), await booked(desk, 11, code="CD45EF", name="王五")
    seat = await at_hours(desk, "colleague")
    day = {"day": "2026-11-24", "spans": "", "reason": "培训"}
    said = await seat.send(f"/hours/{desk.world.ids['advisor_a']}/day", **day)
    assert "其中 2 个不再符合" in said and "不接待" in said
    said = await seat.send(f"/appointments/{first.id}/keep")
    assert "照原时间进行" in said and "1 个" in said
    said = await seat.send(f"/appointments/{second.id}/cancel", reason="培训", then="conflicts")
    assert "已告知预约人" in said and "0 个 没有。" in said
    assert (await reread(desk, second)).status == Status.CANCELLED
    assert (await reread(desk, first)).status == Status.BOOKED
    await seat.open(f"/hours/{desk.world.ids['advisor_a']}")
    said = await seat.send(f"/hours/{desk.world.ids['advisor_a']}/day-clear", day="2026-11-24")
    assert "已保存" in said


async def test_a_taken_time_is_refused_and_nothing_moves(desk: DeskWorld) -> None:
    row = await booked(desk)
    await booked(desk, 14, code="CD45EF")
    seat = await desk.signed_in("staff")
    move = f"/appointments/{row.id}/move"
    await seat.open(move)
    said = await seat.send(
        move, advisor=str(desk.world.ids["advisor_a"]), starts_at="2026-11-24T14:00"
    )
    assert seat.status == 409 and "刚被别人约走" in said
    said = await seat.send(move, advisor=str(desk.world.ids["advisor_a"]), starts_at="gestern")
    assert seat.status == 422
    assert (await reread(desk, row)).starts_at == at_local(TUESDAY, 10)


async def test_an_advisor_moves_within_the_own_diary_only(desk: DeskWorld) -> None:
    row, ids = await booked(desk), desk.world.ids
    seat = await desk.signed_in("advisor")
    assert "示例顾问三" not in await seat.open(f"/appointments/{row.id}/move")
    await seat.send(
        f"/appointments/{row.id}/move", advisor=str(ids["advisor_b"]),
        starts_at="2026-11-24T14:00",
    )  # fmt: skip
    moved = await reread(desk, row)
    assert (moved.advisor_id, moved.starts_at) == (ids["advisor_a"], at_local(TUESDAY, 14))


async def test_limits_and_leaving_for_good(desk: DeskWorld) -> None:
    row, advisor = await booked(desk), desk.world.ids["advisor_a"]
    seat = await at_hours(desk)
    said = await seat.send(f"/hours/{advisor}/limits", capacity="2", daily_limit="6")
    assert "已保存" in said
    said = await seat.send(f"/hours/{advisor}/limits", capacity="0", daily_limit="6")
    assert "数目不对" in said
    said = await seat.send(f"/hours/{advisor}/limits", capacity="two", daily_limit="6")
    assert "请填整数" in said
    async with desk.world.session() as session:
        limits = (await session.scalars(select(AdvisorLimits))).one()
    assert (limits.capacity, limits.daily_limit) == (2, 6)
    said = await seat.send(f"/hours/{advisor}/retire")
    assert "顾问已不接待" in said
    async with desk.world.session() as session:
        assert not (await session.get_one(Advisor, advisor)).active
    assert (await reread(desk, row)).status == Status.BOOKED


async def test_an_advisor_keeps_the_own_rules_only(desk: DeskWorld) -> None:
    seat, ids = await desk.signed_in("advisor"), desk.world.ids
    assert "示例顾问一的接待时间" in await seat.open("/hours")
    assert "不再接待" not in seat.words
    said = await seat.send(f"/hours/{ids['advisor_a']}/week", **WEEK)
    assert "已保存" in said
    for path, status in (
        (f"/hours/{ids['advisor_b']}", 404),
        ("/rooms", 403),
        ("/hours/99999", 404),
    ):
        await seat.open(path)
        assert seat.status == status, path
    await seat.open("/hours")
    token = seat.token()
    await seat.send(f"/hours/{ids['advisor_b']}/week", csrf=token, **WEEK)
    assert seat.status == 404
    await seat.send(f"/hours/{ids['advisor_a']}/retire", csrf=token)
    assert seat.status == 403
    south = await desk.signed_in("staff_south")
    await south.open(f"/hours/{ids['advisor_a']}")
    assert south.status == 404


async def test_rooms_are_added_closed_opened_and_given_up(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    await seat.open("/rooms")
    assert "已保存" in await seat.send("/rooms", name="一号室", capacity="1")
    row = await booked(desk)
    async with desk.world.session() as session:
        room = (await session.scalars(select(Room))).one()
        cells = await session.scalar(select(func.count()).where(Cell.room_id == room.id))
    assert cells == 2
    close = {"from": "2026-11-24T09:00", "until": "2026-11-24T12:00", "reason": "检修"}
    said = await seat.send(f"/rooms/{room.id}/close", **close)
    assert "接待室不可用" in said and "检修" in said
    south = await desk.signed_in("staff_south")
    await south.open("/rooms")
    assert "没有找到这条安排" in await south.send("/closures/1/end")
    said = await seat.send("/closures/1/end")
    assert "现有预约都不受影响" in said and "检修" not in said
    said = await seat.send("/rooms", name="一号室", capacity="1", active="no")
    assert "不再使用" in said and "接待室不可用" in said
    assert "请写接待室名称" in await seat.send("/rooms", name=" ", capacity="1")
    assert (await reread(desk, row)).status == Status.BOOKED
