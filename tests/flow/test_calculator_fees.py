"""Fees worked out in a chat: tapped and typed."""

import pytest

from tests.flow.calculating import flow, in_english, run
from tests.world import World


async def test_fees_tapped(world: World) -> None:
    person = world.person()
    await person.say("算一下费用")
    assert person.labels() == ["发明", "实用新型", "外观设计"]
    for label in ("发明", "10 项以内", "30 页以内", "没有"):
        await person.tap(label)
    (card,) = await person.tap("减缴 85%")
    for shown in (
        "申请费：135 元（减缴前 900 元）",
        "公布印刷费：50 元\n",
        "合计应缴 560 元，减缴前 3450 元",
        "第 1–3 年度：每年 135 元（减缴前 900 元）",
        "第 16–20 年度：每年 8000 元\n",
        "不是法律意见",
    ):
        assert shown in card
    assert "没有给权利要求项数" not in card
    assert person.labels() == ["再算一个", "转人工", "预约顾问"]
    assert await flow(world) is None


async def test_fees_typed(world: World) -> None:
    person = world.person()
    card = await run(person, "/fees", "发明专利", "十二项", "35", "1", "85%")
    for shown in (
        "第11项至第12项，2项）：300 元",
        "第31页至第35页，5页）：250 元",
        "优先权要求费（1项）：80 元",
        "合计应缴 1190 元，减缴前 4080 元",
    ):
        assert shown in card


async def test_a_design_is_not_asked_for_claims_and_pages(world: World) -> None:
    person = world.person()
    assert "几项优先权" in await run(person, "费用计算", "外观")
    assert "费减备案" in await run(person, "没有")
    assert "合计应缴 150 元" in await run(person, "两个以上")


async def test_a_typed_number_is_the_count_and_not_the_place_of_a_button(world: World) -> None:
    person = world.person()
    await run(person, "费用计算", "实用新型", "1", "1", "3")
    assert "优先权要求费（3项）：240 元" in await run(person, "不减")


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ("-3", "1 到 9999 之间的整数，您给的是 -3"),
        ("0", "您给的是 0"),
        ("100000", "您给的是 100000"),
        ("很多", "没看懂权利要求项数"),
        ("12.5", "没看懂权利要求项数"),
        ("9" * 500, "没看懂权利要求项数"),
        ("没有", "没看懂权利要求项数"),
    ],
)
async def test_a_number_that_cannot_be(world: World, wrong: str, why: str) -> None:
    person = world.person()
    await run(person, "费用计算", "发明")
    said, again = await person.say(wrong)
    assert why in said
    assert "权利要求一共几项" in again
    assert "说明书一共几页" in await run(person, "12")


async def test_other_answers_that_cannot_be(world: World) -> None:
    person = world.person()
    await person.say("费用计算")
    assert "请输入“发明”" in (await person.say("版权"))[0]
    await run(person, "发明", "12", "30")
    assert "您给的是 -1" in (await person.say("-1"))[0]
    await person.say("0")
    for wrong in ("50", "100"):
        said, again = await person.say(wrong)
        assert f"费减比例 {wrong}% 不在标准里" in said
        assert "费减备案" in again
    assert "没看懂费减比例" in (await person.say("随便"))[0]
    assert "合计应缴 1370 元" in await run(person, "70")


async def test_fees_back_and_change(world: World) -> None:
    person = world.person()
    await run(person, "费用计算", "发明", "12")
    assert "权利要求一共几项" in await run(person, "返回")
    assert "几项优先权" in (await person.tap("外观设计"))[-1]
    assert "已取消" in await run(person, "取消")
    old = person.find("没有")
    assert "请输入“费用计算”重新开始" in (await person._send(button=old))[0]


async def test_fees_in_english(world: World) -> None:
    person = world.person()
    await in_english(world, person)
    card = await run(person, "fees", "invention", "12", "35", "none", "85")
    assert "To be paid: 1110 yuan, in full 4000" in card
    assert "Year 1–3: 135 yuan a year (in full 900)" in card
