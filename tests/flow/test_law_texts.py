"""Imported law texts: their pages, links behind citations, and text in place of an answer."""

import dataclasses
import os
import re
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from bot.answers import answer
from bot.channels.citations import linked
from bot.station import law_link
from core.config import Config
from core.database import Database
from knowledge.engine import Engine
from knowledge.load import Base
from knowledge.statutes.citation import Citation
from knowledge.statutes.search import Hit, Statutes
from knowledge.statutes.store import store_file
from tests.fakes import Unsure
from tests.fakes_laws import imported, library
from tests.fakes_web import WebPage, populated
from tests.world import World

TODAY, NEXT_YEAR = date(2026, 11, 23), date(2027, 1, 1)
REPLY = "/tools/deadline?kind=reply-first&date=2026-11-20"


@pytest.fixture
async def page(
    sqlite_database: Database, config: Config, engine: Engine, tmp_path: Path
) -> AsyncIterator[WebPage]:
    imported(config, tmp_path / "laws")
    async with populated(sqlite_database, config, engine) as station, station.page() as page:
        yield page


async def get(page: WebPage, path: str) -> tuple[int, str]:
    async with page.browser.get(page.served.url(path)) as response:
        return response.status, await response.text()


async def test_an_article_with_its_version_days_and_neighbours(page: WebPage) -> None:
    status, html = await get(page, f"/law/{quote('专利法')}/{quote('第三十七条')}")
    assert status == 200
    for said in (
        "应当在指定的期限内陈述意见",
        "第二款示例",
        "第一章 总则",
        "现行有效",
        "2021-06-01 起",
    ):
        assert said in html
    assert "没有截止日" in html
    assert "&lt;b&gt;逾期" in html
    neighbours = [unquote(link) for link in re.findall(r'href="([^"]+)" rel="(?:prev|next)"', html)]
    assert neighbours == [
        "/law/专利法/第三十六条?version=2020-10-17",
        "/law/专利法/第三十八条?version=2020-10-17",
    ]


@pytest.mark.parametrize("said", ["37", "37条", "第37条", "第三十七条"])
async def test_an_article_by_its_number(page: WebPage, said: str) -> None:
    assert "<h1>第三十七条</h1>" in (await get(page, f"/law/{quote('专利法')}/{quote(said)}"))[1]


async def test_other_versions_are_named_with_a_warning(page: WebPage) -> None:
    _, old = await get(page, f"/law/{quote('商标法')}/33")
    assert "三个月内" in old
    assert "修订后条号可能移动" in old
    assert "2026-12-31 止" in old
    _, new = await get(page, f"/law/{quote('商标法')}/33?version=2026-06-26")
    assert "新文本里的另一件事" in new
    assert "尚未施行" in new


async def test_the_contents_of_a_law(page: WebPage) -> None:
    status, html = await get(page, f"/law/{quote('专利法')}")
    assert status == 200
    assert html.index("第一章 总则") < html.index("第三十七条") < html.index("第二章 保护")
    assert (await get(page, f"/law/{quote('没有的法')}"))[0] == 404


@pytest.mark.parametrize(
    "path", ["专利法/第九百条", "没有的法/第一条", "专利法/<b>", "专利法/37?version=1999-01-01"]
)
async def test_what_is_not_imported_is_no_page(page: WebPage, path: str) -> None:
    status, html = await get(page, f"/law/{quote(path, safe='/?=')}")
    assert status == 404
    assert "没有这个页面" in html


async def test_citations_of_a_tool_and_of_an_answer_link(page: WebPage) -> None:
    link = f"/law/{quote('专利法')}/{quote('第三十七条')}"
    _, html = await get(page, REPLY)
    assert f'<a href="{link}">《专利法》第三十七条</a>' in html
    assert "《专利法实施细则》第五条" in html
    assert quote("专利法实施细则") not in html
    await page.connect()
    await page.say("期限 一通 2026-11-20")
    (card,) = await page.messages(1)
    assert f'href="{link}" target="_blank" rel="noopener">《专利法》第三十七条</a>' in card["html"]


async def test_without_imported_texts_citations_stay_words(
    sqlite_database: Database, config: Config, engine: Engine
) -> None:
    async with populated(sqlite_database, config, engine) as station, station.page() as page:
        _, html = await get(page, REPLY)
        assert "《专利法》第三十七条" in html
        assert "/law/" not in html
        assert (await get(page, f"/law/{quote('专利法')}/37"))[0] == 404
        await page.connect()
        await page.say("期限 一通 2026-11-20")
        assert "/law/" not in (await page.messages(1))[0]["html"]


