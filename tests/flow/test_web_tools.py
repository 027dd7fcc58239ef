"""The calculators on the web page and for programs: results, and what is said of bad input."""

import json
import re
from collections.abc import AsyncIterator
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest
import yaml
from icalendar import Calendar

from core.config import Config
from core.database import Database
from knowledge.calculate.kinds import catalogue
from knowledge.engine import Engine
from tests.conftest import ROOT
from tests.fakes_web import WebPage, populated

REPLY = "/tools/deadline?kind=reply-first&date=2026-11-20"


@pytest.fixture
async def page(sqlite_database: Database, config: Config, engine: Engine) -> AsyncIterator[WebPage]:
    async with populated(sqlite_database, config, engine) as station, station.page() as page:
        yield page


async def get(page: WebPage, path: str) -> tuple[int, str]:
    async with page.browser.get(page.served.url(path)) as response:
        return response.status, await response.text()


async def read(page: WebPage, path: str) -> str:
    """The words of a page that is there."""
    status, html = await get(page, path)
    assert status == 200, html
    return words(html)


def words(html: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


async def api(page: WebPage, path: str) -> tuple[int, Any]:
    status, text = await get(page, f"/api/v1/{path}")
    return status, json.loads(text)


async def test_the_front_page_leads_to_both(page: WebPage) -> None:
    _, html = await get(page, "/")
    assert 'href="/tools/deadline"' in html
    assert 'href="/tools/fees"' in html


async def test_every_kind_is_listed_by_group_and_has_its_form(page: WebPage) -> None:
    _, html = await get(page, "/tools/deadline")
    kinds = catalogue().kinds
    for kind in kinds.values():
        assert f'href="/tools/deadline?kind={kind.id}"' in html
        assert kind.group in html
    for id_ in ("annual-fee", "trademark-review", "priority"):
        form = await read(page, f"/tools/deadline?kind={id_}")
        assert kinds[id_].give in form
        assert "最后一天" not in form.replace("哪一天是最后一天", "")


async def test_a_kind_can_be_searched_without_scripts(page: WebPage) -> None:
    found = await read(page, f"/tools/deadline?q={quote('一通')}")
    assert "“一通”可能是 答复第一次审查意见（发明）" in found
    nothing = await read(page, f"/tools/deadline?q={quote('§§§')}")
    assert "没有找到“§§§”这种期限" in nothing


async def test_a_result_says_everything(page: WebPage) -> None:
    shown = await read(page, f"{REPLY}&delivery=post")
    for said in (
        "2027年4月6日（周二）",
        "还有 134 天",
        "届满日（按规定算到哪天） 2027年4月5日",
        "起算日（当天不算） 2026年12月5日",
        "申请视为撤回",
        "怎么延长 指定期限可以延长",
        "怎么恢复 有正当理由的",
        "最迟到 2027年6月7日",
        "《专利法》第三十七条",
        "以通知书写明的期限为准",
        "下载日历文件",
    ):
        assert said in shown, said
    moved = await read(page, REPLY)
    assert "为什么是后一天 2027-03-20（星期六）是休息日，顺延到2027-03-22（星期一）" in moved


async def test_a_term_without_remedy_says_so(page: WebPage) -> None:
    shown = await read(page, "/tools/deadline?kind=suspension&date=2026-11-20")
    assert "没有查到可以延长的规定" in shown
    assert "没有查到可以恢复的规定" in shown


async def test_what_must_wait_shows_its_first_day(page: WebPage) -> None:
    shown = await read(page, "/tools/deadline?kind=declaratory-received&date=2026-09-03")
    assert "最早可以办理的日子 2026年10月9日（周五）" in shown
    assert "届满日（按规定算到哪天） 2026年10月3日" in shown
    assert "最早可以办理 2026" not in shown


async def test_a_past_day_leads_to_people(page: WebPage) -> None:
    shown = await read(page, "/tools/deadline?kind=reply-first&date=2026-01-05")
    assert "已经过去" in shown
    assert "到对话里找人工" in shown
    assert "下载日历文件" not in shown


async def test_the_calendar_file(page: WebPage) -> None:
    path = REPLY.replace("deadline?", "deadline.ics?")
    async with page.browser.get(page.served.url(path)) as response:
        assert response.content_type == "text/calendar"
        assert "reply-first-2027-03-22.ics" in response.headers["Content-Disposition"]
        event = Calendar.from_ical(await response.text()).walk("VEVENT")[0]
    assert event.decoded("DTSTART").isoformat() == "2027-03-22"
    assert len(event.walk("VALARM")) == 2
    assert (await get(page, "/tools/deadline.ics?kind=reply-first"))[0] == 404


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("kind=reply-first&date=2026-02-30", "date", "“2026-02-30”不是能用的日期"),
        ("kind=reply-first&date=", "date", "请填收到第一次审查意见通知书之日"),
        ("kind=reply-first&date=1900-01-01", "date", "超出可以计算的范围"),
        ("kind=reply-first&date=2026-11-20&delivery=pigeon", "delivery", "不在可选的范围里"),
        ("kind=annual-fee&date=2020-01-01&year=99", "year", "没有第 99 年度这一笔"),
        ("kind=annual-fee&date=2020-01-01&year=x", "year", "“x”不是整数"),
        ("kind=annual-fee&date=2005-11-29", "year", "没有以后要缴的年费了"),
        ("kind=annual-fee&date=2017-05-01&year=12&patent=design", "year", "按 10 年推算"),
    ],
)
async def test_bad_input_is_answered_at_the_field(
    page: WebPage, query: str, field: str, sentence: str
) -> None:
    status, html = await get(page, f"/tools/deadline?{query}")
    assert status == 422
    (said,) = re.findall(rf'id="{field}-wrong">([^<]+)<', html)
    assert sentence in unescape(said)
    assert f'aria-describedby="{field}-wrong' in html
    status, data = await api(page, f"deadline?{query}")
    assert status == 400
    assert sentence in data["fields"][field]


