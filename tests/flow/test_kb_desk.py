"""The knowledge base at the desk: from a draft to an answer in the chat, and all that refuses."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.config import Config
from core.database import Database
from knowledge.model import EntryEvent, EntryVersion, Exam, State
from tests.fakes_desk import DeskWorld, Seat
from tests.flow.curators import (
    BLUE,
    QUESTION,
    changed,
    curators,
    draft,
    examine,
    few,
    publish,
    step,
)
from tests.unit.knowledge.small import entry


@pytest.fixture
async def desk(
    sqlite_database: Database, config: Config, tmp_path: Path
) -> AsyncIterator[DeskWorld]:
    async with curators(sqlite_database, config, tmp_path / "entries") as served:
        yield served


@pytest.fixture
async def both_desks(
    database: Database, config: Config, tmp_path: Path
) -> AsyncIterator[DeskWorld]:
    async with curators(database, config, tmp_path / "entries") as served:
        yield served


async def versions(desk: DeskWorld, entry_id: str = BLUE) -> list[tuple[int, str]]:
    async with desk.world.session() as session:
        rows = await session.scalars(
            select(EntryVersion)
            .where(EntryVersion.entry_id == entry_id)
            .order_by(EntryVersion.number)
        )
        return [(row.number, row.state) for row in rows]


async def test_a_change_is_reviewed_examined_published_and_answered(both_desks: DeskWorld) -> None:
    desk = both_desks
    zhang = desk.world.person("zhang")
    assert "每年交一次" in "\n".join(await zhang.say(QUESTION))
    said = await publish(desk, changed())
    assert "已发布，对话里已经按新内容回答" in said
    assert "每两年交一次" in "\n".join(await zhang.say(QUESTION))
    assert await versions(desk) == [(1, State.EXPIRED), (2, State.PUBLISHED)]
    for line in ("-蓝色专利每年交一次年费", "+蓝色专利的年费改为每两年交一次。", "规定变了"):
        assert line in said
    async with desk.world.session() as session:
        trail = await session.scalars(select(EntryEvent).where(EntryEvent.entry_id == BLUE))
        assert [(e.verb, e.actor) for e in trail] == [
            ("import", "import"), ("draft", "示例编辑甲"), ("review", "示例编辑乙"),
            ("exam", "示例编辑甲"), ("publish", "示例编辑甲"),
        ]  # fmt: skip


async def test_a_new_entry_from_the_form_is_answered(desk: DeskWorld) -> None:
    editor, other = await desk.signed_in("editor"), await desk.signed_in("province")
    await editor.open("/kb/new")
    asks = [
        "紫材料放哪",
        "紫图纸保密吗",
        "紫方子锁哪里",
        "紫的资料谁保管",
        "紫档案室在哪",
        "紫色归档",
    ]
    said = await editor.send(
        "/kb/new",
        area="trade-secret",
        slug="purple-file",
        question="紫色图纸存放在哪里？",
        asks="\r\n".join(asks),
        short="紫色图纸放在档案室，由专人保管。",
        sources="民法典 第一百二十三条",
        body="## 注意\n- 借阅要登记。",
        related="",
        doubt="",
        valid_from="2026-11-23",
        why="常有人问",
    )
    assert "已存为草稿" in said and "错误" not in said.replace("没有错误", "")
    assert "由专人保管" in said
    await step(other, "review", "trade-secret-purple-file")
    await examine(desk, other, "trade-secret-purple-file")
    await step(editor, "publish", "trade-secret-purple-file")
    told = "\n".join(await desk.world.person("li").say("紫图纸保密吗"))
    assert "由专人保管" in told and "借阅要登记" in told


async def test_nobody_reviews_words_of_their_own(desk: DeskWorld) -> None:
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    said = await draft(first, changed())
    assert "要由另一位同事复核" in said
    await first.send(f"/kb/{BLUE}/review", version=first.hidden("version"), seen="0")
    assert first.status == 409 and "不能由自己复核" in first.words
    await draft(second, changed("蓝色专利每三年交一次。"))  # who writes in it is an author too
    await step(second, "review")
    assert "不能由自己复核" in second.words
    assert await versions(desk) == [(1, State.PUBLISHED), (2, State.DRAFT)]


async def test_two_people_at_once_lose_nothing(both_desks: DeskWorld) -> None:
    desk = both_desks
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    for seat in (first, second):
        await seat.open(f"/kb/{BLUE}/edit")
    shown = {"version": "", "seen": "", "based_on": "", "name-0": "filing/blue-fee.md"}
    await first.send(f"/kb/{BLUE}/edit", **shown, **{"file-0": changed("甲写的。")}, why="甲")
    await second.send(f"/kb/{BLUE}/edit", **shown, **{"file-0": changed("乙写的。")}, why="乙")
    assert second.status == 409
    assert "示例编辑甲 正在修改这个条目" in second.words and "乙写的。" in second.words
    for seat in (first, second):
        await seat.open(f"/kb/{BLUE}/edit")
    await draft(second, changed("乙接着写。"))
    old = {"version": first.hidden("version"), "seen": "0", "based_on": "1"}
    said = await first.send(
        f"/kb/{BLUE}/edit",
        **old, **{"name-0": "filing/blue-fee.md", "file-0": changed("甲又写。")}, why="甲",
    )  # fmt: skip
    assert first.status == 409 and "刚刚被别人改过" in said and "甲又写。" in said
    async with desk.world.session() as session:
        row = await session.scalar(select(EntryVersion).where(EntryVersion.number == 2))
        assert row is not None and "乙接着写。" in row.files["filing/blue-fee.md"]


async def test_errors_are_kept_but_go_no_further(desk: DeskWorld) -> None:
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    said = await draft(first, entry(valid_from="2026-02-30"))
    assert "filing/blue-fee.md:" in said and "2026-02-30" in said and "真实存在的日期" in said
    said = await step(second, "review")
    assert second.status == 409 and "还有" in said and "2026-02-30" in said
    assert await versions(desk) == [(1, State.PUBLISHED), (2, State.DRAFT)]


async def test_publishing_needs_an_exam_that_was_looked_at_and_is_fresh(desk: DeskWorld) -> None:
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await draft(first, changed())
    await step(second, "review")
    assert "发布前要先测试" in await step(first, "publish")
    await first.open(f"/kb/{BLUE}/exam")
    await first.send(f"/kb/{BLUE}/exam")
    await desk.examiner.idle()
    assert "发布前要先测试" in await step(first, "publish")  # held, but nobody has looked
    await examine(desk, first)
    await draft(first, changed("又改了。"))
    await step(second, "review")
    assert "原来的测试作废" in await step(first, "publish")
    await examine(desk, first)
    await publish(desk, entry("trademark/red-mark", "红牌子请先看公告。"), "trademark-red-mark")
    assert "原来的测试作废" in await step(first, "publish")  # the base around it has changed
    await examine(desk, first)
    assert "已发布" in await step(first, "publish")


async def test_the_exam_lists_what_would_be_answered_differently(desk: DeskWorld) -> None:
    """The phrasing somebody really typed moves from one entry to another; names are masked."""
    await desk.world.person("zhang").say("红牌子让同行先注册了，电话 13800000000")
    await desk.world.person("zhang").say("绿发明查重去哪里")
    given_up = entry("filing/green-search").replace("绿发明查重去哪里", "绿点子备案")
    await publish(desk, given_up, "filing-green-search")
    editor = await desk.signed_in("editor")
    taken = entry("trademark/red-mark").replace("红牌子让同行先注册了", "绿发明查重去哪里")
    await draft(editor, taken, "trademark-red-mark")
    said = await examine(desk, editor, "trademark-red-mark")
    assert "绿发明查重去哪里" in said
    async with desk.world.session() as session:
        exam = (await session.scalars(select(Exam).order_by(Exam.id.desc()))).first()
        assert exam is not None and exam.finished_at is not None
        assert exam.done == exam.total == len(few()) + exam.result["real"]
        assert "13800000000" not in str(exam.result)
        row = next(row for row in exam.result["rows"] if row["q"] == "绿发明查重去哪里")
        assert row["real"] and row["kind"] == "different"
        assert row["after"]["entry"] == "trademark-red-mark"
        assert row["before"]["entry"] != "trademark-red-mark"


async def test_sent_back_withdrawn_and_taken_down(desk: DeskWorld) -> None:
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await draft(first, changed())
    assert "已退回" in await step(second, "send-back", why="依据没写全")
    assert "依据没写全" in await first.open(f"/kb/{BLUE}")
    assert "请写明原因" in await step(second, "withdraw", why=" ")
    assert "草稿已撤回" in await step(first, "withdraw", why="不改了")
    await first.open(f"/kb/{BLUE}")
    said = await first.send(f"/kb/{BLUE}/expire", why="写错了")
    assert "已下线" in said
    assert await versions(desk) == [(1, State.EXPIRED), (2, State.WITHDRAWN)]
    assert "每年交一次" not in "\n".join(await desk.world.person("z").say(QUESTION))


async def test_an_outdated_draft_does_not_undo_what_was_published(desk: DeskWorld) -> None:
    """An import publishes while somebody's draft is under way."""
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await draft(first, changed())
    await step(second, "review")
    folder = desk.world.station.config.paths.entries
    (folder / "filing/blue-fee.md").write_text(changed("文件里改的。"), encoding="utf-8")
    from knowledge.service.transfer import import_folder

    async with desk.world.session() as session:
        await import_folder(session, folder=folder, now=desk.world.clock(), why="git")
    await examine(desk, first)
    assert "起草以后已发布了版本 3" in await step(first, "publish")
    await draft(first, changed("合并以后。"))
    await step(second, "review")
    await examine(desk, first)
    assert "已发布" in await step(first, "publish")


