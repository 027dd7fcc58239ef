"""A changed law at the desk: who is flagged, and what settles a flag; what files bring back."""

import argparse
import asyncio
import dataclasses
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from bot.cli import kb_store
from core.config import Config
from core.database import Database
from knowledge.queries import open_flags
from knowledge.service.flags import WHOLE_LAW
from knowledge.service.publish import expire
from knowledge.service.transfer import IMPORT, Imported, import_folder
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld, Seat
from tests.flow.curators import BLUE, QUESTION, changed, curators, draft, examine, publish, step
from tests.unit.knowledge.small import entry, front, write

GREEN, RED = "filing-green-search", "trademark-red-mark"
FILE = "filing/blue-fee.md"
NEW_LAW = date(2027, 1, 1)
ARTICLE = "第四十二条"
TOLD_AT = MONDAY + timedelta(minutes=1)
SPACED = entry(ask="\n" + "\n".join(f"  - 蓝专利 问法{n}" for n in range(6)))
COMING = entry(
    body="蓝色专利从明年起不再交年费。\n", valid_from="2027-01-01",
    area=None, question=None, ask=None, facts=None, region=None, related=None, actions=None,
)  # fmt: skip


@pytest.fixture
async def desk(database: Database, config: Config, tmp_path: Path) -> AsyncIterator[DeskWorld]:
    async with curators(database, config, tmp_path / "entries") as served:
        await imported(served)
        served.world.clock.move(minutes=1)
        yield served
        await served.examiner.idle()


async def imported(desk: DeskWorld, force: bool = False, prune: bool = False) -> Imported:
    folder = desk.world.station.config.paths.entries
    async with desk.world.session() as session:
        done = await import_folder(
            session, folder=folder, now=desk.world.clock(), why="git", force=force, prune=prune
        )
    await desk.world.station.serving.refresh()
    return done


async def tell(seat: Seat, articles: str = ARTICLE, why: str = "修法") -> str:
    """Tell the desk that the law changes; what the list says."""
    await seat.open("/kb/law")
    return await seat.send(
        "/kb/law", law="专利法", articles=articles, from_day=NEW_LAW.isoformat(), why=why
    )


async def flagged(desk: DeskWorld) -> list[str]:
    async with desk.world.session() as session:
        return sorted(flag.entry_id for flag in await open_flags(session))


def doubted(desk: DeskWorld, entry_id: str = BLUE) -> bool:
    """Whether what is given on the day of the new law is not stated as certain."""
    answer = desk.world.station.serving.engine.answer(entry_id, NEW_LAW)
    return answer is not None and answer.changed_from is not None


async def test_a_change_of_one_space_settles_no_flag(desk: DeskWorld) -> None:
    await tell(await desk.signed_in("editor"))
    desk.world.clock.move(minutes=1)
    assert "已发布" in await publish(desk, SPACED)
    assert await flagged(desk) == [BLUE, GREEN, RED] and doubted(desk)
    write(desk.world.station.config.paths.entries, {FILE: SPACED + "\n"})
    assert (await imported(desk)).changed == (BLUE,)
    assert await flagged(desk) == [BLUE, GREEN, RED] and doubted(desk)


async def test_a_review_of_the_same_day_but_before_settles_nothing(desk: DeskWorld) -> None:
    folder = desk.world.station.config.paths.entries
    reviewed = changed().replace("2026-11-01", "2026-11-23")
    write(folder, {FILE: reviewed})
    assert (await imported(desk)).changed == (BLUE,)
    await tell(await desk.signed_in("editor"))
    desk.world.clock.move(minutes=1)
    write(folder, {FILE: reviewed.replace("蓝专利每年交多少钱", "蓝专利每年要交多少")})
    assert (await imported(desk)).changed == (BLUE,)
    assert BLUE in await flagged(desk) and doubted(desk)


async def test_a_text_written_for_the_change_or_reviewed_since_settles_it(desk: DeskWorld) -> None:
    await tell(await desk.signed_in("editor"))
    desk.world.clock.move(minutes=1)
    reviewed = changed().replace("reviewed_on: 2026-11-01", "reviewed_on: 2026-11-23")
    await publish(desk, reviewed)
    assert await flagged(desk) == [GREEN, RED] and not doubted(desk)
    folder = write(desk.world.station.config.paths.entries, {FILE: reviewed})
    coming = COMING.replace("blue-fee", "green-search")
    write(folder, {"filing/green-search@2027-01-01.md": coming})
    assert (await imported(desk)).changed == (GREEN,)
    assert await flagged(desk) == [RED] and not doubted(desk, GREEN)


