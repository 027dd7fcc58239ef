"""The queue narrowed, paged, saved, exported, and many tickets treated at once."""

import re
from io import BytesIO
from typing import Any

from openpyxl import load_workbook
from sqlalchemy import event, select, update

from core.texts import plain
from directory.model import Enterprise
from escalation.listing import Wanted, page
from escalation.model import OPEN, Source, Status, Ticket, TicketEvent
from ledger.model import ServiceCount
from tests.fakes_desk import DeskWorld


async def many(desk: DeskWorld, count: int, **columns: object) -> list[Ticket]:
    """Tickets of the north center, all due at the same instant, written at once."""
    now = desk.world.clock()
    values = {
        "center_id": desk.world.ids["north"], "area": "filing", "question": "批量写入的问题",
        "source": Source.REQUEST, "status": Status.NEW, "due_at": now, "created_at": now, **columns,
    }  # fmt: skip
    async with desk.world.session() as session:
        already = len((await session.scalars(select(Ticket.id))).all())
        rows = [
            Ticket(number=f"N-{already + n:04d}", opened_by=f"many:{already + n}", **values)
            for n in range(count)
        ]
        session.add_all(rows)
        await session.flush()
        return rows


def numbers(said: str) -> list[str]:
    return re.findall(r"N-\d{4}", said)


async def test_pages_show_every_ticket_once_forth_and_back(both_desks: DeskWorld) -> None:
    desk = both_desks
    rows = await many(desk, 12)
    async with desk.world.session() as session:  # several states and dates in between
        for n, status in ((1, Status.ACCEPTED), (4, Status.WITH_EXPERT), (7, Status.ACCEPTED)):
            later = desk.world.clock().replace(hour=n)
            await session.execute(
                update(Ticket).where(Ticket.id == rows[n].id).values(status=status, due_at=later)
            )
    actor, stranger = await desk.actor("staff"), await desk.actor("staff_south")
    async with desk.world.session() as session:
        for newest in (False, True):
            wanted = Wanted(OPEN, newest_first=newest)
            whole = await page(session, actor, wanted, size=50)
            assert (whole.before, whole.after) == (None, None)
            ids = [one.ticket.id for one in whole.sheets]
            due = [(one.ticket.due_at, one.ticket.id) for one in whole.sheets]
            assert due == sorted(due, reverse=newest)
            forth, after, pages = [], None, []
            while True:
                part = await page(session, actor, wanted, size=5, after=after)
                forth += [one.ticket.id for one in part.sheets]
                pages.append(part)
                after = part.after
                if after is None:
                    break
            assert forth == ids and len(pages) == 3
            assert [part.before is None for part in pages] == [True, False, False]
            back = await page(session, actor, wanted, size=5, before=pages[2].before)
            assert [one.ticket.id for one in back.sheets] == ids[5:10]
            first = await page(session, actor, wanted, size=5, before=back.before)
            assert [one.ticket.id for one in first.sheets] == ids[:5]
            assert first.before is None and first.after == pages[0].after
        south = await page(session, stranger, Wanted(OPEN), size=50)
        assert south.sheets == []


async def test_the_links_of_the_page_lead_through_the_list(desk: DeskWorld) -> None:
    await many(desk, 60)
    seat = await desk.signed_in("staff")
    seen = numbers(await seat.open("/tickets?tab=new"))
    while found := re.search(r'href="/desk(/tickets\?[^"]+)" rel="next"', seat.page):
        seen += numbers(await seat.open(found[1].replace("&amp;", "&")))
    assert seen == [f"N-{n:04d}" for n in range(60)]
    back = re.search(r'href="/desk(/tickets\?[^"]+)" rel="prev"', seat.page)
    assert back is not None
    assert numbers(await seat.open(back[1].replace("&amp;", "&")))[0] == "N-0025"
    for nonsense in ("after=x", "after=9.9.9", f"before={'9' * 17}.1", "after=1.99999999999"):
        await seat.open(f"/tickets?{nonsense}")
        assert seat.status == 200


