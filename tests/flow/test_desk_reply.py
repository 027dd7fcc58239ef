"""Writing a reply: preview, canned replies, quoting, drafts, colleagues, notes."""

from datetime import date
from pathlib import Path

from sqlalchemy import select

from bot.channels.markdown import to_plain
from core.config import Config
from core.database import Database
from escalation.model import Ticket
from escalation.model_reply import CannedReply, Mention
from knowledge.engine import Engine
from knowledge.validity import with_changes
from tests.fakes_desk import DeskWorld, Seat, desk_of
from tests.fakes_laws import imported, library
from tests.flow.curators import curators
from tests.unit.knowledge.small import TOPICS, entry, write
from tests.world import World

NASTY = "<script>alert(1)</script>**粗** {{7*7}} '; DROP TABLE tickets;--"


async def taken(desk: DeskWorld, **matter: str) -> tuple[Ticket, Seat]:
    ticket = await desk.ticket("审查意见怎么答复？", **matter)
    seat = await desk.signed_in("staff")
    await seat.open(f"/tickets/{ticket.id}")
    await seat.send(f"/tickets/{ticket.id}/take", complexity="simple")
    return ticket, seat


async def post(seat: Seat, path: str, **fields: str) -> tuple[int, dict[str, object]]:
    """What a script of the page sends; the page stays."""
    data = {"csrf": seat.token(), **fields}
    async with seat.http.post(seat.root + path, data=data) as answer:
        return answer.status, await answer.json() if answer.status == 200 else {}


async def test_a_preview_is_exactly_what_the_asker_then_reads(desk: DeskWorld) -> None:
    ticket, seat = await taken(desk)
    text = f"第一步：核对发文日。\n1. 下载通知书\n{NASTY}"
    before = len(await desk.told("zhang"))
    said = await seat.send(f"/tickets/{ticket.id}/preview", preview="answer", answer=text)
    assert "提问人会看到（还没有发送）" in said
    assert text in seat.page.replace("&lt;", "<").replace("&gt;", ">").replace("&#39;", "'")
    assert "<script>alert" not in seat.page
    assert len(await desk.told("zhang")) == before
    await seat.send(f"/tickets/{ticket.id}/answer", answer=text)
    await desk.told("zhang")
    row = [r for r in desk.world.channel.rows if r.chat == "zhang"][-1]
    told = " ".join(to_plain(row.payload["text"]).split())
    assert told in said


async def test_a_preview_of_nothing_says_so(desk: DeskWorld) -> None:
    ticket, seat = await taken(desk)
    said = await seat.send(f"/tickets/{ticket.id}/preview", preview="answer", answer=" ")
    assert seat.status == 422 and "请先写内容，再预览" in said
    said = await seat.send(f"/tickets/{ticket.id}/preview", preview="facts", facts="发文日？")
    assert "还需要您补充一些情况（示例staff）" in said


async def test_canned_replies_are_owned_shared_and_filled(desk: DeskWorld) -> None:
    ticket, seat = await taken(desk, person_name="张三")
    await seat.open("/canned")
    said = await seat.send("/canned", title="问发文日", text="{name}，请问 {day}？", owner="center")
    assert seat.status == 409 and "不认识占位符 {day}" in said and "{number}" in said
    assert "{name}，请问 {day}？" in seat.page  # nothing is lost
    text = "{name}您好，工单 {number} 请在 {due} 前补充。{center}{by}"
    await seat.send("/canned", title="问发文日", text=text, owner="center")
    await seat.send("/canned", title="我的一条", text="只给我", owner="mine")
    said = await seat.send("/canned", title="越权", text="全省的", owner="province")
    assert seat.status == 422 and "请选这条回复给谁用" in said
    async with desk.world.session() as session:
        rows = {one.title: one for one in await session.scalars(select(CannedReply))}
    assert set(rows) == {"问发文日", "我的一条"}

    await seat.open(f"/tickets/{ticket.id}")
    await seat.send(
        f"/tickets/{ticket.id}/insert", answer="先写了一句。", canned=str(rows["问发文日"].id)
    )
    assert "已插入，请核对后再发送" in seat.words
    filled = f"张三您好，工单 {ticket.number} 请在 11月23日 17:30 前补充。示例北园分中心示例staff"
    assert f"先写了一句。\n\n{filled}" in seat.page

    colleague = await desk.signed_in("colleague")
    said = await colleague.open("/canned")
    assert "问发文日" in said and "我的一条" not in said
    mine = f"/canned/{rows['我的一条'].id}"
    await colleague.open(mine)
    assert colleague.status == 404
    await colleague.open(f"/tickets/{ticket.id}")
    said = await colleague.send(
        f"/tickets/{ticket.id}/insert", answer="留着", canned=str(rows["我的一条"].id)
    )
    assert "没有这条常用回复" in said and "留着" in colleague.page and "只给我" not in said
    south = await desk.signed_in("staff_south")
    assert "问发文日" not in await south.open("/canned")


