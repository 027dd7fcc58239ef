"""What staff write down by hand, what is taken back, and a month that is closed."""

import re

from sqlalchemy import select

from core.clock import local_day
from escalation.model import Source, Ticket
from ledger.by_hand import KINDS
from ledger.model import ClosedMonth, ServiceCount
from tests.fakes_desk import DeskWorld, Seat

FACTORY = "示例北园机械有限公司"


async def rows(desk: DeskWorld) -> list[tuple[str, int]]:
    async with desk.world.session() as session:
        found = await session.scalars(select(ServiceCount).order_by(ServiceCount.id))
        return [(row.code, row.quantity) for row in found]


async def fill(seat: Seat, code: str, **fields: str) -> str:
    await seat.open(f"/record/{code}")
    given = {"evidence": f"证据 {code}", "day": "2026-11-23", **fields}
    return await seat.send(f"/record/{code}", once=seat.hidden("once"), **given)


async def test_every_kind_counts_with_its_evidence(both_desks: DeskWorld) -> None:
    desk = both_desks
    seat = await desk.signed_in("staff")
    for code, kind in KINDS.items():
        enterprise = {} if kind.enterprise == "none" else {"enterprise": FACTORY}
        said = await fill(seat, code, amount="12", minutes="45", **enterprise)
        assert "已计入服务统计" in said, code
    assert sorted(await rows(desk)) == sorted(
        [(code, 1) for code in KINDS if code != "T01"] + [("P02", 12), ("Y02", 12), ("T01", 12)]
    )
    async with desk.world.session() as session:
        found = list(await session.scalars(select(ServiceCount)))
    assert {row.center_id for row in found} == {desk.world.ids["north"]}
    assert all(row.evidence.startswith("证据 ") and row.handler == "示例staff" for row in found)
    assert next(row for row in found if row.code == "P01").evidence == "证据 P01（45 分钟）"


async def test_one_visit_a_day_and_one_number_once_even_when_written_otherwise(
    both_desks: DeskWorld,
) -> None:
    desk = both_desks
    seat, colleague = await desk.signed_in("staff"), await desk.signed_in("colleague")
    await fill(seat, "V01", enterprise=FACTORY)
    said = await fill(colleague, "V01", enterprise="91430000DEMO000001", evidence="另一张表")
    assert colleague.status == 409 and "没有再记一次" in said
    assert 'value="另一张表"' in colleague.page
    await fill(seat, "V01", enterprise=FACTORY, day="2026-11-20")
    await fill(seat, "Y01", enterprise=FACTORY, evidence="Y2026 0001", amount="300")
    assert "没有再记一次" in await fill(
        seat, "Y01", enterprise=FACTORY, evidence="y20260001", amount="500"
    )
    assert await rows(desk) == [("V01", 1), ("V01", 1), ("Y01", 1), ("Y02", 300)]
    async with desk.world.session() as session:
        days = [local_day(row.at).day for row in await session.scalars(select(ServiceCount))]
    assert days[:2] == [23, 20]
    await seat.open("/record/X01")
    once, token = seat.hidden("once"), seat.token()
    for _ in range(2):  # the same form sent twice
        await seat.send("/record/X01", csrf=token, once=once, evidence="一", day="2026-11-23")
    assert [code for code, _ in await rows(desk)].count("X01") == 1


