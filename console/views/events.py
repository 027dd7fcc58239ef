"""The stream of events behind every open page, and what a page asks when it begins."""

import asyncio
import json

from aiohttp import web

from console.auth import HEADERS, still_signed_in
from console.bell import rung
from console.live import Ears
from console.visit import LARGEST_ID, Visit
from escalation.news import News, news_for

LINES = "line"  # the stream that Last-Event-ID and the bell count by
KEEP_ALIVE = 20.0  # seconds; then the session is looked at again too
REPLAYED = 200
LOOK_BACK = 50  # a line may have become visible after the one the page saw last


async def stream(visit: Visit) -> web.StreamResponse:
    """News for this actor as server-sent events, until the session or the page ends."""
    response = web.StreamResponse(
        headers={
            **HEADERS,
            "Content-Type": "text/event-stream; charset=utf-8",
            "X-Accel-Buffering": "no",
        }
    )
    await response.prepare(visit.request)
    try:
        with visit.desk.live.listening() as ears:
            await response.write(b"retry: 2000\n\n")
            sent = await _replay(visit, response)
            await response.write(b"event: ready\ndata: {}\n\n")
            await _tell(visit, response, ears, sent)
    except ConnectionError:
        pass
    return response


async def lately(visit: Visit) -> web.StreamResponse:
    """The bell's count, and what happened since the page was made."""
    async with visit.reading() as session:
        waiting = await rung(session, visit.actor)
        since = _since(visit.query("since"))
        found = [] if since is None else await news_for(session, visit.actor, since)
    return web.json_response(
        {"bell": len(waiting), "news": [_told(visit, news) for news in reversed(found)]}
    )


async def _replay(visit: Visit, response: web.StreamResponse) -> set[str]:
    """What the page missed while it was cut off, as its Last-Event-ID says."""
    since = _since(visit.request.headers.get("Last-Event-ID", ""))
    if since is None:
        return set()
    async with visit.reading() as session:
        missed = await news_for(session, visit.actor, since - LOOK_BACK, limit=REPLAYED)
    for news in reversed(missed):
        await response.write(_event(visit, news))
    return {news.key for news in missed}


def _since(given: str) -> int | None:
    known = given.isascii() and given.isdecimal() and len(given) <= len(str(LARGEST_ID))
    return min(int(given), LARGEST_ID) if known else None


async def _tell(visit: Visit, response: web.StreamResponse, ears: Ears, sent: set[str]) -> None:
    clock = asyncio.get_running_loop().time
    check_at = clock() + KEEP_ALIVE
    while True:
        try:
            news = await asyncio.wait_for(ears.get(), max(0.0, check_at - clock()))
        except TimeoutError:
            if not await still_signed_in(visit):
                await response.write(b"event: gone\ndata: {}\n\n")
                return
            check_at = clock() + KEEP_ALIVE
            await response.write(b": still here\n\n")
            continue
        if news is None:
            return
        if news.key not in sent and news.concerns(visit.actor):
            await response.write(_event(visit, news))


def _event(visit: Visit, news: News) -> bytes:
    told = json.dumps(_told(visit, news), ensure_ascii=False)
    mark = f"id: {news.id}\n" if news.stream == LINES else ""
    return f"{mark}data: {told}\n\n".encode()


def _told(visit: Visit, news: News) -> dict[str, object]:
    """Never a word of the matter: this may be shown on a locked screen."""
    return {
        "key": news.key,
        "ticket": news.ticket_id,
        "number": news.number,
        "kind": news.kind,
        "rings": news.rings(visit.actor),
    }