async def test_an_unknown_kind_is_answered_with_those_that_come_near(page: WebPage) -> None:
    status, html = await get(page, f"/tools/deadline?kind={quote('商标续展期啊')}&date=2026-11-20")
    assert status == 422
    assert "kind=trademark-renewal" in html
    status, data = await api(page, "deadline?kind=nonsense&date=2026-11-20")
    assert (status, list(data["fields"])) == (400, ["kind"])


async def test_what_is_typed_is_shown_as_typed(page: WebPage) -> None:
    nasty = quote('"><script>alert(1)</script>')
    pages = ("/tools/deadline?q=", REPLY[:-10], "/tools/fees?claims=")
    for path in (f"{start}{nasty}" for start in pages):
        _, html = await get(page, path)
        assert "<script>alert" not in html


async def test_reminders_lead_into_the_chat(page: WebPage) -> None:
    _, html = await get(page, f"{REPLY}&delivery=post")
    (link,) = re.findall(r'href="/\?start=(d_[^"]+)"', html)
    assert f'data-start="{link}"' in (await get(page, f"/?start={link}"))[1]
    assert 'data-start=""' in (await get(page, "/?start=d_nonsense_20261120"))[1]
    await page.connect()
    await page.start(link)
    (card,) = await page.messages(1)
    assert "2027年4月5日" in card["html"]
    assert [b["label"] for row in card["buttons"] for b in row][:4] == [
        "提前 7 天提醒我",
        "提前 3 天提醒我",
        "提前 1 天提醒我",
        "都提醒我",
    ]


async def test_a_bill_shows_every_line_in_full_and_reduced(page: WebPage) -> None:
    query = "kind=invention&claims=12&pages=35&priority=1&reduction=85&from=1&to=3&grant=3"
    status, html = await get(page, f"/tools/fees?{query}")
    assert status == 422, "a year before the grant is refused at its field"
    assert 'id="years-wrong"' in html
    shown = await read(page, f"/tools/fees?{query.replace('from=1', 'from=3')}")
    for said in (
        "申请费 900 135",
        "权利要求附加费（第11项至第12项，2项） 300 300",
        "说明书附加费（第31页至第35页，5页） 250 250",
        "优先权要求费（1项） 80 80",
        "实质审查费 2500 375",
        "第3年度年费 900 135",
        "合计 4980 1325",
        "第 20 年度 8000 8000",
        "合计 80500",
        "恢复权利请求费 1000 1000",
    ):
        assert said in shown, said


async def test_without_a_year_of_grant_no_fee_is_reduced_too_long(page: WebPage) -> None:
    shown = await read(page, "/tools/fees?kind=design&reduction=85&from=9&to=15")
    assert "应缴 15675 元" in shown
    assert "没有给授权年度，从严按第1年度授权计算" in shown


async def test_a_design_needs_no_numbers(page: WebPage) -> None:
    shown = await read(page, "/tools/fees?kind=design")
    assert "应缴 500 元" in shown
    assert "第 15 年度 3000" in shown


@pytest.mark.parametrize(
    ("query", "field", "sentence"),
    [
        ("kind=magic", "kind", "不在可选的范围里"),
        ("claims=3", "kind", "请选一种专利"),
        ("kind=invention&claims=-1", "claims", "权利要求项数应当是 1 到"),
        ("kind=invention&pages=many", "pages", "“many”不是整数"),
        ("kind=invention&reduction=50", "reduction", "费减比例 50% 不在标准里"),
        ("kind=invention&years=9-99", "years", "年度范围 9-99 不对"),
        ("kind=invention&years=abc", "years", "“abc”看不懂"),
        ("kind=invention&grant=40", "grant", "授权年度应当是 1 到 20"),
    ],
)
async def test_bad_numbers_are_answered_at_the_field(
    page: WebPage, query: str, field: str, sentence: str
) -> None:
    status, html = await get(page, f"/tools/fees?{query}")
    assert status == 422
    assert sentence in unescape(html)
    assert f'id="{field}-wrong"' in html
    status, data = await api(page, f"fees?{query}")
    assert status == 400
    assert sentence in data["fields"][field]
    assert data["error"]


async def test_programs_get_what_the_command_line_prints(page: WebPage) -> None:
    status, term = await api(page, "deadline?kind=reply-first&date=2026-11-20&delivery=post")
    assert status == 200
    assert (term["due"], term["last_day"], term["moved"]) == ("2027-04-05", "2027-04-06", True)
    assert term["extend"]["until"] == "2027-06-07"
    status, kinds = await api(page, "deadline/kinds")
    assert {kind["kind"] for kind in kinds} == set(catalogue().kinds)
    status, bill = await api(page, "fees?kind=utility&reduction=70&years=1-2")
    assert (status, bill["total_full"], bill["total_due"]) == (200, 1700, 510)
    assert len(bill["schedule"]) == 10


async def test_the_interface_is_described(page: WebPage) -> None:
    paths = yaml.safe_load((ROOT / "docs/api/openapi.yaml").read_text(encoding="utf-8"))["paths"]
    for path in ("/tools/deadline", "/tools/deadline.ics", "/tools/fees", "/law/{law}/{article}"):
        assert path in paths
    for path in ("deadline", "deadline/kinds", "fees"):
        assert f"/api/v1/{path}" in paths
    _, term = await api(page, "deadline?kind=reply-first&date=2026-11-20")
    described = paths["/api/v1/deadline"]["get"]["responses"]["200"]
    schema = described["content"]["application/json"]["schema"]
    assert set(schema["required"]) == set(term)