async def test_any_two_versions_side_by_side(desk: DeskWorld) -> None:
    await publish(desk, changed("第二版。"))
    await publish(desk, changed("第三版。"))
    seat = await desk.signed_in("province")
    said = await seat.open(f"/kb/{BLUE}/diff?a=1&b=3")
    assert "+第三版。" in said and "-蓝色专利每年交一次年费" in said and "第二版" not in said


async def test_only_editors_and_the_province_come_in(desk: DeskWorld) -> None:
    for who, status in (("editor", 200), ("province", 200), ("staff", 403), ("expert", 403)):
        seat = await desk.signed_in(who)
        for path in ("/kb", f"/kb/{BLUE}", f"/kb/{BLUE}/edit", "/kb/new", "/kb/law"):
            await seat.open(path)
            assert seat.status == status, (who, path)
    await seat.open("/kb/filing-nothing-here")


async def test_the_list_finds_and_filters(desk: DeskWorld) -> None:
    seat = await desk.signed_in("editor")
    said = await seat.open("/kb?q=抢注")
    assert "trademark-red-mark" in said and BLUE not in said
    said = await seat.open("/kb?area=filing")
    assert BLUE in said and "trademark-red-mark" not in said
    await draft(seat, changed())
    assert "没有这样的条目" in await seat.open("/kb?tab=review")
    other = await desk.signed_in("editor_2")
    assert BLUE in await other.open("/kb?tab=review")
    await seat.open("/kb/filing-nothing-here")
    assert seat.status == 404


