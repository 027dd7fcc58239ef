"""Check-in at the window, by a code read out or scanned."""

import re
from datetime import timedelta

from sqlalchemy import select

from booking.check_in_code import check_in_link, signed_code
from ledger.model import ServiceCount
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld

SOON = MONDAY + timedelta(hours=1)


async def codes(desk: DeskWorld) -> list[str]:
    async with desk.world.session() as session:
        return [row.code for row in await session.scalars(select(ServiceCount))]


async def test_typed_and_counted_once(desk: DeskWorld) -> None:
    await desk.appointment(SOON)
    seat = await desk.signed_in("staff")
    said = await seat.open("/check-in?code=ab23%20cd")
    assert "李四 待到场" in said and "示例顾问一" in said
    said = await seat.send("/check-in", code="ab23cd")
    assert "已登记到场：李四" in said
    said = await seat.send("/check-in", code="AB23CD")
    assert seat.status == 409 and "已经登记过" in said
    assert await codes(desk) == ["Z03"]


async def test_the_qr_code_of_the_page_opens_the_check_in(desk: DeskWorld) -> None:
    row = await desk.appointment(SOON)
    seat = await desk.signed_in("staff")
    await seat.open(f"/appointments/{row.id}")
    assert re.search(r'<svg[^>]*class="qr"', seat.page)
    config = desk.world.station.config
    key = config.security.secret_key
    link = check_in_link(key, "https://example.invalid/", row)
    assert link == f"https://example.invalid/desk/check-in?code={signed_code(key, 'AB23CD')}"
    path = link.removeprefix("https://example.invalid/desk")
    assert "李四 待到场" in await seat.open(path)
    assert "已登记到场" in await seat.send("/check-in", code=link)  # a scanner types it all
    stranger = desk.seat()
    await stranger.open(path)
    assert stranger.path.startswith("/desk/signin")


async def test_codes_that_are_not_ours_are_refused(desk: DeskWorld) -> None:
    await desk.appointment(SOON)
    await desk.appointment(SOON, advisor="advisor_b", code="CD45EF")
    signed = signed_code(desk.world.station.config.security.secret_key, "AB23CD")
    south = await desk.signed_in("staff_south")
    said = await south.open(f"/check-in?code={signed}")
    assert "属于别的分中心" in said and "李四" not in said and south.status == 404
    assert "属于别的分中心" in await south.send("/check-in", code="AB23CD")
    advisor = await desk.signed_in("advisor")
    assert "别的顾问" in await advisor.open("/check-in?code=CD45EF")
    seat = await desk.signed_in("staff")
    for forged in (f"CD45EF.{signed.partition('.')[2]}", signed[:-1], "AB23CD.", "%00", "x" * 400):
        said = await seat.open(f"/check-in?code={forged}")
        assert seat.status == 404 and "没有登记" in said, forged
    assert "请输入预约号" in await seat.send("/check-in", code=" ")
    assert await codes(desk) == []


async def test_too_early_says_so(desk: DeskWorld) -> None:
    await desk.appointment(MONDAY + timedelta(days=1))
    seat = await desk.signed_in("staff")
    assert "还没到预约的日子" in await seat.open("/check-in?code=AB23CD")
    assert "还没到时间" in await seat.send("/check-in", code="AB23CD")
    assert await codes(desk) == []