def test_a_new_import_is_noticed(config: Config, tmp_path: Path) -> None:
    shelf, cited = library(config), Citation("专利法", "第三十七条")
    assert shelf.find(cited, TODAY) is None
    imported(config, tmp_path / "laws")
    assert shelf.find(cited, TODAY) is not None
    store = store_file(config.paths.var)
    store.write_text("damaged", encoding="utf-8")
    assert shelf.find(cited, TODAY) is None
    store.unlink()
    assert shelf.shelf is None
    imported(config, tmp_path / "laws")
    os.utime(store, ns=(1, 1))
    assert shelf.find(cited, TODAY) is not None


def test_a_citation_means_the_version_of_the_day(config: Config, tmp_path: Path) -> None:
    imported(config, tmp_path / "laws")
    shelf, cited = library(config), Citation("商标法", "第三十三条")
    for day, version in ((TODAY, "2019-04-23"), (NEXT_YEAR, "2026-06-26")):
        leaf = shelf.find(cited, day)
        assert leaf is not None
        assert leaf.law.label == version


def test_links_for_other_channels_need_an_address_outside(config: Config, tmp_path: Path) -> None:
    imported(config, tmp_path / "laws")
    shelf, html = (
        library(config),
        "依据：《专利法》（2020-10-17文本）第三十七条第一款；《民法典》第一条",
    )
    assert law_link(config, shelf) is None
    server = dataclasses.replace(config.server, public_url="https://ip.example/")
    outside = linked(html, law_link(dataclasses.replace(config, server=server), shelf), TODAY)
    where = f"https://ip.example/law/{quote('专利法')}/{quote('第三十七条')}?version=2020-10-17"
    assert outside == html.replace(
        "《专利法》（2020-10-17文本）第三十七条",
        f'<a href="{where}">《专利法》（2020-10-17文本）第三十七条</a>',
    )
    assert linked(html, None, TODAY) == html


class Sure(Statutes):
    """A search that is sure of every question with 异议 in it."""

    def confident(self, question: str, day: date, most: int) -> list[Hit]:
        return self.search(question, day, most) if "异议" in question else []


@pytest.fixture
def lawyerly(world: World, tmp_path: Path) -> World:
    """The small world with the invented laws imported and searched."""
    imported(world.station.config, tmp_path / "laws")
    shelf = library(world.station.config, Sure)
    shelf.ready(wait=True)
    world.station.dispatcher.library = shelf
    return world


def unsure(world: World) -> None:
    """From now on the base has no answer to anything."""
    world.station.serving.engine = Unsure(world.station.engine)


async def test_law_texts_where_the_base_has_no_answer(lawyerly: World) -> None:
    unsure(lawyerly)
    person = lawyerly.person()
    (said,) = await person.say("商标公告后提出异议多久")
    assert "以下是法条原文，不是对您情况的意见" in said
    assert "《商标法》（2019-04-23文本）第三十三条" in said
    assert "三个月内，可以提出异议" in said
    assert person.labels() == ["转人工", "预约顾问"]


async def test_nothing_near_enough_gets_no_law_texts(lawyerly: World) -> None:
    unsure(lawyerly)
    (said,) = await lawyerly.person().say("劳动合同到期不续签有补偿吗")
    assert "法条原文" not in said
    assert "没有可靠的答案" in said


async def test_without_imported_texts_a_person_is_offered_as_before(world: World) -> None:
    unsure(world)
    (said,) = await world.person().say("商标公告后提出异议多久")
    assert "法条原文" not in said


async def test_none_of_the_choices_is_no_answer_either(lawyerly: World) -> None:
    person = lawyerly.person()
    await person.say("商标异议那个")
    if "都不是" not in person.labels():
        pytest.fail("the message gives choices no more; take another")
    (said,) = await person.tap("都不是")
    assert "以下是法条原文" in said


def test_programs_get_law_article_version_and_score(config: Config, tmp_path: Path) -> None:
    imported(config, tmp_path / "laws")
    engine, shelf = Unsure(Engine(Base({}))), library(config, Sure)
    found = answer(engine, "商标公告后提出异议多久", TODAY, library=shelf)
    assert found["decision"] == "handoff"
    first = found["statutes"][0]
    assert set(first) == {"law", "article", "version", "score"}
    assert (first["law"], first["version"]) == ("商标法", "2019-04-23")
    assert answer(engine, "今天天气", TODAY, library=shelf)["statutes"] == []
    assert answer(engine, "商标公告后提出异议多久", TODAY)["statutes"] == []
