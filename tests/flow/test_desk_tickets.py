"""A ticket's whole way over the desk, and what stands in nobody's way."""

import html
import re

from sqlalchemy import select

from directory.model import Conflict
from escalation.model import Status, Ticket
from ledger.model import ServiceCount
from tests.fakes_desk import DeskWorld, Seat

NASTY = "<script>alert(1)</script><img src=x onerror=y> '; DROP TABLE tickets;-- {{7*7}}"


async def counted(desk: DeskWorld) -> list[tuple[str, int | None]]:
    async with desk.world.session() as session:
        rows = await session.scalars(select(ServiceCount).order_by(ServiceCount.id))
        return [(row.code, row.center_id) for row in rows]


async def status_of(desk: DeskWorld, ticket: Ticket) -> str:
    async with desk.world.session() as session:
        return (await session.get_one(Ticket, ticket.id)).status


async def take(desk: DeskWorld, ticket: Ticket, who: str = "staff") -> Seat:
    seat = await desk.signed_in(who)
    await seat.open(f"/tickets/{ticket.id}")
    await seat.send(f"/tickets/{ticket.id}/take", complexity="ordinary")
    assert "已受理，已告知提问人" in seat.words
    return seat


async def test_accept_ask_back_pass_on_expert_answers_close(both_desks: DeskWorld) -> None:
    desk = both_desks
    ids = desk.world.ids
    ticket = await desk.ticket(
        "示例北园机械有限公司的发明专利 202110123456.7 收到审查意见，怎么答复？",
        enterprise_id=ids["factory"], person_name="张三", phone="13800000000",
    )  # fmt: skip
    page = f"/tickets/{ticket.id}"
    seat = await desk.signed_in("staff")
    home = await seat.open("/")
    assert ticket.number in home
    await seat.open(page)
    assert "张三" in seat.words and "13800000000" in seat.words
    assert "发送答复" not in seat.words  # first somebody takes charge
    await seat.send(f"{page}/take", complexity="complex")
    assert "已受理，已告知提问人" in seat.words
    await seat.send(f"{page}/ask-back", facts="审查意见的期限是哪天？")
    assert "计时暂停" in seat.words
    await desk.told("zhang")
    await desk.world.person("zhang").tap("补充说明")
    await desk.world.person("zhang").say("期限是 12 月 20 日，我的电话 13800000000")
    said = await seat.open(page)
    assert "期限是 12 月 20 日" in said
    await seat.send(f"{page}/pass-on", expert=str(ids["expert_filing"]), note="请看创造性")
    assert "已转专家" in seat.words
    assert await status_of(desk, ticket) == Status.WITH_EXPERT

    expert = await desk.signed_in("expert")
    assert ticket.number in expert.words
    for path in ("/", "/tickets", page):
        said = await expert.open(path)
        assert "202110123456.7" in said
        for secret in ("张三", "13800000000", "示例北园机械有限公司", "91430000DEMO000001"):
            assert secret not in expert.page, path
    assert "期限是 12 月 20 日" in said
    assert "请看创造性" in said
    await expert.send(f"{page}/accept")
    await expert.send(f"{page}/answer", answer="先核对对比文件 1 的公开日。")
    assert "答复已发给提问人" in expert.words
    told = await desk.told("zhang")
    assert "先核对对比文件 1 的公开日。" in "\n".join(told)
    assert await counted(desk) == [("Z04", ids["north"])]

    await seat.open(page)
    await seat.send(f"{page}/close")
    assert "已办结" in seat.words
    assert await counted(desk) == [("Z04", ids["north"]), ("Z01", ids["north"])]
    said = await seat.open("/counts")
    assert "专家解答 1 件" in said and "人工咨询 1 件" in said
    assert f'href="/desk{page}"' in seat.page
    assert desk.woken


async def test_staff_answer_themselves(desk: DeskWorld) -> None:
    ticket = await desk.ticket("年费晚交了一个月")
    seat = await take(desk, ticket)
    await seat.send(f"/tickets/{ticket.id}/answer", answer="还在六个月的补缴期内。")
    assert "还在六个月的补缴期内。" in "\n".join(await desk.told("zhang"))
    await seat.send(f"/tickets/{ticket.id}/close")
    assert [code for code, _ in await counted(desk)] == ["Z01"]
    await seat.send(f"/tickets/{ticket.id}/reopen", still="对方说没收到")
    assert await status_of(desk, ticket) == Status.IN_PROGRESS


async def test_another_center_and_another_expert_see_nothing(desk: DeskWorld) -> None:
    ticket = await desk.ticket("一件只归北园的事")
    for who in ("staff_south", "expert"):
        seat = await desk.signed_in(who)
        for path in ("/", "/tickets", f"/tickets/{ticket.id}"):
            await seat.open(path)
            assert ticket.number not in seat.page
            assert "只归北园" not in seat.page
        assert seat.status == 404
        await seat.send(f"/tickets/{ticket.id}/answer", csrf=await home_token(seat), answer="x")
        assert seat.status == 404
    province = await desk.signed_in("province")
    assert ticket.number in await province.open("/tickets")
    assert await status_of(desk, ticket) == Status.NEW


async def home_token(seat: Seat) -> str:
    await seat.open("/")
    return seat.token()


