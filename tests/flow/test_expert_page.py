"""The expert's page by a link: masked, bound to one browser, and every way of an expert there."""

from sqlalchemy import select

from escalation.model import Status, Ticket
from escalation.model_reply import AttachmentUse, LinkUse, TicketLink
from escalation.service.pages import expert_pages
from tests.fakes_desk import DeskWorld, Seat
from tests.flow.test_desk_files import PDF, path_in, put

NASTY = "<script>alert(1)</script><img src=x onerror=y>{{7*7}}"


async def run_job(desk: DeskWorld) -> None:
    async with desk.world.session() as session:
        await expert_pages(desk.world.station.config)(session, desk.world.clock())


async def passed(desk: DeskWorld, question: str = "审查意见怎么答复？") -> tuple[Ticket, Seat, str]:
    """A ticket with the expert, the staff's seat, and the link the expert got."""
    ticket = await desk.ticket(
        question, person_name="张三", phone="13800000000", enterprise_id=desk.world.ids["factory"]
    )
    seat = await desk.signed_in("staff")
    await seat.open(f"/tickets/{ticket.id}")
    await seat.send(f"/tickets/{ticket.id}/take", complexity="simple")
    await seat.send(
        f"/tickets/{ticket.id}/pass-on", expert=str(desk.world.ids["expert_filing"]), note="请看"
    )
    await run_job(desk)
    return ticket, seat, path_in((await desk.told("expert-chat"))[-1])


async def phone_at(desk: DeskWorld, link: str) -> Seat:
    phone = desk.seat()
    await phone.open(link)
    await phone.send(f"{link}/open")
    return phone


async def outcomes(desk: DeskWorld) -> list[str]:
    async with desk.world.session() as session:
        return [use.outcome for use in await session.scalars(select(LinkUse).order_by(LinkUse.id))]