async def test_a_draft_from_before_the_change_was_told_settles_nothing(desk: DeskWorld) -> None:
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await draft(first, changed().replace("2026-11-01", "2026-11-23"))
    await step(second, "review")
    desk.world.clock.move(minutes=1)
    await tell(second)
    await examine(desk, first)
    assert "已发布" in await step(first, "publish")
    assert BLUE in await flagged(desk) and doubted(desk)


async def test_a_change_told_again_opens_what_was_settled_and_counts_truly(desk: DeskWorld) -> None:
    seat = await desk.signed_in("editor")
    assert "已提示 3 个条目" in await tell(seat)
    assert "都已提示过，没有新增" in await tell(seat)
    await seat.open(f"/kb/{BLUE}")
    said = await seat.send(f"/kb/{BLUE}/unflag", flags=seat.hidden("flags"), why="不影响")
    assert "回答里的提示已去掉" in said and not doubted(desk)
    desk.world.clock.move(minutes=1)
    assert "已提示 1 个条目" in await tell(seat, why="又改了")
    assert await flagged(desk) == [BLUE, GREEN, RED] and doubted(desk)
    async with desk.world.session() as session:
        [flag] = await open_flags(session, BLUE)
        assert (flag.why, flag.at, flag.note) == ("又改了", desk.world.clock(), "")


async def test_an_entry_that_newly_cites_a_changed_article_is_flagged(desk: DeskWorld) -> None:
    """Unless it was written after the change was told, and reviewed since."""
    folder = desk.world.station.config.paths.entries
    await tell(await desk.signed_in("editor"))
    desk.world.clock.move(minutes=1)
    names = {name: [f"{name}色材料第{n}种问法" for n in range(6)] for name in "紫灰"}
    old = front("filing/purple", "紫色材料怎么交？", names["紫"]) + "紫色的当面交。\n"
    new = front("filing/grey", "灰色材料怎么交？", names["灰"], reviewed_on="2026-11-23")
    write(folder, {"filing/purple.md": old, "filing/grey.md": new + "灰色的寄来。\n"})
    assert sorted((await imported(desk)).added) == ["filing-grey", "filing-purple"]
    assert await flagged(desk) == [BLUE, GREEN, "filing-purple", RED]
    assert doubted(desk, "filing-purple") and not doubted(desk, "filing-grey")
    async with desk.world.session() as session:
        [flag] = await open_flags(session, "filing-purple")
        assert (flag.why, flag.actor, flag.at) == ("修法", "示例编辑甲", TOLD_AT)


async def test_what_is_settled_stays_so_when_other_words_are_published(desk: DeskWorld) -> None:
    seat = await desk.signed_in("editor")
    await tell(seat)
    await seat.open(f"/kb/{BLUE}")
    await seat.send(f"/kb/{BLUE}/unflag", flags=seat.hidden("flags"), why="不影响")
    desk.world.clock.move(minutes=1)
    await publish(desk, SPACED)
    assert BLUE not in await flagged(desk)


async def test_only_the_flags_that_were_seen_are_cleared(desk: DeskWorld) -> None:
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await tell(first)
    await first.open(f"/kb/{BLUE}")
    seen = first.hidden("flags")
    await tell(second, articles="")
    said = await first.send(f"/kb/{BLUE}/unflag", flags=seen, why="不影响")
    assert "还有您打开页面之后才提示的法规变化" in said and doubted(desk)
    async with desk.world.session() as session:
        assert [flag.article for flag in await open_flags(session, BLUE)] == [WHOLE_LAW]
    await first.send(f"/kb/{BLUE}/unflag", flags=seen, why="不影响")
    assert first.status == 409
    await first.send(f"/kb/{BLUE}/unflag", flags="x", why="不影响")
    assert first.status == 400


