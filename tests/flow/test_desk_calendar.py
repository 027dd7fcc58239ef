"""Calendars: a private subscription of an advisor's diary, and busy times from elsewhere."""

import asyncio
import dataclasses
import re
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta

import pytest
from aiohttp import web
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.test_utils import TestServer
from icalendar import Calendar
from sqlalchemy import select

from booking.busy import BadAddress, BadCalendar, busy_spans, checked_address
from booking.model import Appointment
from booking.model_desk import BusySource, BusySpan, CalendarFeed
from booking.service.cancel import cancel
from booking.service.guard import take
from bot.busy_reader import BusyReader
from bot.channels.web.adapter import WebChannel
from bot.channels.web.server import build_app
from bot.fetch import NotFetched, PublicResolver, fetch, is_public
from core.clock import at_local
from core.config import Calendars
from directory.model import Advisor
from tests.fakes import MONDAY
from tests.fakes_desk import DeskWorld, desk_of
from tests.flow.booking_world import open_doors
from tests.world import World

TUESDAY, HOSTS = date(2026, 11, 24), ("calendar.example.com",)
URL = "https://calendar.example.com/private/abc.ics"
END = MONDAY + timedelta(days=15)


@pytest.fixture
async def desk(world: World) -> AsyncIterator[DeskWorld]:
    async with _desk(world) as served:
        yield served


@pytest.fixture
async def both_desks(both_worlds: World) -> AsyncIterator[DeskWorld]:
    async with _desk(both_worlds) as served:
        yield served


@asynccontextmanager
async def _desk(world: World) -> AsyncIterator[DeskWorld]:
    await open_doors(world)
    config = dataclasses.replace(world.station.config, calendars=Calendars(hosts=HOSTS))
    world.station = dataclasses.replace(world.station, config=config)
    async with desk_of(world) as served:
        yield served


def ics(*events: str) -> bytes:
    body = "\r\n".join(f"BEGIN:VEVENT\r\n{event}\r\nEND:VEVENT" for event in events)
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n{body}\r\nEND:VCALENDAR\r\n".encode()


def local(hour: int, minute: int = 0, day: date = TUESDAY) -> datetime:
    return at_local(day, hour, minute)


async def feed(desk: DeskWorld, link: str) -> Calendar | None:
    """What a calendar program gets, or None for a page that does not exist."""
    station = desk.world.station
    app = build_app(station.config, station.database, station.dispatcher, WebChannel())
    async with TestServer(app) as server:
        url = server.make_url("/calendar/" + link.rpartition("/")[2])
        async with desk.seat().http.get(url) as answer:
            assert "Set-Cookie" not in answer.headers
            if answer.status == 404:
                return None
            assert answer.content_type == "text/calendar"
            return Calendar.from_ical(await answer.text())


def events(calendar: Calendar | None) -> dict[str, tuple[str, int, str]]:
    assert calendar is not None
    return {
        str(one["UID"]): (str(one["STATUS"]), int(one["SEQUENCE"]), str(one["SUMMARY"]))
        for one in calendar.walk("VEVENT")
    }


async def subscribed(desk: DeskWorld) -> str:
    seat = await desk.signed_in("advisor")
    await seat.open(f"/hours/{desk.world.ids['advisor_a']}/calendar")
    await seat.send(f"/hours/{desk.world.ids['advisor_a']}/feed")
    return re.findall(r'id="link">([^<]+)<', seat.page)[0]


