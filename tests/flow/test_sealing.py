"""What is written beside a confidential ticket: sealed at rest, read by those whom it is for."""

import json

from sqlalchemy import func, select, update

from core.database import Base
from core.jobs import tick
from core.seal import Sealer
from escalation.model import Opinion, Ticket, TicketEvent
from escalation.model_reply import Mention, ReplyDraft, TicketMessage
from tests.fakes_desk import DeskWorld, Seat
from tests.flow.escalating import tied_expert

SECRET = "溶剂"
HIDDEN = "（保密内容，不在这里显示）"
WRONG_KEY = "保密内容打不开：密钥和加密时的不一样"
CHATS = {"inbox", "outbox", "conversations"}  # what was said in a chat stays in that chat's record
BESIDE = ("ticket_messages.text", "reply_drafts.text", "mentions.note", "ticket_opinions.text")


async def found_plain(desk: DeskWorld) -> set[str]:
    """Every column of the database, the chats aside, in which the secret can be read."""
    await run(desk, "ticket-search")
    places = set()
    async with desk.world.session() as session:
        for table in Base.metadata.sorted_tables:
            if table.name not in CHATS:
                for row in (await session.execute(select(table))).mappings():
                    places |= {f"{table.name}.{name}" for name in row if SECRET in f"{row[name]}"}
    return places


async def run(desk: DeskWorld, name: str) -> None:
    station = desk.world.station
    [job] = [one for one in station.jobs if one.name == name]
    await tick(station.database, job, desk.world.clock())


async def write_beside(desk: DeskWorld, seat: Seat, ticket: Ticket, mark: str) -> None:
    """Talk from both sides, a note with a mention, and a draft, each with the secret."""
    page = f"/tickets/{ticket.id}"
    await seat.open(page)
    await seat.send(f"{page}/say", say=f"{mark}问{SECRET}")
    await desk.world.person("zhang").say(f"{mark}答{SECRET}")
    await seat.send(f"{page}/note", inner=f"@colleague {mark}备注{SECRET}")
    opened = desk.world.clock().isoformat()
    draft = {"field": "answer", "text": f"{mark}草稿{SECRET}", "opened": opened}
    await seat.send(f"{page}/draft", **draft)
    assert json.loads(seat.page)["saved"]
    await seat.open(page)


async def opine(desk: DeskWorld, chat: str, text: str) -> None:
    doctor = desk.world.person(chat)
    await doctor.tap("给出意见")
    await doctor.tap("可行")
    await doctor.say(text)


async def sealed(desk: DeskWorld) -> tuple[Ticket, Seat]:
    """A ticket with words in every table, sealed by the seat, which has the talk; one opinion of
    two is still to come."""
    for chat, expert in (("d1", "expert_filing"), ("d2", "expert_filing_2")):
        await tied_expert(desk.world, chat, expert)
    await tied_expert(desk.world, "d3", "expert_enforcement")
    ticket, ids = (
        await desk.ticket(
            f"有一件事想向老师们请教一下：我们的产品里用了一种{SECRET}，能申请专利吗"
        ),
        desk.world.ids,
    )
    page, seat = f"/tickets/{ticket.id}", await desk.signed_in("staff")
    await seat.open(page)
    await seat.send(f"{page}/take", complexity="simple")
    members = [str(ids[one]) for one in ("expert_filing_2", "expert_enforcement")]
    chosen = {f"member{one}": one for one in members}
    await seat.send(f"{page}/panel", reporter=str(ids["expert_filing"]), **chosen)
    await desk.world.drain()
    await opine(desk, "d2", f"前意见{SECRET}")
    await write_beside(desk, seat, ticket, "前")
    assert set(BESIDE) <= await found_plain(desk)
    await seat.send(f"{page}/seal")
    assert "已转为保密" in seat.words
    return ticket, seat


async def openings(desk: DeskWorld) -> int:
    async with desk.world.session() as session:
        query = select(func.count()).where(TicketEvent.kind == "opened_sealed")
        return await session.scalar(query) or 0