async def test_the_second_of_two_gets_a_clear_sentence_and_keeps_the_words(
    desk: DeskWorld,
) -> None:
    ticket = await desk.ticket("两个人同时处理")
    page = f"/tickets/{ticket.id}"
    first, second = await desk.signed_in("staff"), await desk.signed_in("colleague")
    await first.open(page)
    await second.open(page)
    await first.send(f"{page}/take", complexity="simple")
    said = await second.send(f"{page}/take", complexity="simple")
    assert second.status == 409
    assert "已由 示例staff 受理" in said
    await first.open(page)
    await second.open(page)
    await first.send(f"{page}/answer", answer="第一份答复")
    said = await second.send(f"{page}/answer", answer="第二份答复，写了半小时")
    assert second.status == 409
    assert "已有人答复" in said
    assert "第一份答复" in said
    assert "第二份答复，写了半小时" in second.page
    await first.send(f"{page}/close")
    said = await second.send(f"{page}/close")
    assert "已有人办结" in said
    assert [code for code, _ in await counted(desk)] == ["Z01"]


async def test_bad_forms_come_back_filled_with_a_sentence_per_field(desk: DeskWorld) -> None:
    ticket = await desk.ticket("表单填错了怎么办")
    page = f"/tickets/{ticket.id}"
    seat = await desk.signed_in("staff")
    await seat.open(page)
    said = await seat.send(f"{page}/take", complexity="impossible")
    assert seat.status == 422
    assert "请选择简单、一般或复杂" in said
    await seat.send(f"{page}/take", complexity="simple")
    assert "请先写答复内容" in await seat.send(f"{page}/answer", answer=" \u200b\n ")
    said = await seat.send(f"{page}/answer", answer="长" * 4001)
    assert "最多 4000 个字，现在有 4001 个" in said
    assert "长" * 4001 in seat.page
    assert "请写明需要提问人补充什么" in await seat.send(f"{page}/ask-back", facts="")
    assert "请从名单里选一位专家" in await seat.send(f"{page}/pass-on", expert="abc")
    said = await seat.send(f"{page}/pass-on", expert="99999", note="留着")
    assert "请换一位" in said and "留着" in seat.page
    assert await status_of(desk, ticket) == Status.ACCEPTED


async def test_conflicted_experts_are_not_on_the_list(desk: DeskWorld) -> None:
    ids = desk.world.ids
    async with desk.world.session() as session:
        session.add(
            Conflict(
                enterprise_id=ids["factory"], expert_id=ids["expert_filing"], reason="代理过对方"
            )
        )
    ticket = await desk.ticket("有利益冲突的一件", enterprise_id=ids["factory"])
    seat = await take(desk, ticket)
    assert "示例专家甲" not in seat.words
    assert "示例专家乙 · 在办 0 件 · 专利申请" in seat.words
    said = await seat.send(f"/tickets/{ticket.id}/pass-on", expert=str(ids["expert_filing"]))
    assert seat.status == 409
    assert "请换一位" in said
    await seat.send(f"/tickets/{ticket.id}/pass-on", expert="")
    assert "正由 示例专家乙 解答" in seat.words


async def test_a_declining_expert_hands_over_and_sees_it_no_more(desk: DeskWorld) -> None:
    ticket = await desk.ticket("换一位专家")
    page = f"/tickets/{ticket.id}"
    seat = await take(desk, ticket)
    await seat.send(f"{page}/pass-on", expert=str(desk.world.ids["expert_filing"]))
    expert = await desk.signed_in("expert")
    await expert.open(page)
    said = await expert.send(f"{page}/decline", reason="", why="出差一周")
    assert "请选一个谢绝的原因" in said and "出差一周" in expert.page
    await expert.send(f"{page}/decline", reason="busy", why="出差一周")
    assert expert.path == "/desk/tickets"
    await expert.open(page)
    assert expert.status == 404
    other = await desk.signed_in("expert_2")
    assert ticket.number in await other.open("/tickets")
    await seat.open(page)
    assert "近期没有时间 出差一周" in seat.words
    await seat.send(f"{page}/recall", why="改由分中心答复")
    assert await status_of(desk, ticket) == Status.IN_PROGRESS
    said = await other.send(f"{page}/answer", csrf=await home_token(other), answer="晚了一步的解答")
    assert other.status == 404
    assert "晚了一步的解答" in said


async def test_what_people_write_is_shown_as_written(desk: DeskWorld) -> None:
    ticket = await desk.ticket(NASTY, person_name=NASTY[:40], phone="<b>1</b>")
    seat = await take(desk, ticket)
    await seat.send(f"/tickets/{ticket.id}/ask-back", facts=NASTY)
    for path in (f"/tickets/{ticket.id}", "/tickets", "/"):
        await seat.open(path)
        assert "<script>alert" not in seat.page
        assert "<img src=x" not in seat.page
        assert NASTY in seat.words or path == "/"
    assert seat.status == 200


async def test_queue_is_oldest_due_first_filtered_and_paged(desk: DeskWorld) -> None:
    late = await desk.ticket("最早的一件", chat="early")
    desk.world.clock.move(days=7)
    tickets = [await desk.ticket(f"第 {n} 个问题", chat=f"chat{n}") for n in range(26)]
    seat = await desk.signed_in("staff")
    said = await seat.open("/")
    assert "1 已超期" in said
    said = await seat.open("/tickets")
    assert said.index(late.number) < said.index(tickets[0].number)
    assert "已超期" in said and "待处理 27" in said
    assert tickets[25].number not in said
    following = re.search(r'href="/desk(/tickets[^"]+)" rel="next"', seat.page)
    assert following is not None
    said = await seat.open(html.unescape(following[1]))
    assert tickets[25].number in said
    assert late.number not in said
    await seat.open(f"/tickets/{late.id}")
    await seat.send(f"/tickets/{late.id}/take", complexity="simple")
    assert late.number not in await seat.open("/tickets?tab=new")
    assert late.number in await seat.open("/tickets?tab=working")
    assert "没有这一类工单" in await seat.open("/tickets?tab=done")
    assert late.number in await seat.open("/tickets?tab=%3Cscript%3E")