async def test_a_feed_follows_the_diary_and_names_nobody(desk: DeskWorld) -> None:
    row = await desk.appointment(local(10), note="秘密配方")
    await desk.appointment(local(11), code="CD45EF", advisor="advisor_b")
    link = await subscribed(desk)
    assert link.startswith("http://127.0.0.1:8080/calendar/") and link.endswith(".ics")
    calendar = await feed(desk, link)
    assert events(calendar) == {row.uid: ("CONFIRMED", 0, "预约会诊（李）")}
    assert calendar is not None
    text = calendar.to_ical().decode()
    for secret in ("李四", "13800000000", "机械", "秘密", "专利"):
        assert secret not in text, secret
    actor = await desk.actor("staff")
    async with desk.world.session() as session:
        await cancel(session, actor=actor, appointment_id=row.id, reason="x", now=MONDAY)
    assert events(await feed(desk, link)) == {row.uid: ("CANCELLED", 1, "预约会诊（李）")}


async def test_a_token_is_kept_as_a_fingerprint_and_can_be_revoked(desk: DeskWorld) -> None:
    first = await subscribed(desk)
    async with desk.world.session() as session:
        row = (await session.scalars(select(CalendarFeed))).one()
    assert row.fingerprint not in first
    second = await subscribed(desk)
    assert await feed(desk, first) is None and await feed(desk, second) is not None
    staff, advisor = await desk.signed_in("staff"), desk.world.ids["advisor_a"]
    await staff.open(f"/hours/{advisor}/calendar")
    assert second not in staff.page
    assert "只能由本人建立" in await staff.send(f"/hours/{advisor}/feed")
    assert "已失效" in await staff.send(f"/hours/{advisor}/feed/end")
    assert await feed(desk, second) is None
    assert await feed(desk, "x" * 32) is None and await feed(desk, "%00") is None
    south = await desk.signed_in("staff_south")
    await south.open(f"/hours/{advisor}/calendar")
    assert south.status == 404


async def test_who_has_left_has_no_feed(desk: DeskWorld) -> None:
    link = await subscribed(desk)
    async with desk.world.session() as session:
        (await session.get_one(Advisor, desk.world.ids["advisor_a"])).active = False
    assert await feed(desk, link) is None


def test_busy_times_of_all_sorts() -> None:
    found = busy_spans(
        ics(
            "UID:1\r\nDTSTART:20261124T020000Z\r\nDTEND:20261124T030000Z",
            "UID:2\r\nDTSTART:20261124T103000\r\nDTEND:20261124T113000",  # no zone: China's
            "UID:3\r\nDTSTART;VALUE=DATE:20261126\r\nDTEND;VALUE=DATE:20261127",
            "UID:4\r\nDTSTART:20261124T050000Z\r\nDTEND:20261124T060000Z\r\nTRANSP:TRANSPARENT",
            "UID:5\r\nDTSTART:20261124T070000Z\r\nDTEND:20261124T080000Z\r\nSTATUS:CANCELLED",
            "UID:6@ipstation\r\nDTSTART:20261124T080000Z\r\nDTEND:20261124T090000Z",
            "UID:7\r\nDTSTART:20260105T010000Z\r\nDURATION:PT30M\r\nRRULE:FREQ=WEEKLY;BYDAY=FR\r\n"
            "EXDATE:20261204T010000Z",
        ),
        at_local(date(2026, 11, 23)),
        at_local(date(2026, 12, 8)),
    )
    friday, thursday = date(2026, 11, 27), date(2026, 11, 26)
    assert found == [
        (local(10), local(11, 30)),
        (local(0, day=thursday), local(0, day=friday)),
        (local(9, day=friday), local(9, 30, day=friday)),
    ]
    busy = b"BEGIN:VCALENDAR\r\nBEGIN:VFREEBUSY\r\nFREEBUSY:20261124T020000Z/PT1H\r\n"
    free = b"FREEBUSY;FBTYPE=FREE:20261124T050000Z/PT1H\r\nEND:VFREEBUSY\r\nEND:VCALENDAR\r\n"
    assert busy_spans(busy + free, MONDAY, END) == [(local(10), local(11))]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>sign in</html>",
        b"\xff\xfe\x00",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:yesterday\r\nEND:VCALENDAR",
        ics("UID:1\r\nDTSTART:20200101T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=SECONDLY"),
        ics("UID:1\r\nDTSTART:20200101T000000Z\r\nRRULE:FREQ=DAILY;BYHOUR=1,2,3"),
    ],
)
def test_garbage_is_refused(data: bytes) -> None:
    with pytest.raises(BadCalendar):
        busy_spans(data, MONDAY, END)