FILE = "filing/blue-fee.md"


async def save(seat: Seat, **fields: str) -> str:
    """The form as this page shows it, with some fields typed."""
    shown = {name: seat.hidden(name) for name in ("version", "seen", "based_on", "name-0")}
    return await seat.send(f"/kb/{BLUE}/edit", **{**shown, "why": "改字", **fields})


@pytest.mark.parametrize("adopted", [False, True])
async def test_a_form_opened_before_a_publication_does_not_undo_it(
    both_desks: DeskWorld, adopted: bool
) -> None:
    """Whether the base was still in files or already in the database when the form was opened."""
    desk = both_desks
    if adopted:
        await publish(desk, changed("第二版。"))
    slow = await desk.signed_in("province")
    await slow.open(f"/kb/{BLUE}/edit")
    await publish(desk, changed("已发布的。"))
    before = await versions(desk)
    said = await save(slow, **{"file-0": changed("很久以前打开的。")})
    assert slow.status == 409 and "已发布的内容变了" in said and "很久以前打开的。" in said
    assert f"已发布了版本 {len(before)}" in said and await versions(desk) == before
    said = await save(slow, **{"file-0": changed("合并好的。")}, merged=slow.hidden("merged"))
    assert "已存为草稿" in said
    assert await versions(desk) == [*before, (len(before) + 1, State.DRAFT)]