async def test_what_is_wrong_is_said_and_nothing_is_counted(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    assert "请填企业名称" in await fill(seat, "V01")
    assert "没有“某公司”" in await fill(seat, "V01", enterprise="某公司")
    assert "请填证据" in await fill(seat, "D01", evidence=" ")
    assert "不少于 45 分钟" in await fill(seat, "P01", minutes="44", amount="3")
    for amount in ("", "0", "-1", "1.5", "1000001", "一", "9" * 30):
        assert "的整数" in await fill(seat, "T01", amount=amount), amount
    assert "不能晚于今天" in await fill(seat, "D01", day="2026-11-24")
    assert "日期没看懂" in await fill(seat, "D01", day="x")
    assert seat.status == 422
    await seat.open("/record/Z01")
    assert seat.status == 404
    province = await desk.signed_in("province")
    await province.open("/record/V01")
    assert province.status == 403
    assert await rows(desk) == []


async def test_a_call_is_kept_as_one(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    assert "电话登记" in await seat.open("/walk-in?how=phone")
    await seat.send(
        "/walk-in?how=phone", once=seat.hidden("once"), area="filing", question="年费怎么交呢",
        answer="网上可以交。", day="2026-11-23",
    )  # fmt: skip
    assert "电话登记" in seat.words and "how=phone" in seat.path
    async with desk.world.session() as session:
        (ticket,) = await session.scalars(select(Ticket))
    assert (ticket.source, ticket.status) == (Source.PHONE, "closed")
    assert "电话咨询" in await seat.open(f"/tickets/{ticket.id}")
    assert await rows(desk) == [("Z01", 1)]


async def test_a_count_is_reversed_with_a_reason_and_can_be_recorded_anew(
    both_desks: DeskWorld,
) -> None:
    desk = both_desks
    seat, director = await desk.signed_in("staff"), await desk.signed_in("colleague")
    await fill(seat, "D01", evidence="R-77")
    await seat.open("/counts")
    assert "冲销" not in seat.words
    await seat.open("/counts/1/reverse")
    assert seat.status == 403
    await director.open("/counts")
    assert re.search(r'href="/desk/counts/1/reverse"', director.page)
    await director.open("/counts/1/reverse")
    assert "请写明冲销原因" in await director.send("/counts/1/reverse", reason=" ")
    said = await director.send("/counts/1/reverse", reason="记错了企业<b>")
    assert "已冲销" in said and "记错了企业<b>" in said
    assert await rows(desk) == [("D01", 1), ("D01", -1)]
    await director.open("/counts/1/reverse")
    assert "已经冲销过" in await director.send("/counts/1/reverse", reason="再来")
    await director.open("/counts/2/reverse")
    assert director.status == 404  # a reversal is not reversed
    assert "已计入" in await fill(seat, "D01", evidence="r-77")
    assert "没有再记一次" in await fill(seat, "D01", evidence="R-77")
    assert await rows(desk) == [("D01", 1), ("D01", -1), ("D01", 1)]
    async with desk.world.session() as session:
        row = (await session.scalars(select(ServiceCount).order_by(ServiceCount.id.desc()))).first()
        assert row is not None
        row.center_id = desk.world.ids["south"]
    await director.open(f"/counts/{row.id}/reverse")
    assert director.status == 404


async def test_the_province_closes_a_month_and_it_takes_no_more(desk: DeskWorld) -> None:
    seat, director = await desk.signed_in("staff"), await desk.signed_in("colleague")
    await fill(seat, "D01", day="2026-10-30")
    province = await desk.signed_in("province")
    assert "确认结账" not in await director.open("/counts?month=2026-10")
    await director.send("/counts/close?month=2026-10")
    assert director.status == 403
    assert "确认结账" not in await province.open("/counts")
    await province.send("/counts/close?month=2026-11")
    assert "还没有过完" in province.words
    assert "确认结账" in await province.open("/counts?month=2026-10")
    assert "2026-10 已结账" in await province.send("/counts/close?month=2026-10")
    assert "早已结账" in await province.send("/counts/close?month=2026-10")
    async with desk.world.session() as session:
        assert [row.month for row in await session.scalars(select(ClosedMonth))] == ["2026-10"]
    said = await fill(seat, "D01", evidence="第二笔", day="2026-10-30")
    assert "2026-10 已经结账" in said and 'value="第二笔"' in seat.page
    # An error found later is taken back in the open month.
    await director.open("/counts/1/reverse")
    await director.send("/counts/1/reverse", reason="十月记错")
    async with desk.world.session() as session:
        back = await session.get_one(ServiceCount, 2)
    assert local_day(back.at).isoformat() == "2026-11-23"