@pytest.mark.parametrize(
    "url",
    [
        "http://calendar.example.com/a.ics",
        "https://calendar.example.com.evil.example/a.ics",
        "https://calendar.example.com@127.0.0.1/a.ics",
        "https://me@calendar.example.com/a.ics",
        "https://calendar.example.com:8443/a.ics",
        "https://127.0.0.1/a.ics",
        "https://2130706433/a.ics",
        "https://[::1]/a.ics",
        "https://localhost/a.ics",
        "file:///etc/passwd",
        "https://calendar.example.com:99999999/",
        "https://[calendar.example.com/",
        "https://calendar.example.com/" + "a" * 500,
    ],
)
def test_addresses_that_are_not_allowed(url: str) -> None:
    with pytest.raises(BadAddress):
        checked_address(url, HOSTS)


def test_addresses_that_are_allowed() -> None:
    assert checked_address(" webcal://Calendar.Example.com/a ", HOSTS).startswith("https://")
    assert checked_address(URL, HOSTS) == URL


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("127.0.0.1", False), ("10.1.2.3", False), ("172.16.0.1", False), ("192.168.1.1", False),
        ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False),
        ("::1", False), ("fe80::1%eth0", False), ("fd00::1", False), ("::ffff:127.0.0.1", False),
        ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False), ("nonsense", False),
        ("93.184.215.14", True), ("2606:2800:21f:cb07::1", True),
    ],
)  # fmt: skip
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public(address) is public


