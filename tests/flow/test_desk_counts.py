"""What is counted at the desk: visits, consultations, the month and its workbook."""

import asyncio
import re
from datetime import timedelta
from io import BytesIO

from openpyxl import load_workbook
from sqlalchemy import select

from booking.model import Appointment, Status
from core.clock import local_day
from escalation.model import Ticket
from ledger.model import ServiceCount
from ledger.service import close_month
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld, Seat

VISIT = {
    "enterprise": "示例北园机械有限公司",
    "person": "王五",
    "phone": "",
    "area": "filing",
    "question": "外观设计和实用新型能同时申请吗",
    "answer": "可以，分别提交即可。",
    "day": "2026-11-23",
}


async def rows(desk: DeskWorld) -> list[ServiceCount]:
    async with desk.world.session() as session:
        return list(await session.scalars(select(ServiceCount).order_by(ServiceCount.id)))


async def visit(seat: Seat, **changed: str) -> str:
    await seat.open("/walk-in")
    return await seat.send("/walk-in", once=seat.hidden("once"), **{**VISIT, **changed})


async def test_a_visit_of_yesterday_is_closed_and_counted_on_its_day(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    said = await visit(seat, day="2026-11-22", phone="138 0000 0000", then="show")
    assert "已登记并办结" in said
    assert re.match(r"/desk/tickets/\d+", seat.path)
    assert "窗口来访" in said and "13800000000" in said
    (row,) = await rows(desk)
    assert (row.code, row.center_id) == ("Z01", desk.world.ids["north"])
    assert row.enterprise_id == desk.world.ids["factory"]
    assert local_day(row.at).isoformat() == "2026-11-22"
    async with desk.world.session() as session:
        (ticket,) = await session.scalars(select(Ticket))
        assert ticket.status == "closed"


async def test_the_same_form_sent_twice_counts_once_and_a_new_one_again(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    await seat.open("/walk-in")
    once, token = seat.hidden("once"), seat.token()
    for _ in range(2):
        await seat.send("/walk-in", csrf=token, once=once, then="next", **VISIT)
        assert seat.path == "/desk/walk-in"
    assert len(await rows(desk)) == 1
    await visit(seat, enterprise="")
    assert len(await rows(desk)) == 2


async def test_every_wrong_field_gets_its_sentence_and_keeps_its_words(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    said = await visit(
        seat, enterprise="没听说过的公司<b>", phone="电话12", area="law", question="", answer="",
        day="2026-11-24",
    )  # fmt: skip
    assert seat.status == 422
    for sentence in (
        "名册里没有“没听说过的公司<b>”",
        "“电话12”不像电话号码",
        "请选一个类别",
        "请写来访问的问题",
        "请写怎样答复的",
        "来访日期不能晚于今天",
    ):
        assert sentence in said
    assert 'value="没听说过的公司&lt;b&gt;"' in seat.page
    assert 'value="王五"' in seat.page
    assert "相近的有：示例北园机械有限公司" in await visit(seat, enterprise="示例")
    assert "日期没看懂" in await visit(seat, day="昨天")
    assert "至少写 4 个字" in await visit(seat, question="专利")
    assert await rows(desk) == []


async def test_a_closed_month_says_so_and_keeps_the_words(desk: DeskWorld) -> None:
    async with desk.world.session() as session:
        await close_month(session, month="2026-10", by="x", now=desk.world.clock())
    seat = await desk.signed_in("staff")
    said = await visit(seat, day="2026-10-30")
    assert seat.status == 409
    assert "2026-10 已经结账" in said
    assert "可以，分别提交即可。" in seat.page
    assert await rows(desk) == []


async def test_names_are_suggested_from_the_own_center_only(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    await seat.open("/enterprises?q=%E7%A4%BA%E4%BE%8B")
    assert "示例北园机械有限公司" in seat.page.encode().decode("unicode_escape")
    assert "南园" not in seat.page.encode().decode("unicode_escape")
    await seat.open("/enterprises?q=%25")
    assert seat.page == '{"names": []}'


async def test_checked_in_twice_counts_once(desk: DeskWorld) -> None:
    meeting = await desk.appointment(MONDAY - timedelta(minutes=30))
    seat, advisor = await desk.signed_in("staff"), await desk.signed_in("advisor")
    assert "李四 待到场" in await seat.open("/appointments")
    assert "李四" in await advisor.open("/appointments")
    path = f"/appointments/{meeting.id}/check-in"
    await asyncio.gather(seat.send(path), advisor.send(path))
    first, second = sorted((seat, advisor), key=lambda one: one.status)
    assert "已登记到场：李四" in first.words and "已到场" in first.words
    assert second.status == 409
    assert "没有再记一次" in second.words
    assert [row.code for row in await rows(desk)] == ["Z03"]


async def test_no_show_can_still_become_attended(desk: DeskWorld) -> None:
    meeting = await desk.appointment(MONDAY - timedelta(minutes=30))
    seat = await desk.signed_in("staff")
    await seat.open("/appointments")
    await seat.send(f"/appointments/{meeting.id}/no-show")
    assert "已登记爽约" in seat.words
    assert await rows(desk) == []
    await seat.send(f"/appointments/{meeting.id}/check-in")
    assert [row.code for row in await rows(desk)] == ["Z03"]


async def test_cancelling_needs_a_reason_and_tells_it(desk: DeskWorld) -> None:
    meeting = await desk.appointment(MONDAY + timedelta(hours=6))
    seat = await desk.signed_in("staff")
    await seat.open(f"/appointments/{meeting.id}")
    assert "请写明取消原因" in await seat.send(f"/appointments/{meeting.id}/cancel", reason=" ")
    await seat.send(f"/appointments/{meeting.id}/cancel", reason="顾问<b>临时</b>外出")
    assert "预约已取消" in seat.words
    assert "顾问<b>临时</b>外出" in "\n".join(await desk.told("li"))
    said = await seat.send(f"/appointments/{meeting.id}/cancel", reason="再来一次")
    assert "没有再改" in said
    async with desk.world.session() as session:
        assert (await session.get_one(Appointment, meeting.id)).status == Status.CANCELLED


async def test_other_centers_and_other_advisors_appointments_do_not_exist(
    desk: DeskWorld,
) -> None:
    mine = await desk.appointment(MONDAY + timedelta(hours=4))
    other = await desk.appointment(MONDAY + timedelta(hours=5), advisor="advisor_b", code="XY23ZW")
    south, advisor = await desk.signed_in("staff_south"), await desk.signed_in("advisor")
    for seat, meeting in ((south, mine), (south, other), (advisor, other)):
        await seat.open(f"/appointments/{meeting.id}")
        assert seat.status == 404
        assert meeting.code not in seat.page
        await seat.send(f"/appointments/{meeting.id}/check-in", csrf=await token(seat))
        assert seat.status == 404
    assert "没有预约" in await south.open("/appointments")
    await south.open("/appointments?center=north")
    assert south.status == 404
    said = await advisor.open("/appointments")
    assert mine.code in said and other.code not in said
    assert "没有预约" in await advisor.open("/appointments?day=2026-11-24")
    province = await desk.signed_in("province")
    assert mine.code in await province.open("/appointments?center=north")
    assert await rows(desk) == []


async def token(seat: Seat) -> str:
    await seat.open("/")
    return seat.token()


async def test_the_month_and_its_workbook_agree(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    await visit(seat)
    meeting = await desk.appointment(MONDAY - timedelta(minutes=30))
    await seat.open("/appointments")
    await seat.send(f"/appointments/{meeting.id}/check-in")
    said = await seat.open("/counts?month=2026-11")
    assert "Z01 人工咨询 1 件" in said and "Z03 预约会诊 1 次" in said
    assert "服务企业数 1 家" in said
    assert "示例北园机械有限公司" in said
    only = await seat.open("/counts?month=2026-11&code=Z03")
    assert "明细 1 条" in only
    body, name = await seat.download("/counts.xlsx?month=2026-11")
    assert "ipstation-north-2026-11.xlsx" in name
    book = load_workbook(BytesIO(body))
    totals = {row[0]: row[3] for row in book["合计"].iter_rows(values_only=True)}
    assert (totals["Z01"], totals["Z03"]) == (1, 1)
    assert book["明细"].max_row == 3
    south = await desk.signed_in("staff_south")
    assert "示例北园机械有限公司" not in await south.open("/counts?month=2026-11")
    await south.open("/counts.xlsx?month=2026-11&center=north")
    assert south.status == 404
    province = await desk.signed_in("province")
    assert "示例北园分中心 1 0 1 0 1" in await province.open("/counts?month=2026-11")
