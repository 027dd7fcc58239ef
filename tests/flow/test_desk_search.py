"""What staff find, and what nobody finds who must not."""

import re
from collections.abc import AsyncIterator

import pytest

from core.fulltext import cut, cut_words
from directory.model import Contact, Liaison
from escalation.service.index import index_changed
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld, Seat, desk_of
from tests.world import World


@pytest.fixture
async def desk(both_worlds: World) -> AsyncIterator[DeskWorld]:
    async with desk_of(both_worlds) as served:
        yield served


async def index(desk: DeskWorld) -> None:
    async with desk.world.session() as session:
        await index_changed(session, desk.world.clock())


async def find(seat: Seat, asked: str) -> str:
    await seat.open(f"/search?q={asked}")
    assert seat.status == 200
    seat.page = re.sub("</?mark>", "", seat.page)  # marks break words in the middle
    return seat.words


def test_texts_are_cut_into_pairs_words_and_numbers() -> None:
    assert list(cut("外观专利 202110123456.7，ＺＬ号")) == [
        "外观", "观专", "专利", "202110123456", "7", "zl", "号",
    ]  # fmt: skip
    assert cut_words(["_center1 专利专利", None], ("center2",)) == "_center2 center1 专利 利专"


async def test_tickets_are_found_by_question_answer_number_person_and_enterprise(
    desk: DeskWorld,
) -> None:
    ticket = await desk.ticket(
        "保温杯的外观设计被人仿冒", person_name="欧阳", phone="13800000000",
        enterprise_id=desk.world.ids["factory"],
    )  # fmt: skip
    other = await desk.ticket("商标续展要多少钱", chat="li")
    await index(desk)
    seat = await desk.signed_in("staff")
    for asked in (
        "保温杯", "外观 仿冒", "杯", ticket.number, ticket.number[:-4], "欧阳", "1380000",
        "北园机械", "91430000demo000001",
    ):  # fmt: skip
        said = await find(seat, asked)
        assert f"{ticket.number}" in said, asked
        assert "商标续展" not in said or asked == ticket.number[:-4]
    await seat.open("/search?q=保温杯")
    assert "<mark>保温杯</mark>" in seat.page
    for asked in ("保温壶", "", "%25", "' OR 1=1 --", "*", '"', "&amp; | !", "(", "NOT 外观"):
        assert ticket.number not in await find(seat, asked), asked
    await seat.open(f"/tickets/{other.id}")
    await seat.send(f"/tickets/{other.id}/take", complexity="simple")
    await seat.send(f"/tickets/{other.id}/answer", answer="按区分表的类别收取规费")
    assert other.number not in await find(seat, "区分表")
    await index(desk)
    assert other.number in await find(seat, "区分表")


async def test_another_center_and_an_expert_find_only_what_is_theirs(desk: DeskWorld) -> None:
    ticket = await desk.ticket(
        "我是欧阳，保温杯的外观设计 202110123456.7 被仿冒，电话 13800000000",
        person_name="欧阳", phone="13800000000", enterprise_id=desk.world.ids["factory"],
    )  # fmt: skip
    south = await desk.ticket(
        "南园的 _center1 保温杯", chat="li", center_id=desk.world.ids["south"]
    )
    await index(desk)
    stranger, expert = await desk.signed_in("staff_south"), await desk.signed_in("expert")
    said = await find(stranger, "保温杯")
    assert south.number in said and ticket.number not in said
    assert "示例北园机械" not in await find(stranger, "机械")
    assert ticket.number not in await find(expert, "保温杯")
    seat = await desk.signed_in("staff")
    assert south.number not in await find(seat, "保温杯")
    await seat.open(f"/tickets/{ticket.id}")
    await seat.send(f"/tickets/{ticket.id}/take", complexity="simple")
    await seat.send(
        f"/tickets/{ticket.id}/pass-on", expert=str(desk.world.ids["expert_filing"]), note="内部"
    )
    await index(desk)
    assert ticket.number in await find(expert, "保温杯")
    assert ticket.number in await find(expert, "202110123456.7")
    for secret in ("欧阳", "13800000000", "北园机械", "内部"):
        said = await find(expert, secret)
        assert ticket.number not in said, secret
        assert "示例北园机械有限公司" not in said
    # Given back, it is the next expert's alone.
    await expert.open(f"/tickets/{ticket.id}")
    await expert.send(f"/tickets/{ticket.id}/decline", reason="busy")
    await index(desk)
    assert ticket.number in await find(await desk.signed_in("expert_2"), "保温杯")
    assert ticket.number not in await find(expert, "保温杯")
    both = await find(await desk.signed_in("province"), "保温杯")
    assert ticket.number in both and south.number in both


async def test_people_and_entries_are_found_too(desk: DeskWorld) -> None:
    ids, now = desk.world.ids, desk.world.clock()
    async with desk.world.session() as session:
        session.add_all(
            [
                Liaison(enterprise_id=ids["factory"], name="诸葛联络", since=MONDAY.date()),
                Liaison(enterprise_id=ids["southern"], name="诸葛南园", since=MONDAY.date()),
                Contact(
                    channel="fake", user="z", name="诸葛来电", phone="13900000000",
                    center_id=ids["north"], created_at=now,
                ),
            ]
        )  # fmt: skip
    seat = await desk.signed_in("staff")
    said = await find(seat, "诸葛")
    assert "联络员 诸葛联络 示例北园机械有限公司" in said
    assert "联系人 诸葛来电 13900000000" in said
    assert "诸葛南园" not in said
    assert "在知识库里打开" not in await find(seat, "年费")
    assert "滞纳金" in seat.words
    editor = await desk.signed_in("editor")
    assert "在知识库里打开" in await find(editor, "年费")
    assert "诸葛" not in (await find(editor, "诸葛")).replace("“诸葛”", "")
    assert "缩小范围" not in await find(seat, "没有这样的词组")


async def test_the_card_of_an_enterprise_belongs_to_its_center(desk: DeskWorld) -> None:
    ids = desk.world.ids
    async with desk.world.session() as session:
        session.add(Liaison(enterprise_id=ids["factory"], name="联络甲", since=MONDAY.date()))
    ticket = await desk.ticket("工厂问的一件事", enterprise_id=ids["factory"])
    meeting = await desk.appointment(MONDAY)
    seat = await desk.signed_in("staff")
    await seat.open("/appointments")
    await seat.send(f"/appointments/{meeting.id}/check-in")
    said = await seat.open(f"/enterprises/{ids['factory']}")
    for part in ("联络甲", ticket.number, "共 1 件，1 件待处理", meeting.code, "预约会诊 1 次"):
        assert part in said
    assert f'href="/desk/enterprises/{ids["factory"]}"' in await page(seat, f"/tickets/{ticket.id}")
    for who in ("staff_south", "province"):
        other = await desk.signed_in(who)
        await other.open(f"/enterprises/{ids['factory']}")
        assert other.status == (404 if who == "staff_south" else 200)
    await (await desk.signed_in("expert")).open(f"/enterprises/{ids['factory']}")


async def page(seat: Seat, path: str) -> str:
    await seat.open(path)
    return seat.page
