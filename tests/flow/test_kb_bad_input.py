"""Bad input is named with file, line and remedy, and leaves the running base as it was."""

import argparse
import asyncio
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from sqlalchemy import select

from bot.cli import kb_store
from core.config import Config
from core.database import Database
from knowledge.model import EntryVersion
from knowledge.queries import published_files
from knowledge.service.transfer import export_folder, import_folder
from tests.conftest import ROOT
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld
from tests.flow.curators import BLUE, QUESTION, curators, draft, step
from tests.unit.knowledge.small import TOPICS, entry, write

FILE = "filing/blue-fee.md"
RED = "trademark/red-mark.md"
LAW = "# 专利法\n\n2021年6月1日 施行\n\n第四十二条 期限。\n"


class Bad(NamedTuple):
    """A file that may not go in, and what must be said of it."""

    file: str
    text: str | bytes
    line: int
    what: str
    remedy: str

    @property
    def place(self) -> str:
        """How the message begins."""
        return f"{self.file}:{self.line}: 错误："


BAD = {
    "malformed entry": Bad(FILE, entry(area="[filing"), 3, "文件头写法有误", "检查这一行的缩进"),
    "duplicate id": Bad(
        RED, entry("trademark/red-mark", id=BLUE), 2,
        f"编号“{BLUE}”已被 {FILE} 使用", "请改用别的编号",
    ),
    "unknown source": Bad(
        FILE, entry(sources="\n  - {law: 月球法, article: 第一条}"), 13,
        "没有《月球法》", "请改成文件名里的准确名称",
    ),
    "missing table value": Bad(
        FILE, entry(body="交 {{no-such-fee}}。\n\n## 步骤\n- 一\n"), 22,
        "no-such-fee", "请",
    ),
    "impossible date": Bad(
        FILE, entry(valid_from="2026-02-30"), 15, "“2026-02-30”不存在", "真实存在的日期",
    ),
    "lost characters": Bad(
        FILE, entry().replace("先登录", "�ȵ�¼"), 25, "有乱码", "请用 GBK 打开原文件"
    ),
}  # fmt: skip
GBK = Bad(FILE, entry().encode("gbk"), 4, "看起来是 GBK", "另存为 UTF-8")


@pytest.fixture
def lawful(config: Config, tmp_path: Path) -> Config:
    """Law texts are at hand."""
    laws = write(tmp_path / "laws", {"专利法(2020-10-17).md": LAW})
    entries = write(tmp_path / "entries")
    return dataclasses.replace(
        config,
        knowledge=dataclasses.replace(config.knowledge, statutes=str(laws)),
        paths=dataclasses.replace(config.paths, entries=entries),
        database=dataclasses.replace(
            config.database, url=f"sqlite+aiosqlite:///{tmp_path}/command.db"
        ),
    )


def command(config: Config, *words: str) -> int:
    parser = argparse.ArgumentParser()
    kb_store.add_commands(parser.add_subparsers(required=True))
    arguments = parser.parse_args(words)
    return int(arguments.run(config, arguments))


async def in_database(config: Config) -> dict[str, str]:
    database = Database(config.database.url)
    async with database.reading() as session:
        files = await published_files(session)
    await database.close()
    return files