async def test_a_form_opened_before_the_files_were_brought_in_is_still_good(
    desk: DeskWorld,
) -> None:
    slow = await desk.signed_in("province")
    await slow.open(f"/kb/{BLUE}/edit")
    await publish(desk, entry("trademark/red-mark", "红牌子请先看公告。"), "trademark-red-mark")
    assert "已存为草稿" in await save(slow, **{"file-0": changed()})


async def test_words_about_an_entry_taken_down_meanwhile_are_kept(desk: DeskWorld) -> None:
    slow, other = await desk.signed_in("editor"), await desk.signed_in("province")
    await publish(desk, changed("第二版。"))
    await slow.open(f"/kb/{BLUE}/edit")
    await other.open(f"/kb/{BLUE}")
    await other.send(f"/kb/{BLUE}/expire", why="写错了")
    said = await save(slow, **{"file-0": changed("改好的。")})
    assert slow.status == 409 and "这个条目已下线" in said and "改好的。" in said
    assert "已存为草稿" in await save(
        slow, **{"file-0": changed("改好的。")}, merged=slow.hidden("merged")
    )
    await step(other, "review")
    await examine(desk, slow)
    assert "已发布" in await step(slow, "publish")


async def test_a_draft_of_an_entry_taken_down_meanwhile_says_so(desk: DeskWorld) -> None:
    first, other = await desk.signed_in("editor"), await desk.signed_in("province")
    await draft(first, changed())
    await other.open(f"/kb/{BLUE}")
    await other.send(f"/kb/{BLUE}/expire", why="写错了")
    assert "起草以后，这个条目已下线" in await first.open(f"/kb/{BLUE}")
    await first.open("/kb/new")
    fields = {"area": "filing", "slug": "brand-new", "question": "全新的问题怎么办？"}
    await first.send("/kb/new", **fields, short="先问。", why="新的", valid_from="2026-11-22")
    assert "已下线" not in await first.open("/kb/filing-brand-new")


async def test_an_old_draft_stays_outdated_until_somebody_says_it_is_merged(
    desk: DeskWorld,
) -> None:
    from knowledge.service.transfer import import_folder

    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await draft(first, changed())
    folder = desk.world.station.config.paths.entries
    (folder / FILE).write_text(changed("文件里改的。"), encoding="utf-8")
    async with desk.world.session() as session:
        await import_folder(session, folder=folder, now=desk.world.clock(), why="git")
    said = await first.open(f"/kb/{BLUE}/edit")
    assert "已发布了版本 3" in said and "已合并版本 3 的修改" in said
    await save(first, **{"file-0": changed("只改了一个字。")})
    await step(second, "review")
    await examine(desk, first)
    assert "起草以后已发布了版本 3" in await step(first, "publish")


async def test_an_exam_that_was_cut_off_can_be_held_again(desk: DeskWorld) -> None:
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await draft(first, changed())
    await step(second, "review")
    actor, now = await desk.actor("editor"), desk.world.clock()
    async with desk.world.session() as session:
        row = await session.scalar(select(EntryVersion).where(EntryVersion.number == 2))
        assert row is not None
        await desk.examiner.begin(session, actor=actor, version_id=row.id, now=now)
    # … and the process ended
    assert "正在测试" in await first.open(f"/kb/{BLUE}/exam") and "Refresh" in first.headers
    assert "重新测试" not in first.words
    desk.world.clock.move(minutes=11)
    said = await first.open(f"/kb/{BLUE}/exam")
    assert "测试没有做完" in said and "重新测试" in said and "Refresh" not in first.headers
    await examine(desk, first)
    assert "已发布" in await step(first, "publish")


async def test_the_exam_says_how_many_changes_it_does_not_list(desk: DeskWorld) -> None:
    editor = await desk.signed_in("editor")
    await draft(editor, changed())
    await examine(desk, editor)
    async with desk.world.session() as session:
        exam = await session.scalar(select(Exam))
        assert exam is not None
        exam.result = {**exam.result, "counts": {**exam.result["counts"], "worse": 7}}
    said = await editor.open(f"/kb/{BLUE}/exam")
    assert "还有 7 个没有列出" in said and "没有一个问题的回答换了条目" not in said