async def test_no_word_beside_a_confidential_ticket_lies_plain(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket, seat = await sealed(desk)
    assert await found_plain(desk) == set()
    await write_beside(desk, seat, ticket, "后")
    await opine(desk, "d3", f"后意见{SECRET}")
    assert await found_plain(desk) == set()
    assert f"后问{SECRET}" in (await desk.told("zhang"))[-1]  # the talk goes on
    assert HIDDEN in (await desk.told("d1"))[-1]  # of the opinions the chat says that they are in
    await seat.open(f"/search?q={SECRET}")
    assert ticket.number not in seat.words


async def test_who_has_the_talk_reads_it_and_others_open_the_ticket(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket, seat = await sealed(desk)
    page = f"/tickets/{ticket.id}"
    assert await openings(desk) == 1  # of the one who was talking
    await write_beside(desk, seat, ticket, "后")
    for path in (page, f"{page}/talk"):
        said = await seat.open(path)
        for words in (f"前问{SECRET}", f"前答{SECRET}", f"后问{SECRET}", f"后答{SECRET}"):
            assert words in said
    assert f"备注{SECRET}" not in seat.words and f"意见{SECRET}" not in seat.words
    assert f"后草稿{SECRET}" in await seat.open(page)  # to its author alone
    colleague = await desk.signed_in("colleague")
    assert "提到我的" in colleague.words and HIDDEN in colleague.words
    for path in ("/", page, f"{page}/talk"):
        assert SECRET not in await colleague.open(path)
    assert await openings(desk) == 1
    await colleague.open(page)
    said = await colleague.send(f"{page}/open")
    for words in ("前问", "前答", "后问", "后答", "前备注", "后备注", "前意见"):
        assert f"{words}{SECRET}" in said
    assert f"草稿{SECRET}" not in said and await openings(desk) == 2
    desk.world.clock.move(minutes=31)
    assert SECRET not in await seat.open(f"{page}/talk")  # the talk fell silent
    await seat.open(page)
    await seat.send(f"{page}/talk/begin")
    assert f"后答{SECRET}" in await seat.open(f"{page}/talk") and await openings(desk) == 3


async def test_the_reporter_of_a_panel_opens_the_opinions(desk: DeskWorld) -> None:
    ticket, _ = await sealed(desk)
    await opine(desk, "d3", f"后意见{SECRET}")
    expert = await desk.signed_in("expert")
    assert SECRET not in await expert.open(f"/tickets/{ticket.id}")
    said = await expert.send(f"/tickets/{ticket.id}/open")
    assert f"可行 前意见{SECRET}" in said and f"可行 后意见{SECRET}" in said
    assert f"备注{SECRET}" not in said and f"前问{SECRET}" not in said


async def test_what_was_left_plain_before_is_sealed_by_the_job(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket, seat = await sealed(desk)
    other = await desk.ticket("另一件事", "wang")
    async with desk.world.session() as session:
        for model, column in (
            (TicketMessage, TicketMessage.text), (ReplyDraft, ReplyDraft.text),
            (Mention, Mention.note), (Opinion, Opinion.text), (TicketEvent, TicketEvent.text),
        ):  # fmt: skip
            old = {column: f"旧{SECRET}"}
            old |= {model.sealed: None} if hasattr(model, "sealed") else {}
            await session.execute(update(model).where(model.ticket_id == ticket.id).values(old))
        session.add(TicketMessage(ticket_id=other.id, at=other.created_at, side="bot", text="旧话"))
    for _ in range(2):
        await run(desk, "ticket-seal-left")
        assert await found_plain(desk) == set()
    said = await seat.open(f"/tickets/{ticket.id}")
    assert said.count(f"旧{SECRET}") == 5  # two lines and three boxes
    async with desk.world.session() as session:
        query = select(TicketMessage).where(TicketMessage.ticket_id == other.id)
        line = (await session.scalars(query)).one()
        assert (line.text, line.sealed) == ("旧话", None)


async def test_with_another_key_the_ticket_says_so(desk: DeskWorld) -> None:
    ticket, seat = await sealed(desk)
    desk.world.station.database.sealer = Sealer("another")
    page = f"/tickets/{ticket.id}"
    said = await seat.open(page)
    assert seat.status == 200 and said.count(WRONG_KEY) == 2 and "草稿" not in seat.page
    for who in ("staff", "expert"):
        reader = await desk.signed_in(who)
        await reader.open(page)
        said = await reader.send(f"{page}/open")
        assert reader.status == 409 and WRONG_KEY in said


async def test_what_is_split_off_and_why_it_was_rated_are_sealed_too(desk: DeskWorld) -> None:
    ticket, seat = await sealed(desk)
    page = f"/tickets/{ticket.id}"
    await seat.send(f"{page}/recall")
    await seat.open(page)
    await seat.send(f"{page}/split", part=f"这种{SECRET}怎么保存", area="filing", event="e1")
    assert "已拆出" in seat.words and SECRET not in seat.words
    assert f"这种{SECRET}怎么保存" in await seat.send(f"{seat.path[5:].partition('?')[0]}/open")
    await seat.open(page)
    await seat.send(f"{page}/answer", answer=f"这种{SECRET}可以")
    await desk.told("zhang")
    asker = desk.world.person("zhang")
    await asker.tap("2 ")
    await asker.tap("说说原因")
    assert "谢谢" in (await asker.say(f"没说{SECRET}怎么选"))[0]
    assert await found_plain(desk) == set()