async def test_two_change_one_canned_reply(both_desks: DeskWorld) -> None:
    desk = both_desks
    seat, second = await desk.signed_in("staff"), await desk.signed_in("colleague")
    await seat.open("/canned")
    await seat.send("/canned", title="一条", text=NASTY, owner="center")
    assert "<script>alert" not in seat.page and NASTY in seat.words
    await seat.open("/canned/1")
    await second.open("/canned/1")
    seen = second.hidden("seen")
    await seat.send(
        "/canned/1", title="一条", text="甲改的", owner="center", seen=seat.hidden("seen")
    )
    said = await second.send("/canned/1", title="一条", text="乙改的", owner="center", seen=seen)
    assert second.status == 409 and "刚刚被别人改过" in said and "乙改的" in second.page
    await second.send("/canned/1/retire", seen=seen)
    assert second.status == 409
    await seat.open("/canned/1")
    await seat.send("/canned/1/retire", seen=seat.hidden("seen"))
    assert "已删除" in seat.words and "甲改的" not in seat.page


async def test_an_entry_and_an_article_are_quoted_with_basis_and_date(world: World) -> None:
    config = world.station.config
    imported(config, config.paths.var / "laws")
    shelf = library(config)
    shelf.ready(wait=True)
    world.station.dispatcher.library = shelf
    async with desk_of(world) as desk:
        ticket, seat = await taken(desk)
        page = f"/tickets/{ticket.id}"
        said = await seat.send(f"{page}/find", answer="前文", find="年费晚交了怎么办")
        assert "前文" in seat.page and "滞纳金" in said
        key = seat.page.partition('name="insert" value="entry:')[2].partition('"')[0]
        await seat.send(
            f"{page}/insert", answer="前文", find="年费晚交了怎么办", insert=f"entry:{key}"
        )
        box = seat.page.partition('id="f-answer"')[2].partition("</textarea>")[0]
        assert "前文\n\n" in box and "依据：《" in box and "复核）" in box and "**" not in box
        said = await seat.send(f"{page}/find", answer="", find="专利法第三十七条")
        assert "《专利法》（2020-10-17文本）第三十七条" in said
        key = seat.page.partition('name="insert" value="law:')[2].partition('"')[0]
        await seat.send(f"{page}/insert", answer="", find="专利法第三十七条", insert=f"law:{key}")
        box = seat.page.partition('id="f-answer"')[2].partition("</textarea>")[0]
        assert "应当在指定的期限内陈述意见；&lt;b&gt;逾期" in box
        said = await seat.send(
            f"{page}/insert", answer="还在", find="年费", insert="entry:nothing-here"
        )
        assert "没有找到" in said and "还在" in seat.page
        assert "请写要找什么" in await seat.send(f"{page}/find", answer="x", find=" ")


async def test_a_quoted_entry_says_that_it_is_in_doubt(
    sqlite_database: Database, config: Config, tmp_path: Path
) -> None:
    folder = tmp_path / "entries"
    async with curators(sqlite_database, config, folder) as desk:
        late = entry(reviewed_on="2025-11-01", review_by="2026-11-01")
        engine = Engine.open(write(folder, {"filing/blue-fee.md": late}), None, embed=False)
        base = with_changes(engine.base, {"filing-green-search": date(2026, 9, 1)}, None)
        desk.world.station.serving.engine = engine.over(base)
        ticket, seat = await taken(desk)
        page = f"/tickets/{ticket.id}"
        notices = {
            "filing-blue-fee": "应复核的日期已过",
            "filing-green-search": "自2026年9月1日起有变化，本条还没有按新规定复核",
            "trademark-red-mark": "",
        }
        for entry_id, notice in notices.items():
            find = {"find": TOPICS[entry_id.replace("-", "/", 1)][0]}
            await seat.send(f"{page}/find", answer="", **find)
            await seat.send(f"{page}/insert", answer="", **find, insert=f"entry:{entry_id}")
            box = seat.page.partition('id="f-answer"')[2].partition("</textarea>")[0]
            assert "依据：《专利法》" in box
            assert [bool(one) and one in box for one in notices.values()] == [
                bool(one) and one == notice for one in notices.values()
            ]


