"""A conversation in which one message leans on the one before, or asks two things at once."""

from datetime import date

import pytest
from sqlalchemy import select

from bot.answers import answer
from bot.model import Conversation
from core.texts import plain
from knowledge.engine import Engine
from tests.world import Person, World, utc

FEE = "申请一件发明专利官费要交多少？"
ANNUITY = "专利年费每年什么时候交？"
OPPOSE = "怎么对别人公告的商标提异议？"


async def row(world: World) -> Conversation:
    async with world.session() as session:
        return (await session.scalars(select(Conversation))).one()


async def asker(world: World) -> Person:
    person = world.person()
    await person.open("c_north")
    return person


async def test_a_follow_up_is_answered_and_says_how_it_was_understood(both_worlds: World) -> None:
    person = await asker(both_worlds)
    await person.say(FEE)
    told = (await person.say("那外观呢"))[0]
    assert "接着上文" in told
    assert "申请一件外观设计官费要交多少" in told
    assert (await row(both_worlds)).last_entry == "filing-fee-design"
    told = (await person.say("有什么依据"))[0]
    assert told.index("缴费服务指南") < told.index("外观设计申请费")
    assert "申请一件实用新型官费要交多少" in (await person.say("实用新型呢"))[0]


async def test_thanks_in_between_lose_nothing(world: World) -> None:
    person = await asker(world)
    await person.say(FEE)
    for text in ("谢谢", "👍", "哈哈", "ok"):
        await person.say(text)
    assert "申请一件外观设计官费要交多少" in (await person.say("那外观呢"))[0]


async def test_silence_ends_the_context_and_small_talk_does_not_bring_it_back(world: World) -> None:
    person = await asker(world)
    await person.say(FEE)
    world.clock.move(minutes=29)
    assert "**费用**" not in (told := (await person.say("多少钱"))[0])
    assert "申请费" in told
    world.clock.move(minutes=31)
    assert (await person.say("多少钱"))[0] == plain("ask.elliptical")
    await person.say(FEE)
    world.clock.move(minutes=31)
    await person.say("你好")
    assert (await person.say("多少钱"))[0] == plain("ask.elliptical")


async def test_a_flow_has_no_context_and_leaves_none(world: World) -> None:
    person = await asker(world)
    await person.say(FEE)
    await person.say("预约")
    assert "接着上文" not in "".join(await person.say("那外观呢"))
    await person.say("取消")
    assert (await person.say("多少钱"))[0] == plain("ask.elliptical")


async def test_what_cannot_be_followed_is_said_honestly_and_offers_a_person(world: World) -> None:
    person = await asker(world)
    await person.say(FEE)
    told = (await person.say("在线可以吗"))[0]
    assert "网上怎么办理" in told
    assert "没有可靠的答案" in told
    assert "转人工" in person.labels()
    assert "申请费" in (await person.say("多少钱"))[0]  # the answer before is still leaned on


async def test_another_chat_is_no_context(world: World) -> None:
    mine, other = await asker(world), world.person("other")
    await mine.say(FEE)
    assert (await other.say("多少钱"))[0] == plain("ask.elliptical")


async def test_two_questions_get_two_answers_each_with_its_rating(both_worlds: World) -> None:
    person = await asker(both_worlds)
    told = await person.say(f"{FEE}另外{ANNUITY}")
    assert FEE in told[0]
    assert ANNUITY in told[1]
    assert len(told) == 2
    assert person.labels().count("没解决") == 2
    assert (await row(both_worlds)).last_entry == "filing-annual-fee-when"
    assert "抱歉没能解决" in (await person.tap("没解决"))[0]


POINTED = {
    "第一个": 0, "第二个": 1, "2": 1, "选第二个": 1, "第2条": 1, "前面那个": 0, "后面那个": -1,
    "最后一个": -1, "the second one": 1, "第三个吧": 2,
}  # fmt: skip


@pytest.mark.parametrize(("said", "place"), POINTED.items())
async def test_a_choice_is_pointed_at_in_words(world: World, said: str, place: int) -> None:
    person = await asker(world)
    await person.say("年费")
    offered = [label for label in person.labels() if label != "都不是"]
    assert len(offered) == 4
    assert offered[place] in (await person.say(said))[0]


async def test_an_ordinal_that_no_button_has_is_no_choice(world: World) -> None:
    person = await asker(world)
    await person.say("年费")
    assert "请用一句话" in (await person.say("第九个"))[0] or person.last


@pytest.mark.parametrize(
    ("now", "today", "next_year"),
    [(utc(2026, 12, 31, 15, 59), "3个月内", "2个月内"), (utc(2026, 12, 31, 16, 0), "2个月内", "")],
)
async def test_midnight_in_shanghai_turns_the_law(
    world: World, now: object, today: str, next_year: str
) -> None:
    world.clock.now = now  # type: ignore[assignment]
    person = await asker(world)
    told = (await person.say(OPPOSE))[0]
    assert f"初步审定公告之日起{today}" in told
    told = (await person.say(f"2027年1月1日以后{OPPOSE}"))[0]
    if next_year:
        assert "按2027年1月1日施行的规定" in told
        assert told.index(f"公告之日起{next_year}") < told.index("现行规定")
    else:
        assert "现行规定" not in told
        assert "公告之日起2个月内" in told


async def test_choices_about_next_year_lead_to_next_years_rule(world: World) -> None:
    person = await asker(world)
    await person.say("明年的商标异议规定那个事")
    told = (await person.tap("怎么对别人公告的商标提异议"))[0]
    assert "按2027年1月1日施行的规定" in told


async def test_former_rules_that_are_not_on_file_are_not_made_up(world: World) -> None:
    person = await asker(world)
    told = (await person.say(f"2023年的规定，{FEE}"))[0]
    assert "没有收录" in told
    assert "转人工" in person.labels()


async def test_a_robot_says_that_it_is_one(world: World) -> None:
    assert "不是真人" in (await (await asker(world)).say("你是机器人吗"))[0]


def test_programs_get_all_answers_and_citations(engine: Engine) -> None:
    found = answer(engine, f"{FEE}{ANNUITY}", date(2026, 11, 22))
    assert found["entry"] == "filing-fee-invention"
    assert [item["entry"] for item in found["also"]] == ["filing-annual-fee-when"]
    assert set(found["also"][0]) == {"entry", "title", "confidence"}
    assert FEE in found["answer"]
    assert ANNUITY in found["answer"]
    assert any("缴费服务指南" in cited for cited in found["citations"])
    assert "《专利法》第四十三条" in found["citations"]
    assert answer(engine, FEE, date(2026, 11, 22))["also"] == []
