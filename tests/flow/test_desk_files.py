"""Files of a ticket: only what they say they are, encrypted, never inline, every download written
down."""

import io
import re

from aiohttp import FormData
from sqlalchemy import select

from bot.messages import Incoming
from escalation.model import Ticket
from escalation.model_reply import Attachment, AttachmentUse, LinkUse
from escalation.service.talk import TALKABLE
from tests.fakes_desk import DeskWorld, Seat

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\n" + bytes(range(256)) * 4
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 32
EXE = b"MZ\x90\0" + bytes(300)


async def put(seat: Seat, path: str, name: str, content: bytes) -> str:
    form = FormData(quote_fields=False)
    form.add_field("csrf", seat.token())
    form.add_field("file", io.BytesIO(content), filename=name, content_type="text/html")
    async with seat.http.post(seat.root + path, data=form) as answer:
        return await seat._show(answer)


async def opened(desk: DeskWorld) -> tuple[Ticket, Seat]:
    ticket = await desk.ticket("外观专利的图纸怎么看？")
    seat = await desk.signed_in("staff")
    await seat.open(f"/tickets/{ticket.id}")
    return ticket, seat


def path_in(text: str) -> str:
    """The address below /desk of the link in a message."""
    return re.findall(r"/desk(/[ufx]/\S+)", text)[-1]


async def test_what_a_file_says_it_is_is_taken(desk: DeskWorld) -> None:
    ticket, seat = await opened(desk)
    for number, (name, content) in enumerate({"通知书.pdf": PDF, "图 1.PNG": PNG}.items(), 1):
        said = await put(seat, f"/tickets/{ticket.id}/files", name, content)
        assert "附件已保存" in said and name in said
        body, header = await seat.download(f"/tickets/{ticket.id}/files/{number}")
        assert body == content and header.startswith("attachment; ")


async def test_a_forbidden_or_lying_file_is_refused_in_a_sentence(desk: DeskWorld) -> None:
    ticket, seat = await opened(desk)
    for name, content, why in (
        ("病毒.exe", EXE, "不是可以收的文件"),
        ("说是图.png", PDF, "名字写的是 png，内容却不是（识别为 pdf）"),
        ("大的.pdf", PDF + bytes(10 * 1024 * 1024), "超过 10 MB"),
        ("<script>alert(1)<script>.exe", EXE, "不是可以收的文件"),
    ):
        said = await put(seat, f"/tickets/{ticket.id}/files", name, content)
        assert seat.status == 409 and why in said and "没有保存" in said
        assert "<script>alert" not in seat.page
    async with desk.world.session() as session:
        assert (await session.scalars(select(Attachment))).all() == []
    assert not (desk.world.station.config.paths.var / "attachments").exists()


async def test_no_file_at_all_and_a_closed_ticket(desk: DeskWorld) -> None:
    ticket, seat = await opened(desk)
    said = await put(seat, f"/tickets/{ticket.id}/files", "", b"")
    assert seat.status == 422 and "请先选一个文件" in said
    async with desk.world.session() as session:
        (await session.get_one(Ticket, ticket.id)).status = "closed"
    assert "closed" not in TALKABLE
    await put(seat, f"/tickets/{ticket.id}/files", "通知书.pdf", PDF)
    assert seat.status == 409 and "已经结束" in seat.words


async def test_a_file_lies_encrypted_and_comes_as_a_download_that_is_written_down(
    both_desks: DeskWorld,
) -> None:
    desk = both_desks
    ticket, seat = await opened(desk)
    await put(seat, f"/tickets/{ticket.id}/files", "../../etc/图.pdf", PDF)
    folder = desk.world.station.config.paths.var / "attachments"
    (lying,) = folder.iterdir()
    assert b"%PDF" not in lying.read_bytes() and "pdf" not in lying.name
    assert lying.stat().st_mode & 0o077 == 0
    async with seat.http.get(f"{seat.root}/tickets/{ticket.id}/files/1") as answer:
        assert await answer.read() == PDF
        head = answer.headers
    assert head["Content-Type"] == "application/octet-stream"
    assert head["Content-Disposition"].startswith("attachment;")
    assert "\n" not in head["Content-Disposition"] and ".." not in head["Content-Disposition"]
    assert head["X-Content-Type-Options"] == "nosniff"
    assert head["Content-Security-Policy"] == "sandbox; default-src 'none'"
    async with desk.world.session() as session:
        (use,) = await session.scalars(select(AttachmentUse))
        assert (use.who, use.account_id) == ("示例staff", desk.world.ids["staff"])
    assert "下载 1 次" in await seat.open(f"/tickets/{ticket.id}")
    other = await desk.ticket("另一件事怎么办", chat="wang")
    for who, path in (
        ("staff_south", f"/tickets/{ticket.id}/files/1"),
        ("staff", f"/tickets/{other.id}/files/1"),
        ("staff", f"/tickets/{ticket.id}/files/99"),
    ):
        stranger = await desk.signed_in(who)
        await stranger.open(path)
        assert stranger.status == 404


