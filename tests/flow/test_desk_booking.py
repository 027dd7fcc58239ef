"""Booking at the front desk: for one, for whoever walks in, for a whole list."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date

import pytest
from sqlalchemy import func, select

from booking.model import Appointment, Cell, Share, Status
from core.clock import at_local, local
from core.outbox import OutboxRow
from directory.model import Conflict
from escalation.model import Ticket
from ledger.model import ServiceCount
from tests.fakes_desk import DeskWorld, Seat, desk_of
from tests.flow.booking_world import appointments, open_doors
from tests.world import World

TUESDAY = date(2026, 11, 24)
LI = {"name": "李四", "phone": "13800000000", "enterprise": "示例北园机械有限公司"}
TEN = {"area": "filing", "starts_at": "2026-11-24T10:00"}
LIST = (
    "姓名,手机号,企业,主题,日期,时间,顾问\n"
    "甲,13800000001,示例北园机械有限公司,专利申请,2026-11-24,10:00,示例顾问三\n"
    "乙,13800000002,示例北园机械有限公司,专利,明天,上午十点,示例顾问三\n"
    "丙,13800000003,,商标,周三下午两点半,,没有这人\n"
    "丁,13800000004,,商标,11月25日,,\n"
    "戊,139,,商标,,,\n"
    "己,13800000006,,做饭,,,\n"
    "庚,13800000007,,侵权,2026-11-24,20:00,\n"
    "辛,13800000008,,侵权,,,\n"
)


@pytest.fixture
async def desk(world: World) -> AsyncIterator[DeskWorld]:
    await open_doors(world)
    async with desk_of(world) as served:
        yield served


@pytest.fixture
async def both_desks(both_worlds: World) -> AsyncIterator[DeskWorld]:
    await open_doors(both_worlds)
    async with desk_of(both_worlds) as served:
        yield served


async def booking(desk: DeskWorld) -> Seat:
    seat = await desk.signed_in("staff")
    await seat.open("/book?area=filing")
    return seat


async def standing(desk: DeskWorld) -> list[Appointment]:
    return [row for row in await appointments(desk.world) if row.status == Status.BOOKED]


async def count(desk: DeskWorld, table: type) -> int:
    async with desk.world.session() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_by_topic_the_first_free_time_by_rotation(desk: DeskWorld) -> None:
    seat = await booking(desk)
    assert "最早：今天 13:30" in seat.words  # ten o'clock, two hours' notice, lunch
    assert "任意机构（按轮转）" in seat.words
    said = await seat.send("/book", area="filing", starts_at="first", **LI)
    assert "已约好，预约号" in said and "李四" in said
    (row,) = await standing(desk)
    assert (row.channel, row.contact_id) == ("desk", None)
    assert row.enterprise_id == desk.world.ids["factory"]
    assert f"{local(row.starts_at):%H:%M}" == "13:30"
    async with desk.world.session() as session:
        share = (await session.scalars(select(Share))).one()
    assert share.rotated and share.booked_at is not None
    assert await count(desk, OutboxRow) == 0  # there is no chat to tell


async def test_by_agency_and_by_advisor(desk: DeskWorld) -> None:
    seat, ids = await booking(desk), desk.world.ids
    await seat.send("/book", **TEN, **LI, who=f"agency-{ids['agency_b']}")
    await seat.send("/book", **TEN, **LI, who=f"advisor-{ids['advisor_a2']}", place="phone")
    rows = await standing(desk)
    assert [row.advisor_id for row in rows] == [ids["advisor_b"], ids["advisor_a2"]]
    async with desk.world.session() as session:
        assert not any(share.rotated for share in await session.scalars(select(Share)))
    await seat.open("/book?area=filing")
    said = await seat.send("/book", **TEN, **LI, who=f"agency-{ids['agency_b']}")
    assert seat.status == 409 and "刚被别人约走" in said and "11-24 10:30" in said
    assert 'value="李四"' in seat.page and len(await standing(desk)) == 2


async def test_what_is_missing_or_wrong_is_said_and_kept(desk: DeskWorld) -> None:
    seat = await booking(desk)
    said = await seat.send("/book", **TEN, name="", phone="12", enterprise="北园")
    for wrong in ("请写来访人的姓名", "12", "名册里相近的有：示例北园机械有限公司"):
        assert wrong in said, wrong
    said = await seat.send("/book", area="filing", starts_at="2026-11-24T03:00", **LI)
    assert "这个时间约不了" in said
    said = await seat.send("/book", area="cooking", starts_at="first", **LI)
    assert seat.status == 422
    assert await appointments(desk.world) == []
    advisor = await desk.signed_in("advisor")
    await advisor.open("/book")
    assert advisor.status == 403


async def test_an_agency_in_conflict_is_left_out(desk: DeskWorld) -> None:
    ids = desk.world.ids
    async with desk.world.session() as session:
        for agency in ("agency_a", "agency_b"):
            session.add(
                Conflict(enterprise_id=ids["factory"], agency_id=ids[agency], reason="对方代理")
            )
    seat = await booking(desk)
    said = await seat.send("/book", **TEN, **LI)
    assert seat.status == 409 and "对方代理" not in said
    assert await appointments(desk.world) == []


async def test_a_walk_in_is_seen_at_once_and_counted_once(both_desks: DeskWorld) -> None:
    desk = both_desks
    seat = await booking(desk)
    said = await seat.send("/book/now", area="filing", name="赵六", phone="", enterprise="")
    assert "已登记到场：赵六" in said
    (row,) = await appointments(desk.world)
    assert row.status == Status.ATTENDED and row.starts_at == desk.world.clock()
    async with desk.world.session() as session:
        counted = (await session.scalars(select(ServiceCount))).all()
    assert [one.code for one in counted] == ["Z03"]
    assert await count(desk, Cell) == 2
    for name in ("钱七", "孙八"):
        await seat.send("/book/now", area="filing", name=name, phone="", enterprise="")
    rows = await appointments(desk.world)
    assert len({row.advisor_id for row in rows}) == 3
    said = await seat.send("/book/now", area="filing", name="周九", phone="", enterprise="")
    assert "现在没有能接待这个主题的顾问有空" in said and "登记为来访咨询" in said
    assert len(await appointments(desk.world)) == 3
    fields = {name: seat.hidden(name) for name in ("once", "day", "enterprise", "person", "area")}
    said = await seat.send(
        "/walk-in",
        **fields,
        phone="",
        question="外观设计怎么申请",
        answer="当面答复了",
        then="show",
    )
    assert "已登记并办结" in said and "周九" in said
    assert await count(desk, Ticket) == 1


async def test_nobody_is_seen_at_lunch_or_on_leave(desk: DeskWorld) -> None:
    desk.world.clock.now = at_local(date(2026, 11, 23), 11, 45)
    seat = await booking(desk)
    said = await seat.send("/book/now", area="filing", name="赵六", phone="", enterprise="")
    assert "现在没有" in said  # half an hour does not fit in before lunch
    assert await appointments(desk.world) == []


async def test_a_list_books_what_it_can_and_says_the_rest(both_desks: DeskWorld) -> None:
    desk = both_desks
    seat = await booking(desk)
    await seat.open("/book/list")
    said = await seat.upload("/book/list", "list.csv", LIST.encode("gb18030"), list="")
    assert "约好 3 人，没约上 5 人" in said, said
    for refused in (
        "3 乙 这个时间刚被别人约走了",
        "4 丙 没有找到顾问“没有这人”。这个主题的顾问有：示例顾问一、示例顾问三、示例顾问二",
        "6 戊",
        "7 己 主题“做饭”没看懂",
        "8 庚 这个时间约不了",
    ):
        assert refused in said, refused
    rows = await standing(desk)
    assert [row.name for row in rows] == ["甲", "丁", "辛"]
    assert rows[0].starts_at == at_local(TUESDAY, 10)
    assert local(rows[1].starts_at).date() == date(2026, 11, 25)
    assert await count(desk, Cell) == 6  # nothing is left of the rows that were refused
    assert await count(desk, Share) == 3
    assert len(await appointments(desk.world)) == 3
    said = await seat.upload("/book/list", "list.csv", LIST.encode("utf-8-sig"), list="")
    assert "约好 0 人，没约上 8 人" in said and f"预约号 {rows[0].code}，没有再约" in said
    assert len(await standing(desk)) == 3


async def test_the_same_list_sent_twice_at_once_books_once(both_desks: DeskWorld) -> None:
    desk = both_desks
    seats = [await booking(desk), await booking(desk)]
    for seat in seats:
        await seat.open("/book/list")
    rows = "\n".join(f"人{n},1380000000{n},,商标,,," for n in range(4))
    await asyncio.gather(*(seat.send("/book/list", list=rows) for seat in seats))
    assert sorted(row.name for row in await standing(desk)) == ["人0", "人1", "人2", "人3"]


async def test_a_cancelled_row_can_be_booked_again(desk: DeskWorld) -> None:
    seat = await booking(desk)
    await seat.open("/book/list")
    row = "甲\t13800000001\t\t商标\t2026-11-24\t10:00"
    await seat.send("/book/list", list=row)
    (first,) = await standing(desk)
    await seat.open(f"/appointments/{first.id}")
    said = await seat.send(f"/appointments/{first.id}/cancel", reason="企业要求")
    assert "请电话告知本人：13800000001" in said
    await seat.open("/book/list")
    assert "约好 1 人" in await seat.send("/book/list", list=row)
    assert [one.name for one in await standing(desk)] == ["甲"]


@pytest.mark.parametrize("text", ["", " \n ", "\n".join(["甲,13800000001,,商标"] * 51), "a\0b"])
async def test_no_list_is_said_to_be_none(desk: DeskWorld, text: str) -> None:
    seat = await booking(desk)
    await seat.open("/book/list")
    said = await seat.upload("/book/list", "x.csv", text.encode(), list="")
    assert "没有读到名单" in said and seat.status == 409
    said = await seat.upload("/book/list", "x.csv", b"\xff\xfe\x00\xd8", list="")
    assert "没有读到名单" in said
    assert await appointments(desk.world) == []
