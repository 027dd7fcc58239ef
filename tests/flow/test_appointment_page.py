"""The page behind an appointment's signed link."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import select

from booking.model import Appointment, Status
from core.config import Config
from core.database import Database
from core.outbox import OutboxRow
from core.security import sign
from knowledge.engine import Engine
from tests.fakes_web import WebPage, WebStation, populated
from tests.flow.booking_world import book_on_web, link_of
from tests.unit.booking.room import ADVISORS, TUESDAY_10, weekly


@pytest.fixture
async def served(
    sqlite_database: Database, config: Config, engine: Engine
) -> AsyncIterator[WebStation]:
    async with populated(sqlite_database, config, engine) as station:
        async with sqlite_database.transaction() as session:
            for name in ADVISORS:
                session.add_all(weekly(station.ids[name]))
        yield station


@pytest.fixture
async def page(served: WebStation) -> AsyncIterator[WebPage]:
    async with served.page() as one:
        yield one


async def row_of(served: WebStation) -> Appointment:
    async with served.station.database.reading() as session:
        return (await session.scalars(select(Appointment))).one()


async def told(served: WebStation) -> list[str]:
    async with served.station.database.reading() as session:
        rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
        return [row.payload["text"] for row in rows]


async def post(
    page: WebPage, url: str, do: str, value: str = "", **headers: str
) -> tuple[int, str]:
    async with page.browser.post(url, data={"do": do, "value": value}, headers=headers) as response:
        return response.status, await response.text()


async def test_it_shows_the_appointment_and_free_times(served: WebStation, page: WebPage) -> None:
    row = await book_on_web(served)
    async with page.browser.get(link_of(served, row)) as response:
        text = await response.text()
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
    for shown in (row.code, "11月24日 周二 10:00–10:30", "示例乙代理机构", "11月24日 周二 10:30"):
        assert shown in text
    assert "迟到 10 分钟" not in text


async def test_moving_by_the_link_is_told_in_the_chat(served: WebStation, page: WebPage) -> None:
    row = await book_on_web(served)
    status, text = await post(page, link_of(served, row), "move", "2026-11-24T11:00:00+08:00")
    assert status == 200
    assert "11月24日 周二 11:00–11:30" in text
    assert "待机构确认" in text
    assert (await row_of(served)).sequence == 1
    assert "已改期" in (await told(served))[-1]
    status, text = await post(page, link_of(served, row), "move", "2026-11-28T11:00:00+08:00")
    assert (status, "约不了" in text) == (409, True)
    assert (await row_of(served)).sequence == 1


async def test_cancelling_and_a_second_tap(served: WebStation, page: WebPage) -> None:
    row = await book_on_web(served)
    _, text = await post(page, link_of(served, row), "cancel")
    assert "已取消" in text
    assert (await row_of(served)).status == Status.CANCELLED
    assert "已取消" in (await told(served))[-1]
    status, text = await post(page, link_of(served, row), "cancel")
    assert (status, "不能再改" in text) == (409, True)


async def test_being_late(served: WebStation, page: WebPage) -> None:
    row = await book_on_web(served)
    assert (await post(page, link_of(served, row), "late", "10"))[0] == 409
    served.station.clock.now = TUESDAY_10  # type: ignore[attr-defined]
    _, text = await post(page, link_of(served, row), "late", "10")
    assert "已告知迟到约 10 分钟" in text
    assert (await row_of(served)).late_minutes == 10


async def test_the_link_ends_with_the_appointment(served: WebStation, page: WebPage) -> None:
    row = await book_on_web(served)
    served.station.clock.now = row.ends_at  # type: ignore[attr-defined]
    async with page.browser.get(link_of(served, row)) as response:
        assert response.status == 410
        assert "链接不再有效" in await response.text()
    await post(page, link_of(served, row), "cancel")
    assert (await row_of(served)).status == Status.BOOKED


@pytest.mark.parametrize("purpose", ["appointment ", "web visitor", ""])
async def test_a_link_we_did_not_sign(served: WebStation, page: WebPage, purpose: str) -> None:
    row = await book_on_web(served)
    forged = sign(served.station.config.security.secret_key, purpose, row.code)
    for path in (forged, row.code, f"{row.code}.{'0' * 40}"):
        async with page.browser.get(served.url(f"/a/{path}")) as response:
            assert response.status == 404
    async with page.browser.post(served.url(f"/a/{forged}"), data={"do": "cancel"}) as response:
        assert response.status == 404
    assert (await row_of(served)).status == Status.BOOKED


async def test_a_strange_page_cannot_cancel(served: WebStation, page: WebPage) -> None:
    row = await book_on_web(served)
    status, _ = await post(page, link_of(served, row), "cancel", Origin="https://elsewhere.invalid")
    assert status == 403
    for do, value in (
        ("move", "yesterday"),
        ("move", "2026-11-24T11:00:00"),
        ("late", "x"),
        ("", ""),
    ):
        assert (await post(page, link_of(served, row), do, value))[0] == 400
    assert (await row_of(served)).status == Status.BOOKED
