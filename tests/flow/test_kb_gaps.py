"""Questions without a good answer: kept without the asker, grouped, made into drafts."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.messages import Incoming
from bot.recent import recent_questions
from core.config import Config
from core.database import Database
from core.jobs import tick
from directory.model import Contact
from knowledge.model import EntryVersion, Exam, Gap, State, Why
from knowledge.service.gaps import LONGEST, AlreadyHandled, draft_entry, leave, note_gap, open_gaps
from tests.fakes import Unsure
from tests.fakes_desk import DeskWorld
from tests.flow.curators import BLUE, changed, curators, draft, examine, examine_only, step
from tests.world import World

LOST = "专利证书丢了怎么补办"
VAGUE = "商标异议那个"
KNOWN = "专利年费忘交了怎么办"


def unsure(world: World, reason: str = "unsure") -> None:
    world.station.serving.engine = Unsure(world.station.engine, reason)


async def gaps(world: World) -> list[Gap]:
    async with world.session() as session:
        return list(await session.scalars(select(Gap).order_by(Gap.id)))


async def test_what_is_not_answered_is_kept_without_who_asked(both_worlds: World) -> None:
    world = both_worlds
    unsure(world)
    person = world.person()
    await person.open("c_north")
    await person.say(
        "示例北园机械有限公司的专利被冻结了，13800000000，申请号202110123456.7，a@b.cn"
    )
    [row] = await gaps(world)
    assert row.question == "＊＊＊的专利被冻结了，＊＊＊，申请号＊＊＊，＊＊＊"
    assert (row.why, row.entry_id, row.day) == (Why.UNSURE, None, date(2026, 11, 23))
    assert row.center_id == world.ids["north"]
    kept = " ".join(str(value) for value in vars(row).values())
    assert "zhang" not in kept and "fake" not in kept


async def test_a_number_at_the_edge_of_what_is_kept_is_hidden(world: World) -> None:
    unsure(world)
    await world.person().say(f"{LOST}，" * 26 + "请尽快回复我的电话 13800000000")
    [row] = await gaps(world)
    assert len(row.question) <= LONGEST and "1380" not in row.question
    assert row.question.startswith(LOST) and "电话 ＊" in row.question


async def test_one_person_who_asks_again_counts_once_a_day(both_worlds: World) -> None:
    world = both_worlds
    unsure(world)
    for chat in ("zhang", "zhang", "li"):
        await world.person(chat).say(LOST)
    await world.person("zhang").say(f"请问{LOST}？")
    assert len(await gaps(world)) == 2
    world.clock.move(days=1)
    await world.person("zhang").say(LOST)
    assert len(await gaps(world)) == 3


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        ("unsure", Why.UNSURE), ("unclear", Why.UNCLEAR), ("not-in-force", Why.UNSURE),
        ("foreign", None), ("greeting", None), ("abuse", None), ("long", None),
        ("elliptical", None),
    ],
)  # fmt: skip
async def test_only_gaps_of_the_base_are_kept(world: World, reason: str, why: str | None) -> None:
    unsure(world, reason)
    await world.person().say(LOST)
    assert [row.why for row in await gaps(world)] == ([why] if why else [])


async def test_talk_of_a_group_is_not_kept(world: World) -> None:
    unsure(world)
    person = world.person()
    event = Incoming("fake", "g1", "group", "zhang", world.clock(), text=LOST, group=True)
    await person.event(event)
    assert await gaps(world) == []


async def test_rejected_choices_and_unhelpful_answers_are_kept(both_worlds: World) -> None:
    world, person = both_worlds, both_worlds.person()
    await person.say(VAGUE)
    assert await gaps(world) == []  # choices were offered: nobody knows yet
    await person.tap("都不是")
    await person.say(KNOWN)
    entry = world.station.engine.ask(KNOWN, date(2026, 11, 23)).entry
    for _ in range(2):
        await person.tap("没解决")
    assert [(row.question, row.why, row.entry_id) for row in await gaps(world)] == [
        (VAGUE, Why.REJECTED, None),
        (KNOWN, Why.UNHELPFUL, entry),
    ]


async def test_an_earlier_answer_rated_later_is_about_its_entry(world: World) -> None:
    person = world.person()
    await person.say(KNOWN)
    first = person.find("没解决")
    entry = world.station.engine.ask(KNOWN, date(2026, 11, 23)).entry
    assert entry is not None
    await person.say("商标怎么申请")
    await person.event(Incoming("fake", "t1", "zhang", "zhang", world.clock(), button=first))
    [row] = await gaps(world)
    assert (row.entry_id, row.question) == (
        entry,
        world.station.engine.base.entries[entry].question,
    )


async def test_they_are_forgotten_after_the_time_in_the_settings(both_worlds: World) -> None:
    world = both_worlds
    days = world.station.config.knowledge.gap_days
    job = next(job for job in world.station.jobs if job.name == "kb-drop-old-gaps")
    async with world.session() as session:
        await note_gap(session, question=LOST, why=Why.UNSURE, chat="a", now=world.clock())
    for passed, left in ((days, 1), (1, 0)):
        now = world.clock.move(days=passed)
        await tick(world.station.database, job, now)
        assert len(await gaps(world)) == left


@pytest.fixture
async def desk(
    sqlite_database: Database, config: Config, tmp_path: Path
) -> AsyncIterator[DeskWorld]:
    async with curators(sqlite_database, config, tmp_path / "entries") as served:
        yield served


async def ask(
    world: World, *questions: str, why: Why = Why.UNSURE, entry: str | None = None
) -> str:
    """Keep them, each from another chat; their ids as a form has them."""
    async with world.session() as session:
        for n, question in enumerate(questions):
            await note_gap(
                session, question=question, why=why, chat=f"{question}{n}",
                now=world.clock() - timedelta(days=1), entry_id=entry,
            )  # fmt: skip
        return ",".join(str(row.id) for row in await open_gaps(session))


async def test_so_are_exams_which_quote_what_people_asked(desk: DeskWorld) -> None:
    editor, days = await desk.signed_in("editor"), desk.world.station.config.knowledge.gap_days
    job = next(job for job in desk.world.station.jobs if job.name == "kb-drop-old-gaps")
    await draft(editor, changed())
    await examine_only(desk, editor)
    for passed, left in ((days, 1), (1, 0)):
        await tick(desk.world.station.database, job, desk.world.clock.move(days=passed))
        async with desk.world.session() as session:
            assert len(list(await session.scalars(select(Exam.id)))) == left


async def test_groups_are_listed_most_asked_first(desk: DeskWorld) -> None:
    await ask(desk.world, "布图设计登记费要多少")
    await ask(desk.world, LOST, f"请问{LOST}", f"{LOST}呢", LOST)
    await ask(desk.world, "蓝专利每年交多少钱呀", why=Why.UNHELPFUL, entry=BLUE)
    seat = await desk.signed_in("editor")
    assert "没答好的提问 6" in await seat.open("/kb")
    said = await seat.open("/kb/gaps")
    assert said.index(LOST) < said.index("布图设计登记费")
    assert "4 次" in said and "最近 11月22日" in said
    assert "给出的条目： 蓝色专利的年费怎么交？" in said
    assert "蓝专利每年" not in await seat.open("/kb/gaps?tab=unanswered")
    assert LOST not in await seat.open("/kb/gaps?tab=unhelpful")
    for who in ("staff", "expert"):
        other = await desk.signed_in(who)
        await other.open("/kb/gaps")
        assert other.status == 403


async def test_a_group_becomes_a_draft_in_one_step(desk: DeskWorld) -> None:
    ids = await ask(desk.world, LOST, f"请问{LOST}？", LOST)
    seat = await desk.signed_in("editor")
    await seat.open("/kb/gaps")
    assert seat.hidden("ids").count(",") == 2
    said = await seat.send("/kb/gaps/write", ids=seat.hidden("ids"), area="filing", slug="lost-it")
    assert seat.path == "/desk/kb/filing-lost-it/edit" and "已建成草稿" in said
    assert f'question: "{LOST}"' in said and f'- "请问{LOST}？"' in said
    assert LOST not in await seat.open("/kb/gaps")
    said = await seat.open("/kb/filing-lost-it")
    assert "用户问过 3 次" in said and "没有简短回答" in said and "sources" in said
    await seat.open("/kb/gaps")
    await seat.send("/kb/gaps/write", ids=ids, area="filing", slug="lost-again")
    assert seat.status == 409 and "刚由别人处理过" in seat.words


async def test_what_was_kept_with_more_in_it_goes_into_no_draft(desk: DeskWorld) -> None:
    """Rows of a time when less was hidden, and a name that has become known since."""
    ids = await ask(desk.world, LOST, f"我是王小明，{LOST}")
    async with desk.world.session() as session:
        told = f"{LOST}，申请号202110123456.7"
        await session.execute(update(Gap).where(Gap.question == LOST).values(question=told))
        session.add(
            Contact(channel="fake", user="wang", name="王小明", created_at=desk.world.clock())
        )
    seat = await desk.signed_in("editor")
    said = await seat.open("/kb/gaps")
    assert "202110123456" not in said and "可能有漏" in said
    await seat.send("/kb/gaps/write", ids=ids, area="filing", slug="lost-it")
    async with desk.world.session() as session:
        row = await session.scalar(select(EntryVersion).where(EntryVersion.state == State.DRAFT))
    assert row is not None
    text = "".join(row.files.values())
    assert f"我是＊＊＊，{LOST}" in text and f"{LOST}，申请号＊＊＊" in text
    assert "202110123456" not in text and "王小明" not in text


async def test_a_bad_or_taken_name_changes_nothing(desk: DeskWorld) -> None:
    ids = await ask(desk.world, LOST)
    seat = await desk.signed_in("editor")
    for slug, told, status in (("Lost It", "小写英文", 422), ("blue-fee", "已经用过", 409)):
        await seat.open("/kb/gaps")
        said = await seat.send("/kb/gaps/write", ids=ids, area="filing", slug=slug)
        assert seat.status == status
        assert told in said and LOST in said
    await seat.send("/kb/gaps/write", ids="x", area="filing", slug="lost")
    assert seat.status == 400
    await seat.open("/kb/gaps")
    await seat.send("/kb/gaps/add", ids=ids, entry="filing-nothing")
    assert seat.status == 409 and "没有找到这个条目" in seat.words
    assert [row.handled for row in await gaps(desk.world)] == [""]


async def test_a_group_becomes_ways_of_asking_and_is_then_answered(desk: DeskWorld) -> None:
    question = "蓝本本的维持费上哪儿缴"
    await ask(desk.world, question, why=Why.UNHELPFUL, entry=BLUE)
    editor, other = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await editor.open("/kb/gaps")
    assert f'placeholder="条目编号" value="{BLUE}"' in editor.page  # one step: it is filled in
    said = await editor.send("/kb/gaps/add", ids=editor.hidden("ids"), entry=BLUE)
    assert editor.path == f"/desk/kb/{BLUE}/edit" and f'- "{question}"' in said
    await step(other, "review")
    await examine(desk, other)
    assert "已发布" in await step(other, "publish")
    assert "每年交一次" in "\n".join(await desk.world.person("wang").say(question))
    async with desk.world.session() as session:
        row = await session.scalar(select(EntryVersion).where(EntryVersion.number == 2))
        assert row is not None and row.source.startswith("gaps:") and row.state == State.PUBLISHED


async def test_an_entry_under_work_keeps_the_group(desk: DeskWorld) -> None:
    ids = await ask(desk.world, "蓝本本的维持费上哪儿缴", why=Why.UNHELPFUL, entry=BLUE)
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await draft(first, changed())
    await second.open("/kb/gaps")
    said = await second.send("/kb/gaps/add", ids=ids, entry=BLUE)
    assert second.status == 409 and "示例编辑甲 正在修改这个条目" in said
    assert [row.handled for row in await gaps(desk.world)] == [""]


async def test_a_group_is_left_with_a_reason(desk: DeskWorld) -> None:
    ids = await ask(desk.world, LOST, f"请问{LOST}")
    seat = await desk.signed_in("province")
    await seat.open("/kb/gaps")
    assert "请写明原因" in await seat.send("/kb/gaps/drop", ids=ids, why="")
    said = await seat.send("/kb/gaps/drop", ids=ids, why="归不动产登记管")
    assert "已记录不处理，共 2 次提问" in said and LOST not in said
    rows = await gaps(desk.world)
    assert {(row.handled, row.note, row.handled_by) for row in rows} == {
        ("left", "归不动产登记管", "示例province")
    }


async def test_of_two_editors_at_once_one_settles_a_group(
    database: Database, config: Config, tmp_path: Path
) -> None:
    async with curators(database, config, tmp_path / "entries") as desk:
        ids = [int(one) for one in (await ask(desk.world, LOST, f"请问{LOST}")).split(",")]
        first, second = await desk.actor("editor"), await desk.actor("editor_2")
        now = desk.world.clock()

        async def write() -> str:
            async with desk.world.session() as session:
                await draft_entry(
                    session, actor=first, ids=ids, area="filing", slug="lost", now=now
                )
            return "draft"

        async def drop() -> str:
            async with desk.world.session() as session:
                await leave(session, actor=second, ids=ids, why="不归我们管", now=now)
            return "left"

        done = await asyncio.gather(write(), drop(), return_exceptions=True)
        [won] = [one for one in done if isinstance(one, str)]
        assert sum(isinstance(one, AlreadyHandled) for one in done) == 1
        assert {row.handled for row in await gaps(desk.world)} == {won}


async def test_recent_questions_for_an_exam_tell_of_nobody(both_worlds: World) -> None:
    world = both_worlds
    unsure(world)
    for asked in ("示例顾问一说的那件 202110123456.7 怎么办", "91430000DEMO000001 的商标，a@b.cn"):
        await world.person().say(asked)
    async with world.session() as session:
        assert await recent_questions(session) == [
            "＊＊＊ 的商标，＊＊＊",
            "＊＊＊说的那件 ＊＊＊ 怎么办",
        ]
