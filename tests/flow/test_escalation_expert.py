"""An expert in the chat: the ticket handed over, answered, declined."""

from escalation.service.pass_on import pass_on
from escalation.service.recall import recall
from escalation.service.take import take
from tests.flow.escalating import (
    NUMBER,
    Staff,
    submitted,
    tied_expert,
)
from tests.world import World


async def test_only_the_expert_it_is_with_may_act(world: World, staff: Staff) -> None:
    doctor, second = (
        await tied_expert(world),
        await tied_expert(world, "doctor2", "expert_filing_2"),
    )
    await submitted(world)
    await staff.do(take, levels=staff.levels)
    await staff.do(pass_on, levels=staff.levels)
    assert "现在没有等您解答" in (await second.say("待答"))[0]
    await doctor.tap("谢绝")
    await doctor.tap("近期没有时间")
    assert "已退回" in doctor.told()[-1]
    for label in ("接受", "回答", "谢绝"):
        assert "没有找到这张工单" in (await doctor.tap(label))[0]
    assert NUMBER in (await second.say("待答"))[0] + "".join(second.labels())
    await second.tap(NUMBER)
    await second.tap("接受")
    await staff.do(recall)
    assert "已收回" in second.told()[-1]
    assert "没有找到这张工单" in (await second.tap("回答"))[0]
    assert "专家用的功能" in (await world.person("zhang").say("待答"))[0]


async def test_an_expert_declines_in_own_words_and_rewrites(world: World, staff: Staff) -> None:
    doctor, person = await tied_expert(world), await submitted(world)
    await staff.do(take, levels=staff.levels)
    await staff.do(pass_on, levels=staff.levels)
    await doctor.tap("回答")
    await doctor.say("第一稿")
    old = doctor.find("发送给提问人")
    await doctor.tap("重写")
    await doctor.say("第二稿")
    assert "内容变过了" in (await doctor._send(button=old))[0]
    await doctor.say("取消")
    assert "已经发送、取消或重写" in (await doctor._send(button=old))[0]
    await doctor.tap("谢绝")
    await doctor.say("对方是我的老东家")
    assert "已退回" in doctor.told()[-1]
    assert "另请一位省级专家" in person.told()[-1]
    assert all("老东家" not in text for text in person.told())