async def test_each_filter_narrows_and_says_what_it_did_not_understand(
    both_desks: DeskWorld,
) -> None:
    desk = both_desks
    ids, now = desk.world.ids, desk.world.clock()
    undue, late, web, ours = [
        await many(desk, 1, **columns)
        for columns in (
            {"due_at": now.replace(hour=8), "area": "trademark"},
            {"due_at": now.replace(hour=0), "assignee_id": ids["colleague"]},
            {"channel": "web", "source": Source.HANDOFF, "due_at": now.replace(month=12)},
            {"enterprise_id": ids["factory"], "created_at": now.replace(day=2),
             "assignee_id": ids["staff"], "due_at": now.replace(month=12)},
        )
    ]  # fmt: skip
    seat = await desk.signed_in("staff")
    for query, left in (
        ("", [late, undue, web, ours]),
        ("area=trademark", [undue]),
        ("pressing=late", [late]),
        ("pressing=today", [undue]),
        ("person=me", [ours]),
        ("person=none", [undue, web]),
        (f"person={ids['colleague']}", [late]),
        ("source=handoff", [web]),
        ("channel=web", [web]),
        ("channel=window", [late, undue, ours]),
        ("enterprise=91430000DEMO000001", [ours]),
        ("enterprise=北园", [ours]),
        ("enterprise=没有这家", []),
        ("since=2026-11-03&until=2026-11-23", [late, undue, web]),
        ("until=2026-11-02", [ours]),
        ("area=filing&person=none", [web]),
    ):
        said = await seat.open(f"/tickets?{query}")
        assert numbers(said) == [rows[0].number for rows in left], query
    said = await seat.open("/tickets?area=<b>&person=me&since=昨天")
    assert "“<b>”没看懂" in said and "“昨天”没看懂" in said
    assert numbers(said) == [ours[0].number]
    province = await desk.signed_in("province")
    assert len(numbers(await province.open("/tickets?person=none"))) == 2


async def test_a_view_is_kept_shared_within_the_center_and_dropped_by_its_owner(
    desk: DeskWorld,
) -> None:
    seat = await desk.signed_in("staff")
    await seat.open("/tickets?area=trademark&person=none")
    where = "/views?tab=open&area=trademark&person=none"
    assert "请给视图起个名字" in await seat.send(where, name=" ")
    said = await seat.send(where, name="<i>没人管的商标", shared="yes")
    assert "已存为视图“<i>没人管的商标”" in said
    assert "area=trademark" in seat.path
    assert "已经有一个叫" in await seat.send(where, name="<i>没人管的商标")
    await seat.send(where, name="只给自己")
    director, south = await desk.signed_in("colleague"), await desk.signed_in("staff_south")
    said = await director.open("/tickets")
    assert "没人管的商标" in said and "只给自己" not in said
    await director.send("/views/1/drop")
    assert director.status == 409
    assert "没人管的商标" not in await south.open("/tickets")
    await seat.send("/views/1/drop")
    assert "没人管的商标" not in await director.open("/tickets")


async def test_many_at_once_each_with_its_own_result(both_desks: DeskWorld) -> None:
    desk = both_desks
    fresh = await desk.ticket("没有人受理的一件")
    taken = await desk.ticket("别人已经受理的一件", chat="li")
    other = await desk.ticket("南园的一件", chat="wang", center_id=desk.world.ids["south"])
    colleague = await desk.signed_in("colleague")
    await colleague.open(f"/tickets/{taken.id}")
    await colleague.send(f"/tickets/{taken.id}/take", complexity="simple")
    seat = await desk.signed_in("staff")
    await seat.open("/tickets")
    ticks = {f"ticket-{one.id}": "1" for one in (fresh, taken, other)}
    said = await seat.send("/tickets?tab=open", do="take", **ticks)
    assert "1 件已处理，2 件没有执行" in said
    assert f"{fresh.number} 已受理" in said
    assert "已由 示例主任 受理" in said
    assert other.number not in said and "南园" not in said
    assert "由 示例staff 负责" in "\n".join(await desk.told("zhang"))

    said = await seat.send("/tickets", do="reassign", to=str(desk.world.ids["colleague"]), **ticks)
    assert "1 件已处理" in said and f"{taken.number} 本来就由 示例主任 经办" in said
    async with desk.world.session() as session:
        row = await session.get_one(Ticket, fresh.id)
        assert row.assignee_id == desk.world.ids["colleague"]
        kinds = select(TicketEvent.kind).where(TicketEvent.ticket_id == fresh.id)
        assert "reassign" in (await session.scalars(kinds)).all()
    south = str(desk.world.ids["staff_south"])
    said = await seat.send("/tickets", do="reassign", to=south, **{f"ticket-{fresh.id}": "1"})
    assert "没有这位同事" in said

    await colleague.open(f"/tickets/{fresh.id}")
    await colleague.send(f"/tickets/{fresh.id}/answer", answer="答复在此")
    said = await seat.send("/tickets", do="close", **ticks)
    assert f"{fresh.number} 已办结" in said and "正在处理，这一步没有执行" in said
    async with desk.world.session() as session:
        codes = (await session.scalars(select(ServiceCount.code))).all()
    assert codes == ["Z01"]


