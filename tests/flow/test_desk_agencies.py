"""The share log that every agency reads, and the figures by the center's own weights."""

from collections.abc import AsyncIterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import insert, select

from booking.figures import worked_minutes
from booking.model import Appointment, Share, Status
from booking.model_desk import IncentiveWeights
from booking.model_life import Request
from core.clock import at_local
from directory.model import Account, Advisor, Agency, Role
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld, desk_of
from tests.world import World

WEIGHTS = {"attended": "10", "no_show": "3", "rating": "2", "prompt": "5"}


@pytest.fixture
async def desk(both_worlds: World) -> AsyncIterator[DeskWorld]:
    async with desk_of(both_worlds) as served:
        await month(served)
        yield served


async def month(desk: DeskWorld) -> None:
    """Of agency A two attended, one no-show, one cancelled; of agency B one to come."""
    ids = desk.world.ids
    for n, (advisor, status) in enumerate((
        ("advisor_a", Status.ATTENDED), ("advisor_a2", Status.ATTENDED),
        ("advisor_a", Status.NO_SHOW), ("advisor_a", Status.CANCELLED),
        ("advisor_b", Status.BOOKED),
    )):  # fmt: skip
        row = await desk.appointment(
            MONDAY + timedelta(hours=n), advisor=advisor, code=f"AB23C{n}", status=status
        )
        async with desk.world.session() as session:
            session.add(
                Share(
                    center_id=ids["north"], agency_id=row.agency_id, appointment_id=row.id,
                    rotated=n % 2 == 0, offered_at=MONDAY + timedelta(minutes=n), booked_at=MONDAY,
                )
            )  # fmt: skip


async def advisor_of_b(desk: DeskWorld) -> None:
    """An account for agency B's advisor."""
    async with desk.world.session() as session:
        row = Account(
            username="advisor_3", password_hash="!", name="示例顾问三", role=Role.ADVISOR,
            advisor_id=desk.world.ids["advisor_b"],
        )  # fmt: skip
        session.add(row)
        await session.flush()
        desk.world.ids["account_b"] = row.id


async def test_every_agency_reads_the_same_share_log(desk: DeskWorld) -> None:
    await advisor_of_b(desk)
    pages = []
    for who in ("staff", "advisor", "account_b"):
        seat = await desk.signed_in(who)
        said = await seat.open("/shares")
        pages.append(said[said.index("轮转次序") :])
        assert "李四" not in said and "示例北园机械" not in said  # agencies, not people
    assert len(set(pages)) == 1
    # B was offered one by rotation, A two: B is next.
    assert "1 示例乙代理机构（信用 B） 1 0 1 2 示例甲代理机构（信用 A） 2 2 4" in pages[0]
    assert "预约人指定 约成" in pages[0]
    south = await desk.signed_in("staff_south")
    assert "示例甲" not in await south.open("/shares")
    await south.open("/shares?center=north")
    assert south.status == 404
    await (seat := await desk.signed_in("expert")).open("/shares")
    assert seat.status == 403


async def test_figures_list_every_agency_by_name(desk: DeskWorld) -> None:
    async with desk.world.session() as session:
        agency = Agency(name="示例新来代理机构")
        session.add(agency)
        await session.flush()
        session.add(Advisor(agency_id=agency.id, center_id=desk.world.ids["north"], name="新"))
    seat = await desk.signed_in("staff")
    said = await seat.open("/agencies")
    assert "示例乙代理机构（信用 B） 1 1 0 0 0 — — —" in said
    assert "示例新来代理机构（信用 B） 0 0 0 0 0 — — —" in said
    assert "示例甲代理机构（信用 A） 4 3 2 1 1 — — —" in said
    assert said.index("示例乙") < said.index("示例新来") < said.index("示例甲")
    assert "保存权重" not in said
    assert "示例甲" in await seat.open("/agencies?month=2026-10")  # nothing to show, but not hidden
    assert "4 3 2" not in seat.words
    south = await desk.signed_in("staff_south")
    await south.open("/agencies?center=north")
    assert south.status == 404
    advisor = await desk.signed_in("advisor")
    await advisor.open("/agencies")
    assert advisor.status == 403