class Names(AbstractResolver):
    """A name server that says what it is told to."""

    def __init__(self, *addresses: str, port: int = 0) -> None:
        self.addresses, self.port = addresses, port

    async def resolve(self, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [
            ResolveResult(
                hostname=host, host=one, port=self.port or port, family=2, proto=0, flags=0
            )
            for one in self.addresses
        ]

    async def close(self) -> None:
        pass


async def test_a_name_with_any_private_address_is_not_connected_to() -> None:
    for addresses in (("127.0.0.1",), ("93.184.215.14", "10.0.0.1"), ()):
        resolver = PublicResolver(Names(*addresses))
        with pytest.raises(NotFetched) as refused:
            await fetch(URL, most=100, seconds=2, resolver=resolver)
        assert refused.value.key == "diary.busy_private"


async def test_what_comes_back_is_limited_and_not_followed() -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        if request.path == "/big":
            return web.Response(body=b"x" * 2000)
        if request.path == "/moved":
            raise web.HTTPFound("http://127.0.0.1/secret")
        if request.path == "/slow":
            await asyncio.Event().wait()
        return web.Response(body=b"calendar")

    app = web.Application()
    app.router.add_get("/{name}", answer)
    async with TestServer(app) as server:
        host, names = "calendar.example.com", Names("127.0.0.1", port=server.port or 0)

        async def read(name: str, seconds: float = 2) -> bytes:
            url = f"http://{host}/{name}"  # the scheme is checked before, see checked_address
            return await fetch(url, most=1000, seconds=seconds, resolver=names)

        assert await read("good") == b"calendar"
        for name, seconds, key in (
            ("big", 2, "diary.busy_too_large"),
            ("moved", 2, "diary.busy_status"),
            ("slow", 0.05, "diary.busy_unreachable"),
        ):
            with pytest.raises((NotFetched, BadCalendar)) as refused:
                await read(name, seconds)
            assert refused.value.key == key
        with pytest.raises(NotFetched):  # no TLS spoken there
            await fetch(
                f"https://{host}/good", most=10, seconds=2, resolver=names,
                ssl=ssl.create_default_context(),
            )  # fmt: skip


async def test_busy_times_block_and_the_last_good_state_stays(both_desks: DeskWorld) -> None:
    desk = both_desks
    ids, clock = desk.world.ids, desk.world.clock
    page = f"/hours/{ids['advisor_a']}/calendar"
    seat = await desk.signed_in("advisor")
    await seat.open(page)
    for bad in ("http://calendar.example.com/a", "https://169.254.169.254/latest", ""):
        await seat.send(f"/hours/{ids['advisor_a']}/busy", url=bad)
        assert seat.status in (409, 422), bad
    assert "等待读取" in await seat.send(f"/hours/{ids['advisor_a']}/busy", url=URL)

    answers: list[bytes | Exception] = [
        ics("UID:1\r\nDTSTART:20261124T010000Z\r\nDTEND:20261124T040000Z\r\nSUMMARY:体检"),
        b"<html>",
        NotFetched("diary.busy_private"),
        ics(),
    ]

    async def answer(url: str) -> bytes:
        assert url == URL
        said = answers.pop(0)
        if isinstance(said, Exception):
            raise said
        return said

    station = desk.world.station
    reader = BusyReader(station.config, station.database, clock, answer)
    assert await reader.tick() == 1 and await reader.tick() == 0  # not before its time
    said = await seat.open(page)
    assert "正常" in said and "忙时 1 段" in said
    week = await seat.open("/appointments?view=week&day=2026-11-24")
    assert "09:00 –12:00 外部日历占用" in week and "体检" not in week
    staff = await desk.signed_in("staff")
    said = await staff.open(f"/book?area=filing&who=advisor-{ids['advisor_a']}&day=2026-11-24")
    assert "13:30" in said and "09:30" not in said and "11:30" not in said
    for trouble in ("不是日历", "内部网络"):
        clock.move(minutes=31)
        assert await reader.tick() == 1
        said = await seat.open(page)
        assert trouble in said and "仍按这次的结果" in said and "忙时 1 段" in said
    clock.move(minutes=31)
    await reader.tick()
    assert "正常" in await seat.open(page) and "忙时 0 段" in seat.words
    await seat.send(f"/hours/{ids['advisor_a']}/busy/end")
    async with desk.world.session() as session:
        assert (await session.scalars(select(BusySource))).all() == []
        assert (await session.scalars(select(BusySpan))).all() == []


async def test_an_appointment_in_a_busy_time_is_listed_for_a_person(desk: DeskWorld) -> None:
    ids = desk.world.ids
    row = await desk.appointment(local(10))
    async with desk.world.session() as session:
        row = await session.get_one(Appointment, row.id)
        await take(session, row, settings=desk.world.station.config.booking, now=MONDAY)
        source = BusySource(advisor_id=ids["advisor_a"], url=URL, due_at=MONDAY)
        session.add(source)
        await session.flush()
        session.add(
            BusySpan(
                source_id=source.id, advisor_id=ids["advisor_a"], starts_at=local(9),
                ends_at=local(12),
            )
        )  # fmt: skip
    seat = await desk.signed_in("staff")
    assert "外部日历占用" in await seat.open("/conflicts")


async def test_an_address_changed_meanwhile_keeps_nothing_of_the_old_one(desk: DeskWorld) -> None:
    ids, station = desk.world.ids, desk.world.station
    async with desk.world.session() as session:
        session.add(BusySource(advisor_id=ids["advisor_a"], url=URL, due_at=MONDAY))

    async def answer(url: str) -> bytes:
        async with desk.world.session() as session:
            (await session.scalars(select(BusySource))).one().url = URL + "?other"
        return ics("UID:1\r\nDTSTART:20261124T010000Z\r\nDTEND:20261124T040000Z")

    await BusyReader(station.config, station.database, desk.world.clock, answer).tick()
    async with desk.world.session() as session:
        assert (await session.scalars(select(BusySpan))).all() == []