async def test_a_draft_survives_a_crash_and_goes_with_the_sending(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket, seat = await taken(desk)
    page, opened = f"/tickets/{ticket.id}", desk.world.clock().isoformat()
    assert await post(seat, f"{page}/draft", field="answer", text="写了一半", opened=opened) == (
        200, {"saved": "10:00"},
    )  # fmt: skip
    again = await desk.signed_in("staff")  # another browser, after a crash
    await again.open(page)
    assert "写了一半" in again.page
    colleague = await desk.signed_in("colleague")
    await colleague.open(page)
    assert "写了一半" not in colleague.page
    desk.world.clock.move(minutes=1)
    await again.send(f"{page}/say", say="顺便问一句")
    await again.open(page)
    assert "写了一半" in again.page  # another box was sent
    await again.send(f"{page}/answer", answer="写完了")
    late = await post(seat, f"{page}/draft", field="answer", text="写了一半", opened=opened)
    assert late == (200, {"saved": None})  # of the page that was open before the sending
    await again.open(page)
    assert "写了一半" not in again.page


async def test_bad_drafts_change_nothing(desk: DeskWorld) -> None:
    ticket, seat = await taken(desk)
    page, opened = f"/tickets/{ticket.id}", desk.world.clock().isoformat()
    for field, at, status in (
        ("question", opened, 404), ("answer", "gestern", 400), ("answer", "2026-11-23", 400),
    ):  # fmt: skip
        assert (await post(seat, f"{page}/draft", field=field, text="x", opened=at))[0] == status
    south = await desk.signed_in("staff_south")
    await south.open("/")
    got = await post(south, f"{page}/draft", field="answer", text="x", opened=opened)
    assert got[0] == 404
    data = {"field": "answer", "text": "x", "opened": opened, "csrf": "none"}
    async with seat.http.post(f"{seat.root}{page}/draft", data=data) as answer:
        assert answer.status == 403


async def test_two_on_one_ticket_see_each_other_while_they_are_there(
    both_desks: DeskWorld,
) -> None:
    desk = both_desks
    ticket, seat = await taken(desk)
    page = f"/tickets/{ticket.id}"
    colleague = await desk.signed_in("colleague")
    await colleague.open(page)
    status, mine = await post(seat, f"{page}/presence", writing="1")
    assert status == 200 and mine["here"] == []
    _, theirs = await post(colleague, f"{page}/presence", writing="0")
    assert theirs["here"] == [{"name": "示例staff", "writing": True}]
    assert "示例staff 正在写" in await colleague.open(page)
    await desk.world.person("zhang").say("发明专利年费晚交了怎么办？")
    _, newer = await post(seat, f"{page}/presence", writing="0")
    assert newer["mark"] != mine["mark"]
    assert newer["here"] == [{"name": "示例主任", "writing": False}]
    desk.world.clock.move(seconds=21)
    assert (await post(seat, f"{page}/presence", writing="0"))[1]["here"] == []
    south = await desk.signed_in("staff_south")
    await south.open("/")
    assert (await post(south, f"{page}/presence", writing="0"))[0] == 404


async def test_a_note_with_a_mention_reaches_the_mentioned_alone(desk: DeskWorld) -> None:
    ticket, seat = await taken(desk)
    page = f"/tickets/{ticket.id}"
    said = await seat.send(f"{page}/note", inner="请 @colleage 看一下，写了很久")
    assert seat.status == 409
    assert "没有找到 @colleage" in said and "@colleague" in said and "写了很久" in seat.page
    for outsider in ("@staff_south", "@expert", "@nobody"):
        await seat.send(f"{page}/note", inner=f"{outsider} 请看")
        assert seat.status == 409
    await seat.send(f"{page}/note", inner="请 @colleague、@province。看 a@example.com 的邮件")
    assert "备注已保存" in seat.words and "请 @colleague、@province。看" in seat.words
    assert "内部备注" not in "\n".join(await desk.told("zhang"))
    asker = " ".join(await desk.world.person("zhang").say("我的工单"))
    asker += " ".join(await desk.world.person("zhang").tap(ticket.number))
    assert "请 @colleague" not in asker
    async with desk.world.session() as session:
        assert len((await session.scalars(select(Mention))).all()) == 2

    colleague = await desk.signed_in("colleague")
    assert "提到我的 请 @colleague" in colleague.words
    other = await desk.signed_in("staff_south")
    await other.send("/mentions/1")
    assert other.status == 404
    await colleague.send("/mentions/1")
    assert colleague.path == f"/desk{page}"
    assert "提到我的" not in await colleague.open("/")
