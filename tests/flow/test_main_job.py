"""The main job as its people live it: through the web chat, and through Telegram.

Asks and gets an answer with its source; books and gets a code; escalates and gets the expert's
answer; and the month's report shows exactly what was done, for the right sub-center.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import count

import pytest
from openpyxl import load_workbook
from sqlalchemy import func, select

from bot.channels.web.socket import Limits
from bot.station import Station
from core.config import Config
from core.database import Database
from core.jobs import tick
from core.outbox import OutboxRow
from knowledge.engine import Engine
from ledger.report import as_table, month_report, write_xlsx
from tests.fakes import MONDAY, FakeClock
from tests.fakes_telegram import Sent, message, tap
from tests.fakes_web import WebPage, populated
from tests.script import COUNTS, STEPS, Step, furnish, instants
from tests.telegram_line import Line, open_line

MONTH = "2026-11"
# The script types faster than a person may.
PATIENT = Limits(burst=1000)


async def prepared(database: Database) -> None:
    """The advisors' hours and the expert's link, over the populated world."""
    async with database.transaction() as session:
        await furnish(session, expert_id=1, until=MONDAY.replace(year=2027))


async def play(station: Station, act: Callable[[Step], Awaitable[None]]) -> None:
    """Every step in its turn; desk steps through the services, as the desk does."""
    clock = station.clock
    assert isinstance(clock, FakeClock)
    for step, at in zip(STEPS, instants(), strict=True):
        clock.now = at
        if step.desk is None:
            await act(step)
            continue
        async with station.database.transaction() as session:
            await step.desk(session, at)
        for channel in station.pump.channels:
            await station.pump.drain(channel)
    for job in station.jobs:
        await tick(station.database, job, clock.now)


async def reported(station: Station, config: Config) -> dict[str, dict[str, int]]:
    """The report as it stands in the workbook: code → column → number."""
    async with station.database.reading() as session:
        report = await month_report(session, MONTH)
    path = config.paths.var / "report.xlsx"
    write_xlsx(report, path)
    sheet = load_workbook(path)["合计"]
    head, *lines = sheet.iter_rows(values_only=True)
    for code in COUNTS:
        assert code in as_table(report)
    return {
        str(line[0] or line[1]): {
            str(name): int(str(number)) for name, number in zip(head[3:-1], line[3:-1], strict=True)
        }
        for line in lines
    }


def expect_exactly(figures: dict[str, dict[str, int]]) -> None:
    """The north center has the script's counts; nobody else has any."""
    north = {code: columns["示例北园分中心"] for code, columns in figures.items()}
    assert {code: n for code, n in north.items() if n} == COUNTS | {"服务企业数": 1}
    assert not any(columns["示例南园分中心"] for columns in figures.values())
    assert "未归属" not in figures["Z02"]


def expect_told(told: str) -> None:
    """What the asker must have read, in this order."""
    wanted = ("依据：《专利法", "待机构确认", "NORTH-20261123-001", "宽限期的四种情形", "已办结")
    places = [told.index(words) for words in wanted]
    assert places == sorted(places)


async def test_through_the_web_chat(
    sqlite_database: Database, config: Config, engine: Engine
) -> None:
    async with populated(sqlite_database, config, engine, limits=PATIENT) as served:
        await prepared(sqlite_database)
        async with served.page() as zhang, served.page() as doctor:
            pages = {"zhang": zhang, "doctor": doctor}
            for page in pages.values():
                await page.connect()
            await play(served.station, lambda step: on_the_page(pages[step.chat], step))
            await caught_up(zhang)
            expect_told("\n".join(frame["html"] for frame in zhang.screen))
            files = [frame["file"] for frame in zhang.screen if frame.get("file")]
        assert len(files) == 1
        assert "BEGIN:VEVENT" in files[0]["content"]
        expect_exactly(await reported(served.station, config))


async def on_the_page(page: WebPage, step: Step) -> None:
    """Do a step as soon as everything said before it is on the screen."""
    await caught_up(page)
    if step.link is not None:
        key = await page.start(step.link)
    elif step.say is not None:
        key = await page.say(step.say)
    else:
        button = newest(page, step.tap or "")
        key = await page.tap(button["menu"], button["index"])
    await page.until("ack", key)


async def caught_up(page: WebPage) -> None:
    """Wait until the screen shows all that is stored for this chat."""
    async with page.served.station.database.reading() as session:
        stored = select(func.max(OutboxRow.id)).where(OutboxRow.chat == page.chat)
        last = await session.scalar(stored) or 0
    await page.served.station.pump.drain("web")
    while page.last < last:
        await page.next()


def newest(page: WebPage, label: str) -> dict[str, str]:
    """The newest button on the screen whose label holds ``label``."""
    for frame in reversed(page.screen):
        for button in (b for line in frame["buttons"] for b in line):
            if label in button["label"]:
                return button
    raise AssertionError(f"no button {label!r} on the screen")


@pytest.fixture
async def line(sqlite_database: Database, config: Config, engine: Engine) -> AsyncIterator[Line]:
    async with open_line(sqlite_database, config, engine) as found:
        await prepared(sqlite_database)
        yield found


CHATS = {"zhang": 1001, "doctor": 1002}
_events = count(1)


async def test_through_telegram(line: Line, config: Config) -> None:
    await play(line.station, lambda step: in_telegram(line, step))
    expect_told("\n".join(line.fake.texts(str(CHATS["zhang"]))))
    files = [sent.file for sent in line.fake.sent if sent.file]
    assert len(files) == 1
    assert "BEGIN:VEVENT" in files[0][2]
    expect_exactly(await reported(line.station, config))


async def in_telegram(line: Line, step: Step) -> None:
    """Do a step as Telegram reports it, and see that something was said to it."""
    user = CHATS[step.chat]
    chat, number = str(user), next(_events)
    if step.tap is None:
        update = message(step.say or f"/start {step.link}", user=user, message_id=number)
    else:
        shown = [m for m in line.fake.sent if m.chat == chat and step.tap in labels(m)]
        update = tap(shown[-1].data(step.tap), user=user, query=f"q{number}")
    before = len(line.fake.texts(chat))
    await line.arrive(update)
    settle(line)
    await line.station.pump.drain("telegram")
    assert len(line.fake.texts(chat)) > before


def settle(line: Line) -> None:
    """Let the chat's pause between two messages pass."""
    clock = line.station.clock
    assert isinstance(clock, FakeClock)
    clock.move(seconds=2)


def labels(sent: Sent) -> str:
    """All labels of a message's buttons."""
    return " ".join(button["text"] for line in sent.buttons for button in line)
