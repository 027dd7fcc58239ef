"""What an answer says of its own certainty, in the words of the chat, with a person at hand."""

import dataclasses
from pathlib import Path

import pytest

from core.config import Config
from core.database import Database
from knowledge.engine import Engine
from tests.conftest import make_world
from tests.fakes import MONDAY
from tests.unit.knowledge.small import TOPICS, entry, front, write
from tests.world import World

BLUE, GREEN, RED = TOPICS
COMING = front(
    RED, "", [], valid_from="2027-01-01", area=None, question=None, ask=None, facts=None,
    region=None, related=None, actions=None,
)  # fmt: skip


@pytest.fixture
async def small(sqlite_database: Database, config: Config, tmp_path: Path) -> World:
    """A station over entries of which nothing is certain."""
    files: dict[str, str | bytes] = {
        f"{BLUE}.md": entry(BLUE, doubt="各地的办法不一，这里写的没有核对到原文。"),
        f"{GREEN}.md": entry(GREEN, reviewed_on="2026-01-01", review_by="2026-11-22"),
        f"{RED}.md": entry(RED, valid_until="2026-12-31"),
        f"{RED}@2027-01-01.md": COMING + "红色商标的异议期改为两个月。\n",
    }
    folder = write(tmp_path / "entries", files)
    config = dataclasses.replace(config, paths=dataclasses.replace(config.paths, entries=folder))
    return await make_world(sqlite_database, config, Engine.open(folder, None, embed=False))


async def answered(world: World, slug: str) -> str:
    person = world.person(slug)
    said = "\n".join(await person.say(TOPICS[slug][0]))
    assert any("转人工" in label for label in person.labels())
    return said


async def test_a_doubt_is_said(small: World) -> None:
    assert "请注意：各地的办法不一，这里写的没有核对到原文。" in await answered(small, BLUE)


async def test_past_its_review_an_answer_is_not_stated_as_certain(small: World) -> None:
    """It was to be reviewed by the day before this Monday."""
    said = await answered(small, GREEN)
    assert "应复核的日期已过，不能保证仍然准确" in said
    assert said.index("不能保证仍然准确") < said.index("绿色发明可在公开数据库里免费检索")


async def test_on_its_review_day_it_still_is(small: World) -> None:
    small.clock.now = MONDAY.replace(day=22)
    assert "不能保证仍然准确" not in await answered(small, GREEN)


async def test_a_coming_text_is_announced_and_then_given(small: World) -> None:
    said = await answered(small, RED)
    assert "公告期内可以提异议" in said
    assert "2027年1月1日起：红色商标的异议期改为两个月。" in said
    small.clock.now = MONDAY.replace(year=2027, month=1, day=4)
    said = await answered(small, RED)
    assert "红色商标的异议期改为两个月" in said and "2027年1月1日起：" not in said