async def test_nothing_ticked_and_nonsense_get_a_sentence(desk: DeskWorld) -> None:
    ticket = await desk.ticket("一件工单")
    seat = await desk.signed_in("staff")
    await seat.open("/tickets")
    assert "还没有勾选工单" in await seat.send("/tickets", do="take")
    assert seat.status == 422
    tick = {f"ticket-{ticket.id}": "1"}
    assert "请选择要做什么" in await seat.send("/tickets", do="delete", **tick)
    assert "请选择交给哪位同事" in await seat.send("/tickets", do="reassign", **tick)
    assert "1 件没有执行" in await seat.send("/tickets", do="take", **{"ticket-2147483648": "1"} | {
        "ticket-2147483647": "1"
    })  # fmt: skip
    expert = await desk.signed_in("expert")
    await expert.send("/tickets", csrf=expert.token(), do="take", **tick)
    assert expert.status == 403


async def test_the_filtered_list_as_a_workbook(desk: DeskWorld) -> None:
    async with desk.world.session() as session:
        factory = await session.get_one(Enterprise, desk.world.ids["factory"])
        factory.name = "=危险公司"
    await many(desk, 30, enterprise_id=desk.world.ids["factory"], phone="13800000000")
    await many(desk, 1, area="trademark")
    seat = await desk.signed_in("staff")
    body, name = await seat.download("/tickets.xlsx?tab=open&area=filing")
    assert "ipstation-tickets.xlsx" in name
    rows = list(load_workbook(BytesIO(body)).active.iter_rows(values_only=True))
    assert len(rows) == 31
    assert rows[1][:4] == ("N-0000", "示例北园分中心", "待受理", plain("area.filing"))
    assert rows[1][5] == "'=危险公司"
    assert "13800000000" not in str(rows)
    south = await desk.signed_in("staff_south")
    body, _ = await south.download("/tickets.xlsx")
    assert load_workbook(BytesIO(body)).active.max_row == 1


async def plans(desk: DeskWorld, wanted: Wanted, who: str) -> list[str]:
    """How SQLite reads one page: the plan of each statement it takes."""
    statements: list[tuple[str, Any]] = []

    def note(_c: Any, _k: Any, statement: str, parameters: Any, _x: Any, _m: Any) -> None:
        statements.append((statement, parameters))

    actor, engine = await desk.actor(who), desk.world.station.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    now = desk.world.clock()
    async with desk.world.station.database.reading() as session:
        await page(session, actor, wanted, size=25, after=(now, 1))
        event.remove(engine, "before_cursor_execute", note)
        connection = await session.connection()
        return [
            "\n".join(row[3] for row in explained)
            for statement, parameters in statements
            if statement.startswith("SELECT anon")
            for explained in [
                (
                    await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
                ).all()
            ]
        ]


async def test_a_page_is_read_along_an_index_whatever_narrows_it(desk: DeskWorld) -> None:
    await many(desk, 40)
    narrowed = {"area": "filing", "source": "request", "assignee_id": 0, "channel": "web"}
    for wanted in (Wanted(OPEN), Wanted(OPEN, newest_first=True, **narrowed)):
        for who, index in (
            ("staff", "USING COVERING INDEX ix_tickets_queue (center_id=? AND status=? AND"),
            ("province", "USING INDEX ix_tickets_province (status=? AND"),
        ):
            (plan,) = await plans(desk, wanted, who)
            if who == "province":
                plan = plan.replace("COVERING INDEX", "INDEX")
            assert plan.count(index) == len(OPEN), plan
            assert "SCAN tickets" not in plan
            assert plan.count("TEMP B-TREE") == 1, plan  # to merge the pieces, of one page each