async def test_the_link_comes_with_the_card_once_each_passing_on(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket, seat, link = await passed(desk)
    told = await desk.told("expert-chat")
    assert "请您解答" in told[-2] and "手机网页" in told[-1]
    await run_job(desk)
    assert len(await desk.told("expert-chat")) == len(told)
    await seat.send(f"/tickets/{ticket.id}/recall")
    await seat.send(f"/tickets/{ticket.id}/pass-on", expert=str(desk.world.ids["expert_filing"]))
    await run_job(desk)
    assert path_in((await desk.told("expert-chat"))[-1]) != link
    async with desk.world.session() as session:
        rows = await session.scalars(select(TicketLink.fingerprint))
        assert all(link[3:] not in row for row in rows)


async def test_read_masked_and_answer(both_desks: DeskWorld) -> None:
    desk = both_desks
    _, _, link = await passed(
        desk, "示例北园机械有限公司的 202110123456.7 收到审查意见，张三 13800000000"
    )
    phone = desk.seat()
    await phone.open(link)
    assert "在这个浏览器里打开" in phone.words and "审查意见" not in phone.words
    await phone.send(f"{link}/open")
    assert phone.path == f"/desk{link}" and "202110123456.7" in phone.words
    for secret in ("张三", "13800000000", "示例北园机械有限公司", "91430000DEMO000001"):
        assert secret not in phone.page
    await phone.send(f"{link}/accept")
    assert "已接受" in phone.words
    said = await phone.send(f"{link}/answer", answer=" ")
    assert phone.status == 422 and "请先写答复内容" in said
    said = await phone.send(f"{link}/preview", answer=f"核对公开日。{NASTY}")
    assert "不是正式法律意见书" in said and "<script>alert" not in phone.page
    token = phone.token()
    await phone.send(f"{link}/answer", answer=f"核对公开日。{NASTY}")
    assert "答复已发给提问人" in phone.words and "现在不需要您处理" in phone.words
    assert f"核对公开日。{NASTY}" in "\n".join(await desk.told("zhang"))
    said = await phone.send(f"{link}/answer", csrf=token, answer="第二次，写了很久")
    assert phone.status == 409 and "第二次，写了很久" in phone.page
    assert "已不在您这里" in said


async def test_another_browser_is_refused_and_written_down(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket, _, link = await passed(desk)
    phone = await phone_at(desk, link)
    again = await phone.open(link)
    assert "审查意见怎么答复" in again  # twice in the same browser
    stranger = desk.seat()
    for path in ("", "/open", "/answer"):
        await stranger.open(link)
        if path:
            await stranger.open("/signin")
            await stranger.send(f"{link}{path}", answer="冒名")
        assert stranger.status == 403
        assert "已经在另一个浏览器里打开过" in stranger.words
        assert "审查意见怎么答复" not in stranger.page
    found = await outcomes(desk)
    assert found[0] == "opened" and found.count("elsewhere") == 5
    async with desk.world.session() as session:
        assert (await session.get_one(Ticket, ticket.id)).status == Status.WITH_EXPERT


async def test_after_its_time_a_clear_page(desk: DeskWorld) -> None:
    _, _, link = await passed(desk)
    phone = await phone_at(desk, link)
    desk.world.clock.move(days=9)
    said = await phone.open(link)
    assert phone.status == 410 and "链接已过期" in said and "联系分中心" in said
    await phone.open("/signin")
    await phone.send(f"{link}/answer", answer="晚了")
    assert phone.status == 410


async def test_ask_for_facts_and_get_them(desk: DeskWorld) -> None:
    ticket, seat, link = await passed(desk)
    phone = await phone_at(desk, link)
    await phone.send(f"{link}/ask", facts=f"发文日是哪天？{NASTY}")
    assert "已请提问人补充" in phone.words and "正在等提问人补充" in phone.words
    assert "<script>alert" not in phone.page
    asked = (await desk.told("zhang"))[-1]
    assert "发文日是哪天" in asked and "专家甲" not in asked
    await desk.world.person("zhang").tap("补充说明")
    await desk.world.person("zhang").say("11 月 2 日，张三")
    assert "11 月 2 日，＊＊＊" in await phone.open(link)
    assert "发文日是哪天" in await seat.open(f"/tickets/{ticket.id}")


async def test_decline_and_the_link_shows_nothing_any_more(desk: DeskWorld) -> None:
    ticket, _, link = await passed(desk)
    phone = await phone_at(desk, link)
    said = await phone.send(f"{link}/decline", reason="")
    assert "请选一个谢绝的原因" in said
    await phone.send(f"{link}/decline", reason="busy", why="出差")
    assert "已不在您这里" in phone.words and "审查意见怎么答复" not in phone.page
    async with desk.world.session() as session:
        found = await session.get_one(Ticket, ticket.id)
        assert found.expert_id == desk.world.ids["expert_filing_2"]


async def test_propose_another_expert(desk: DeskWorld) -> None:
    ids = desk.world.ids
    ticket, seat, link = await passed(desk)
    phone = await phone_at(desk, link)
    assert "示例专家丙" in phone.words
    said = await phone.send(f"{link}/propose", other="", because="")
    assert "请选您推荐的专家" in said and "请写明为什么推荐" in said
    await phone.send(f"{link}/propose", other=str(ids["expert_enforcement"]), because="涉及维权")
    async with desk.world.session() as session:
        found = await session.get_one(Ticket, ticket.id)
        assert (found.status, found.expert_id) == (Status.WITH_EXPERT, ids["expert_enforcement"])
    assert "涉及维权 → 示例专家丙" in await seat.open(f"/tickets/{ticket.id}")
    assert "已另请一位省级专家" in (await desk.told("zhang"))[-1]


async def test_a_proposal_nobody_can_take_goes_to_the_next_expert(desk: DeskWorld) -> None:
    ticket, _, link = await passed(desk)
    phone = await phone_at(desk, link)
    await phone.send(f"{link}/propose", other="9999", because="没有这个人")
    async with desk.world.session() as session:
        found = await session.get_one(Ticket, ticket.id)
        assert (found.status, found.expert_id) == (
            Status.WITH_EXPERT,
            desk.world.ids["expert_filing_2"],
        )


async def test_drawings_for_the_expert_once_from_the_page(both_desks: DeskWorld) -> None:
    desk = both_desks
    ticket, seat, link = await passed(desk)
    await put(seat, f"/tickets/{ticket.id}/files", "张三的总装图.pdf", PDF)
    phone = await phone_at(desk, link)
    assert "图纸和材料" not in phone.words  # nothing is shown that staff did not give
    await seat.send(f"/tickets/{ticket.id}/files/1/send", to="expert")
    assert "一次性下载链接已发出" in seat.words
    told = (await desk.told("expert-chat"))[-1]
    assert "张三" not in told
    await phone.open(link)
    assert "材料 1（pdf" in phone.words and "张三" not in phone.page
    action = phone.page.partition(f"{link}/files/")[2].partition('"')[0]
    async with phone.http.post(
        f"{phone.root}{link}/files/{action}", data={"csrf": phone.token()}
    ) as answer:
        assert await answer.read() == PDF
        assert "attachment" in answer.headers["Content-Disposition"]
    assert "已下载过一次" in await phone.open(link)
    await phone.send(f"{link}/files/{action}")
    assert phone.status == 410
    chat = desk.seat()
    await chat.open(path_in(told))  # the same file's own link is used up too
    assert chat.status == 410
    async with desk.world.session() as session:
        assert len((await session.scalars(select(AttachmentUse))).all()) == 1


async def test_staff_make_a_link_to_hand_on(desk: DeskWorld) -> None:
    ticket, seat, _ = await passed(desk)
    await seat.send(f"/tickets/{ticket.id}/expert-page")
    assert "只在这里显示这一次" in seat.words
    phone = await phone_at(desk, path_in(seat.words))
    assert "审查意见怎么答复" in phone.words
    await seat.send(f"/tickets/{ticket.id}/recall")
    await seat.send(f"/tickets/{ticket.id}/expert-page")
    assert seat.status == 409 and "不在专家手里" in seat.words