async def test_the_asker_uploads_by_a_link_that_works_once(both_desks: DeskWorld) -> None:
    desk = both_desks
    asker = desk.world.person("zhang")
    assert "没有在办的工单" in (await asker.say("上传材料"))[0]
    ticket = await desk.ticket("外观专利的图纸怎么看？", person_name="张三")
    link = path_in("".join(await asker.say("上传材料")))
    phone = desk.seat()
    await phone.open(link)
    assert "尚未申请专利的技术图纸" in phone.words
    said = await put(phone, link, "说是图.png", PDF)
    assert phone.status == 422 and "内容却不是" in said  # a refused file does not use the link up
    said = await put(phone, link, "通知书.pdf", PDF)
    assert f"“通知书.pdf”已交到工单 {ticket.number}" in said
    assert "已收到您交到工单" in (await desk.told("zhang"))[-1]
    await phone.open("/signin")
    await put(phone, link, "第二份.pdf", PDF)
    assert phone.status == 410 and "只能用一次" in phone.words
    seat = await desk.signed_in("staff")
    assert "通知书.pdf" in await seat.open(f"/tickets/{ticket.id}")
    assert "提问人 张三" in seat.words and "第二份.pdf" not in seat.words


async def test_an_upload_link_expires_and_cannot_be_made_up(desk: DeskWorld) -> None:
    await desk.ticket("外观专利的图纸怎么看？")
    link = path_in("".join(await desk.world.person("zhang").say("上传材料")))
    phone = desk.seat()
    await phone.open(link)
    desk.world.clock.move(hours=3)
    await put(phone, link, "通知书.pdf", PDF)
    assert phone.status == 410 and "已过期" in phone.words
    for made_up in (f"{link[:-1]}{'0' if link[-1] != '0' else '1'}", "/u/x", "/x" + link[2:]):
        await phone.open(made_up)
        assert phone.status == 404 and "链接不对" in phone.words


async def test_a_photo_in_the_chat_leads_to_the_upload_page(desk: DeskWorld) -> None:
    asker = desk.world.person("zhang")

    async def photo(event: str) -> str:
        before = len(asker.told())
        await asker.event(
            Incoming(
                channel="fake", event_id=event, chat="zhang", user="zhang",
                sent_at=desk.world.clock(), file="document",
            )
        )  # fmt: skip
        return "\n".join(asker.told()[before:])

    assert "/desk/u/" not in await photo("p1")
    await desk.ticket("外观专利的图纸怎么看？")
    said = await photo("p2")
    assert "暂时看不了图片" in said and "/desk/u/" in said


async def test_a_file_for_the_asker_by_a_one_time_link(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket, seat = await opened(desk)
    await put(seat, f"/tickets/{ticket.id}/files", "说明.pdf", PDF)
    await seat.send(f"/tickets/{ticket.id}/files/1/send", to="asker")
    assert "一次性下载链接已发出" in seat.words
    link = path_in((await desk.told("zhang"))[-1])
    phone = desk.seat()
    await phone.open(link)  # a preview robot does no more
    assert "下载文件" in phone.words
    async with phone.http.post(phone.root + link, data={"csrf": phone.token()}) as answer:
        assert await answer.read() == PDF
    await phone.open(link)
    assert phone.status == 410 and "已经用过" in phone.words
    async with desk.world.session() as session:
        outcomes = [use.outcome for use in await session.scalars(select(LinkUse))]
    assert outcomes == ["opened", "opened", "used"]


async def test_files_need_a_form_of_ours(desk: DeskWorld) -> None:
    ticket, seat = await opened(desk)
    form = FormData()
    form.add_field("csrf", "none")
    form.add_field("file", PDF, filename="a.pdf")
    async with seat.http.post(f"{seat.root}/tickets/{ticket.id}/files", data=form) as answer:
        assert answer.status == 403
    data = f"csrf={seat.token()}&answer={'x' * 1_200_000}".encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    path = f"{seat.root}/tickets/{ticket.id}/answer"
    async with seat.http.post(path, data=io.BytesIO(data), headers=kind) as answer:
        assert answer.status == 413