def test_an_import_names_file_line_and_remedy(
    lawful: Config, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = lawful.paths.entries
    assert command(lawful, "import") == 0
    before = asyncio.run(in_database(lawful))
    assert len(before) == len(TOPICS)
    for name, bad in {**BAD, "GBK": GBK}.items():
        write(folder, {bad.file: bad.text})
        capsys.readouterr()
        assert command(lawful, "import") == 1, name
        told = capsys.readouterr().err
        found = [row for row in told.splitlines() if row.startswith(bad.place) and bad.what in row]
        assert [bad.remedy in row.partition("→")[2] for row in found] == [True], (name, told)
        assert "没有导入，原来的知识库保持不变" in told
        assert asyncio.run(in_database(lawful)) == before, name
        write(folder)
    assert command(lawful, "import") == 0
    assert "新增 0 条，更新 0 条" in capsys.readouterr().out


def test_a_folder_that_is_not_there_and_one_that_is_empty(
    lawful: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    assert command(lawful, "export", str(tmp_path / "out")) == 1
    assert "请先运行 ipstation kb import" in capsys.readouterr().err
    for name in ("gone", "empty"):
        assert command(lawful, "import", str(tmp_path / name)) == 1
        assert f"{tmp_path / name}:1: 错误：" in capsys.readouterr().err


@pytest.fixture
async def desk(
    sqlite_database: Database, lawful: Config, tmp_path: Path
) -> AsyncIterator[DeskWorld]:
    async with curators(sqlite_database, lawful, tmp_path / "desk-entries") as served:
        yield served


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_the_desk_names_file_line_and_remedy(desk: DeskWorld, bad: Bad) -> None:
    entry_id = bad.file.removesuffix(".md").replace("/", "-")
    first, second = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    engine = desk.world.station.engine
    said = await draft(first, str(bad.text), entry_id)
    found = [part for part in said.split(bad.place)[1:] if bad.what in part.partition("→")[0]]
    assert [bad.remedy in part.partition("→")[2][:60] for part in found] == [True], said
    said = await step(second, "review", entry_id)
    assert second.status == 409 and bad.place in said
    assert desk.world.station.engine is engine
    assert "每年交一次" in "\n".join(await desk.world.person("zhang").say(QUESTION))


async def test_a_form_in_gbk_is_named_too(desk: DeskWorld) -> None:
    """A browser or program that does not send UTF-8."""
    seat, other = await desk.signed_in("editor"), await desk.signed_in("editor_2")
    await seat.open(f"/kb/{BLUE}/edit")
    fields = {name: seat.hidden(name) for name in ("version", "seen", "based_on", "name-0")}
    fields |= {"csrf": seat.token(), "file-0": entry(), "why": "x"}
    body = urlencode(fields, encoding="gbk").encode()
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    async with seat.http.post(f"{seat.root}/kb/{BLUE}/edit", data=body, headers=kind) as answer:
        assert answer.status == 200
    said = await seat.open(f"/kb/{BLUE}")
    assert f"{FILE}:4: 错误：文字里有乱码" in said
    await step(other, "review")
    assert other.status == 409


async def test_a_day_that_is_none_in_the_forms_of_the_desk(desk: DeskWorld) -> None:
    seat = await desk.signed_in("editor")
    await seat.open("/kb/law")
    said = await seat.send("/kb/law", law="专利法", articles="", from_day="2026-02-30", why="改了")
    assert seat.status == 422 and "请用日历选一天" in said
    await seat.open("/kb/new")
    said = await seat.send("/kb/new", area="filing", slug="x", valid_from="2026-13-01", why="加")
    assert seat.status == 422 and "请用日历选一天" in said
    async with desk.world.session() as session:
        assert (await session.scalars(select(EntryVersion))).all() == []


def contents(folder: Path) -> dict[Path, bytes]:
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.md")}


async def in_and_out(database: Database, folder: Path, out: Path) -> int:
    """Import a folder, export it, import the export: nothing may differ. How many entries."""
    async with database.transaction() as session:
        done = await import_folder(session, folder=folder, now=MONDAY, why="first")
    files = contents(folder)
    assert not done.refused
    async with database.reading() as session:
        assert await export_folder(session, folder=out) == len(files)
    assert contents(out) == files
    async with database.transaction() as session:
        again = await import_folder(session, folder=out, now=MONDAY, why="again", prune=True)
    assert (again.added, again.changed, again.removed) == ((), (), ())
    return len(done.added)


async def test_a_base_goes_in_and_out_byte_for_byte(database: Database, tmp_path: Path) -> None:
    assert await in_and_out(database, write(tmp_path / "in"), tmp_path / "out") == len(TOPICS)


async def test_the_shipped_base_does_too(sqlite_database: Database, tmp_path: Path) -> None:
    shipped = ROOT / "knowledge" / "entries"
    assert await in_and_out(sqlite_database, shipped, tmp_path / "out") > 450