async def test_the_director_sets_the_weights(desk: DeskWorld) -> None:
    seat = await desk.signed_in("colleague")
    await seat.open("/agencies")
    said = await seat.send("/agencies", **WEIGHTS)
    assert "权重已保存" in said and "到场每次 10 分，爽约每次减 3 分" in said
    assert "示例甲代理机构（信用 A） 4 3 2 1 1 — — 17" in said
    assert "示例乙代理机构（信用 B） 1 1 0 0 0 — — 0" in said
    for wrong in ("-1", "1001", "much", ""):
        said = await seat.send("/agencies", **{**WEIGHTS, "rating": wrong})
        assert "0 至 1000 的整数" in said, wrong
    staff = await desk.signed_in("staff")
    await staff.open("/agencies")
    staff_token = (await staff.open("/")) and staff.token()
    said = await staff.send("/agencies", csrf=staff_token, **{**WEIGHTS, "attended": "99"})
    assert "权重由本中心主任设定" in said
    async with desk.world.session() as session:
        row = (await session.scalars(select(IncentiveWeights))).one()
    assert (row.attended, row.rating, row.set_by) == (10, 2, "示例主任")


async def test_files(desk: DeskWorld) -> None:
    async with desk.world.session() as session:
        (await session.get_one(Agency, desk.world.ids["agency_b"])).name = "=1+1"
    seat = await desk.signed_in("province")
    body, name = await seat.download("/agencies.xlsx?center=north&month=2026-11")
    assert name == 'attachment; filename="agencies-north-2026-11.xlsx"'
    sheet = load_workbook(BytesIO(body)).active
    assert sheet is not None
    table: list[Any] = list(sheet.values)
    assert [row[0] for row in table[1:]] == ["'=1+1", "示例甲代理机构"]
    assert table[2][2:7] == (4, 3, 2, 1, 1)
    body, _ = await seat.download("/agencies.csv?center=north&month=2026-11")
    assert "示例甲代理机构,A,4,3,2,1,1," in body.decode("utf-8-sig")


def test_response_time_is_working_time(world: World) -> None:
    worktime = world.station.config.calendar()
    day = MONDAY.date()
    before_lunch, friday = at_local(day, 11, 50), at_local(day + timedelta(days=4), 17)
    assert worked_minutes(worktime, before_lunch, at_local(day, 13, 40)) == 20
    assert worked_minutes(worktime, friday, at_local(day + timedelta(days=7), 9, 10)) == 40
    assert worked_minutes(worktime, friday, before_lunch) == 0


async def test_ratings_and_response_times(desk: DeskWorld) -> None:
    async with desk.world.session() as session:
        rows = (await session.scalars(select(Appointment).order_by(Appointment.id))).all()
        for row, stars in zip(rows[:2], (5, 4), strict=True):
            row.rating = stars
        asked = {
            "appointment_id": rows[0].id, "advisor_id": rows[0].advisor_id,
            "agency_id": rows[0].agency_id, "starts_at": rows[0].starts_at, "asked_at": MONDAY,
            "due_at": MONDAY + timedelta(hours=4), "answer": "agreed", "reason": "",
        }  # fmt: skip
        for hours in (1, 6):
            await session.execute(
                insert(Request).values(**asked, answered_at=MONDAY + timedelta(hours=hours))
            )
    seat = await desk.signed_in("colleague")
    await seat.open("/agencies")
    said = await seat.send("/agencies", **WEIGHTS)
    # 2*10 - 3 + 4.5*2 + 5/2, half up; an hour, and six less the lunch of an hour and a half.
    assert "4 3 2 1 1 4.5 （2） 165 工作分钟 29" in said