async def test_articles_that_nobody_cites_are_named(desk: DeskWorld) -> None:
    seat = await desk.signed_in("editor")
    said = await tell(seat, articles=f"{ARTICLE}、第34条")
    assert "已提示 3 个条目" in said and "另有 1 个条号没有条目引用：第34条" in said
    many = "、".join(f"第{n}条{'某' * 30}" for n in range(40))
    said = await tell(seat, articles=f"{ARTICLE}、{many}")
    assert "没有新增" in said and "另有 40 个条号没有条目引用：第0条" in said


async def test_what_was_taken_down_or_replaced_does_not_come_back_with_its_files(
    desk: DeskWorld,
) -> None:
    await publish(desk, changed())
    editor = await desk.signed_in("editor")
    await editor.open(f"/kb/{RED}")
    assert "已下线" in await editor.send(f"/kb/{RED}/expire", why="写错了")
    for prune in (False, True):
        done = await imported(desk, prune=prune)
        assert (done.added, done.changed, done.removed, done.refused) == ((), (), (), False)
        assert sorted(done.older) == [BLUE, RED]
    assert "每两年交一次" in "\n".join(await desk.world.person("zhang").say(QUESTION))
    done = await imported(desk, force=True)
    assert (done.added, done.changed, done.older) == ((RED,), (BLUE,), ())


def own(config: Config, tmp_path: Path) -> Config:
    """With a base and a database for the commands alone."""
    url = f"sqlite+aiosqlite:///{tmp_path}/command.db"
    folder = write(tmp_path / "entries")
    return dataclasses.replace(
        config,
        paths=dataclasses.replace(config.paths, entries=folder),
        database=dataclasses.replace(config.database, url=url),
    )


def command(config: Config, *words: str) -> int:
    parser = argparse.ArgumentParser()
    kb_store.add_commands(parser.add_subparsers(required=True))
    arguments = parser.parse_args(words)
    return int(arguments.run(config, arguments))


async def take_down(config: Config, entry_id: str) -> None:
    database = Database(config.database.url)
    async with database.transaction() as session:
        await expire(session, actor=IMPORT, entry_id=entry_id, why="写错了", now=MONDAY)
    await database.close()


def test_the_command_lists_what_it_left_out_and_what_nobody_cites(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = own(config, tmp_path)
    assert command(config, "import") == 0
    asyncio.run(take_down(config, RED))
    capsys.readouterr()
    assert command(config, "import") == 0
    said = capsys.readouterr().out
    assert "新增 0 条，更新 0 条" in said and "已被替换或下线的旧版本" in said and RED in said
    assert command(config, "import", "--force") == 0
    assert "新增 1 条" in capsys.readouterr().out
    change = ("law-changed", "--law", "专利法", "--from", "2027-01-01", "--why", "修法")
    for said in ("已提示 3 个条目", "没有新增"):
        assert command(config, *change, "--article", ARTICLE, "--article", "第34条") == 0
        told = capsys.readouterr()
        assert said in told.out and "没有条目引用 第34条" in told.err


def test_an_export_after_an_entry_was_taken_down_goes_in_again(
    config: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = own(config, tmp_path)
    write(config.paths.entries, {FILE: entry(related=f"[{GREEN}, {RED}]")})
    assert command(config, "import") == 0
    asyncio.run(take_down(config, RED))
    out = tmp_path / "out"
    assert command(config, "export", str(out)) == 0
    fresh = dataclasses.replace(
        config,
        database=dataclasses.replace(
            config.database, url=f"sqlite+aiosqlite:///{tmp_path}/fresh.db"
        ),
    )
    capsys.readouterr()
    assert command(fresh, "import", str(out)) == 0
    told = capsys.readouterr()
    assert "新增 2 条" in told.out
    assert f"{FILE}:" in told.err and f"提醒：相关条目“{RED}”不在知识库里" in told.err


async def test_an_entry_that_links_to_one_taken_down_can_still_be_changed(desk: DeskWorld) -> None:
    linking = changed().replace("related: []", f"related: [{RED}]")
    assert "已发布" in await publish(desk, linking)
    editor = await desk.signed_in("editor")
    await editor.open(f"/kb/{RED}")
    await editor.send(f"/kb/{RED}/expire", why="写错了")
    assert "已发布" in await publish(desk, linking.replace("两年", "三年"))
    assert "每三年交一次" in "\n".join(await desk.world.person("zhang").say(QUESTION))