async def test_a_day_far_away_is_refused_in_the_form_of_a_new_entry(desk: DeskWorld) -> None:
    editor = await desk.signed_in("editor")
    await editor.open("/kb/new")
    typed = {"area": "filing", "slug": "far", "question": "很远？", "short": "很远。", "why": "试"}
    for day in ("9999-01-01", "0001-01-01"):
        said = await editor.send("/kb/new", **typed, valid_from=day)
        assert editor.status == 409 and f"日期 {day} 太远" in said, day


async def test_what_is_wrong_with_a_coming_text_is_shown_on_its_page(desk: DeskWorld) -> None:
    editor = await desk.signed_in("editor")
    await editor.open(f"/kb/{BLUE}/edit")
    for tagged in ("!!int abc", "!!timestamp 2026-13-45", "9999-12-31"):
        text = f"---\nid: {BLUE}\nvalid_from: 2027-01-01\nvalid_until: {tagged}\n---\n以后。"
        said = await save(
            editor, **{"file-0": changed(), "coming": text, "coming_day": "2027-01-01"}
        )
        assert editor.status == 200 and "filing/blue-fee@2027-01-01.md:4: 错误" in said, said
        await editor.open(f"/kb/{BLUE}/edit")


async def test_a_text_of_a_day_that_has_one_is_not_replaced_unseen(desk: DeskWorld) -> None:
    editor = await desk.signed_in("editor")
    await editor.open(f"/kb/{BLUE}/edit")
    coming = {"coming": f"---\nid: {BLUE}\n---\n先写的。", "coming_day": "2027-01-01"}
    assert "已存为草稿" in await save(editor, **{"file-0": changed()}, **coming)
    await editor.open(f"/kb/{BLUE}/edit")
    coming["coming"] = "后写的。"
    kept = {"name-1": "filing/blue-fee@2027-01-01.md", "file-1": "先写的。"}
    said = await save(editor, **{"file-0": changed()}, **kept, **coming)
    assert editor.status == 422 and "这一天已经有一份文本" in said and "后写的。" in said
    async with desk.world.session() as session:
        row = await session.scalar(select(EntryVersion).where(EntryVersion.number == 2))
        assert row is not None and "先写的" in row.files["filing/blue-fee@2027-01-01.md"]


async def test_the_list_begins_with_what_needs_a_look_first(desk: DeskWorld) -> None:
    mark = "trademark-red-mark"
    told = entry("trademark/red-mark", review_by="2026-11-24")
    await publish(desk, told, mark)
    green = "filing-green-search"
    text = entry("filing/green-search", "绿色发明先查再报。")
    await draft(await desk.signed_in("editor"), text, green)
    desk.world.clock.move(days=2)
    other = await desk.signed_in("editor_2")
    said = await other.open("/kb")
    assert said.index(mark) < said.index(green) < said.index(BLUE)
    said = await other.open("/kb?tab=overdue")
    assert mark in said and green not in said and BLUE not in said


async def test_every_file_of_an_entry_is_kept(desk: DeskWorld) -> None:
    editor = await desk.signed_in("editor")
    await editor.open(f"/kb/{BLUE}/edit")
    names = [FILE, *(f"filing/blue-fee@{year}-01-01.md" for year in range(2027, 2037))]
    fields = {f"name-{n}": name for n, name in enumerate(names)}
    await save(editor, **fields, **{f"file-{n}": changed() for n in range(len(names))})
    async with desk.world.session() as session:
        row = await session.scalar(select(EntryVersion).where(EntryVersion.number == 2))
        assert row is not None and sorted(row.files) == sorted(names)


async def test_an_id_too_long_for_the_database_is_refused(desk: DeskWorld) -> None:
    editor = await desk.signed_in("editor")
    await editor.open(f"/kb/{BLUE}/edit")
    slug = "long-" * 60 + "name"
    typed = {"name-0": f"filing/{slug}.md", "file-0": changed(), "why": "试"}
    said = await editor.send(f"/kb/filing-{slug}/edit", **typed)
    assert editor.status == 409 and "编号最多 80 个字母" in said
