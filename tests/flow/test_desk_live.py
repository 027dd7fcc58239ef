"""Open pages hear what was committed, whoever committed it, and only what is theirs."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import ClientResponse

from console.desk import DESK
from console.live import Live
from escalation.lifecycle import Party, write_event
from escalation.model import Ticket
from tests.fakes_desk import DeskWorld, Seat, desk_of
from tests.world import World

SECONDS = 5  # until a stream that stays silent has failed
_open: list[ClientResponse] = []


@pytest.fixture
async def desk(both_worlds: World) -> AsyncIterator[DeskWorld]:
    async with desk_of(both_worlds) as served:
        yield served
        while _open:
            _open.pop().close()


class Stream:
    """One open stream of events."""

    def __init__(self, answer: ClientResponse) -> None:
        self.answer = answer

    async def event(self) -> tuple[str, dict[str, Any]]:
        """The next event: its kind and data."""
        kind = "message"
        async with asyncio.timeout(SECONDS):
            while line := (await self.answer.content.readline()).decode():
                name, _, value = line.strip().partition(": ")
                if name == "event":
                    kind = value
                if name == "data":
                    return kind, json.loads(value)
        return "end", {}


async def listen(seat: Seat, **headers: str) -> Stream:
    answer = await seat.http.get(f"{seat.root}/events", headers=headers)
    _open.append(answer)
    assert answer.content_type == "text/event-stream"
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    return Stream(answer)


async def ready(seat: Seat) -> Stream:
    stream = await listen(seat)
    assert (await stream.event())[0] == "ready"
    return stream


async def test_everybody_whose_business_it_is_hears_of_a_new_ticket(desk: DeskWorld) -> None:
    ours = await ready(await desk.signed_in("staff"))
    province = await ready(await desk.signed_in("province"))
    south = await ready(await desk.signed_in("staff_south"))
    ticket = await desk.ticket("一件很保密的事")
    elsewhere = await desk.ticket("南园的事", chat="li", center_id=desk.world.ids["south"])
    kind, news = await ours.event()
    assert (kind, news["ticket"], news["number"]) == ("message", ticket.id, ticket.number)
    assert news["kind"] == "opened" and news["rings"] is True
    assert "保密" not in json.dumps(news, ensure_ascii=False)
    assert [(await province.event())[1]["ticket"] for _ in range(2)] == [ticket.id, elsewhere.id]
    assert (await south.event())[1]["ticket"] == elsewhere.id


async def test_an_expert_hears_of_tickets_that_are_with_them_but_not_of_inner_notes(
    desk: DeskWorld,
) -> None:
    expert = await ready(await desk.signed_in("expert"))
    ticket = await desk.ticket("要请专家看的问题")
    seat = await desk.signed_in("staff")
    await seat.open(f"/tickets/{ticket.id}")
    await seat.send(f"/tickets/{ticket.id}/take", complexity="ordinary")
    await seat.send(f"/tickets/{ticket.id}/pass-on", expert=str(desk.world.ids["expert_filing"]))
    actor = await desk.actor("staff")
    async with desk.world.session() as session:
        row = await session.get_one(Ticket, ticket.id)
        now = desk.world.clock()
        write_event(session, row, "merged", actor=actor, now=now, text="内部", shown=False)
        write_event(session, row, "supplement", actor=actor, now=now, text="补充")
    heard = [(await expert.event())[1]["kind"]]
    while heard[-1] != "supplement":
        heard.append((await expert.event())[1]["kind"])
    assert "merged" not in heard
    assert "pass_on" in heard


async def test_what_was_missed_is_told_after_coming_back(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    first = await desk.ticket("先看到的")
    missed = await desk.ticket("断线时来的", chat="li")
    stream = await listen(seat, **{"Last-Event-ID": "1"})
    told = [(await stream.event())[1]["ticket"] for _ in range(2)]
    assert told == [first.id, missed.id]  # the first again: the page knows it by its id
    assert (await stream.event())[0] == "ready"
    assert "end" not in (await (await listen(seat, **{"Last-Event-ID": "x" * 40})).event())


async def test_the_bell_counts_what_others_did_until_it_is_looked_at(desk: DeskWorld) -> None:
    seat = await desk.signed_in("staff")
    ticket = await desk.ticket("新来的问题")
    await desk.ticket("南园的事", chat="li", center_id=desk.world.ids["south"])
    assert json.loads(await lately(seat))["bell"] == 1
    await seat.open(f"/tickets/{ticket.id}")
    await seat.send(f"/tickets/{ticket.id}/take", complexity="ordinary")
    assert json.loads(await lately(seat))["bell"] == 1  # own acts are no news
    said = await seat.open("/news")
    assert ticket.number in said and "新来的问题" not in said
    assert json.loads(await lately(seat))["bell"] == 0
    # A colleague's ticket is the colleague's to look at.
    colleague = await desk.signed_in("colleague")
    await colleague.open("/news")
    expert = await desk.actor("expert")
    async with desk.world.session() as session:
        row = await session.get_one(Ticket, ticket.id)
        write_event(
            session, row, "expert_decline", actor=expert, party=Party.EXPERT,
            now=desk.world.clock(),
        )  # fmt: skip
    assert json.loads(await lately(colleague))["bell"] == 0
    told = json.loads(await lately(seat, "0"))
    assert told["bell"] == 1
    assert [news["kind"] for news in told["news"]] == ["opened", "take", "expert_decline"]


async def lately(seat: Seat, since: str = "") -> str:
    async with seat.http.get(f"{seat.root}/events/lately?since={since}") as answer:
        assert answer.status == 200
        return await answer.text()


async def test_nobody_unknown_listens_and_others_have_no_stream(desk: DeskWorld) -> None:
    for who, status in ((None, 200), ("editor", 403), ("advisor", 403)):
        seat = desk.seat() if who is None else await desk.signed_in(who)
        async with seat.http.get(f"{seat.root}/events") as answer:
            assert answer.content_type == "text/html"
            assert answer.status == status


async def test_streams_end_when_the_process_stops(desk: DeskWorld) -> None:
    stream = await ready(await desk.signed_in("staff"))
    live: Live = desk.app[DESK].live
    await live.hang_up(desk.app)
    assert (await stream.event())[0] == "end"


async def test_a_line_that_became_visible_late_is_still_told(desk: DeskWorld) -> None:
    """On PostgreSQL ids are given out before the commit: a lower one may come after a higher."""
    ticket = await desk.ticket("编号在前，提交在后")
    stream = await ready(await desk.signed_in("staff"))
    for number in (900, 899):
        actor = await desk.actor("staff")
        async with desk.world.session() as session:
            row = await session.get_one(Ticket, ticket.id)
            write_event(session, row, "supplement", actor=actor, now=desk.world.clock())
            next(iter(session.new)).id = number
        assert (await stream.event())[1]["key"] == f"line:{number}"
