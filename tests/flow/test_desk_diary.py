"""The diary at the desk: days and weeks, per advisor and per room, on screen and as files."""

from collections.abc import AsyncIterator
from datetime import date, time, timedelta
from io import BytesIO

import pytest
from openpyxl import load_workbook

from booking.model import Leave, Room, RoomClosure, SpecialDay
from booking.service.guard import take
from core.clock import at_local
from core.config import Booking
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld, desk_of
from tests.flow.booking_world import open_doors
from tests.world import World

TUESDAY = date(2026, 11, 24)


@pytest.fixture
async def desk(both_worlds: World) -> AsyncIterator[DeskWorld]:
    await open_doors(both_worlds)
    async with desk_of(both_worlds) as served:
        yield served


async def booked(desk: DeskWorld, hour: int, **more: object) -> None:
    """An appointment on Tuesday with its time taken."""
    row = await desk.appointment(at_local(TUESDAY, hour), **more)  # type: ignore[arg-type]
    async with desk.world.session() as session:
        session.add(row)
        await take(session, row, settings=Booking(), now=MONDAY)


async def test_a_week_shows_meetings_free_time_leave_and_special_days(desk: DeskWorld) -> None:
    ids = desk.world.ids
    await booked(desk, 10)
    async with desk.world.session() as session:
        session.add(
            Leave(
                advisor_id=ids["advisor_a"], starts_at=at_local(TUESDAY, 15),
                ends_at=at_local(TUESDAY, 17), reason="开庭",
            )
        )  # fmt: skip
        session.add(SpecialDay(advisor_id=ids["advisor_b"], day=TUESDAY, reason="培训"))
        session.add(
            SpecialDay(
                advisor_id=ids["advisor_b"], day=TUESDAY + timedelta(days=4), start=time(9),
                end=time(10), reason="周六开门",
            )
        )  # fmt: skip
    seat = await desk.signed_in("staff")
    said = await seat.open("/appointments?view=week&by=advisor&day=2026-11-24")
    assert "11月23日 周一" in said and "11月29日 周日" in said
    assert "09:00 –10:00 空闲 10:00 –10:30 李四 待到场 · 专利申请 10:30 –12:00 空闲" in said
    assert "15:00 –17:00 请假 ：开庭 17:00" in said
    assert "当天不接待 培训" in said and "特别时段 周六开门 09:00 –10:00 空闲" in said
    day = await seat.open("/appointments?view=day&day=2026-11-24")
    assert "李四 待到场" in day and "15:00 –17:00 请假" in day
    advisor = await desk.signed_in("advisor")
    own = await advisor.open("/appointments?view=week&by=room&day=2026-11-24")
    assert "李四" in own and "开庭" in own
    assert "培训" not in own and "按接待室" not in own  # nobody else's diary


async def test_what_is_past_is_not_free(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")  # ten o'clock on Monday
    said = await seat.open("/appointments?view=week&day=2026-11-23")
    assert "10:00 –12:00 空闲" in said and "09:00 –12:00 空闲" in said
    assert "空闲" not in await seat.open("/appointments?view=week&day=2026-11-16")


async def test_rooms_and_their_closures(desk: DeskWorld) -> None:
    ids = desk.world.ids
    async with desk.world.session() as session:
        rooms = [Room(center_id=ids["north"], name=name) for name in ("一号室", "二号室")]
        session.add_all(rooms)
        await session.flush()
        session.add(
            RoomClosure(
                room_id=rooms[1].id, starts_at=at_local(TUESDAY, 9), ends_at=at_local(TUESDAY, 12),
                reason="检修",
            )
        )  # fmt: skip
    await booked(desk, 10)
    seat = await desk.signed_in("staff")
    said = await seat.open("/appointments?view=week&by=room&day=2026-11-24")
    first, _, second = said.partition("二号室")[0], "", said.partition("二号室")[2]
    assert "10:00 –10:30 李四 待到场 · 示例顾问一" in first
    assert "09:00 –12:00 停用 ：检修" in second or "09:00 –12:00 停用 ：检修" in first
    south = await desk.signed_in("staff_south")
    assert "李四" not in await south.open("/appointments?view=week&by=room&day=2026-11-24")
    await south.open("/appointments?view=week&center=north")
    assert south.status == 404


async def test_files_hold_what_is_shown_and_no_formula(desk: DeskWorld) -> None:
    await booked(desk, 10, name="=HYPERLINK(1)", enterprise_name="@SUM(A1)", note="秘密配方")
    seat = await desk.signed_in("staff")
    body, name = await seat.download("/appointments.csv?view=day&day=2026-11-24")
    text = body.decode("utf-8-sig")
    assert name == 'attachment; filename="diary-north-2026-11-24-advisor.csv"'
    assert (
        "2026-11-24,10:00,10:30,待到场,示例顾问一,示例甲代理机构,,'=HYPERLINK(1),'@SUM(A1)" in text
    )
    assert "2026-11-24,13:30,17:30,空闲,示例顾问一" in text
    assert "秘密配方" not in text
    body, _ = await seat.download("/appointments.xlsx?view=week&day=2026-11-24")
    sheet = load_workbook(BytesIO(body)).active
    assert sheet is not None
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(cell.value == "'=HYPERLINK(1)" for cell in cells)


async def test_a_strange_day_is_answered_with_today(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    for given in ("2026-02-30", "0001-01-01", "9999-12-31", "x"):
        assert "先为您显示今天" in await seat.open(f"/appointments?view=week&day={given}")
        assert seat.status == 200
