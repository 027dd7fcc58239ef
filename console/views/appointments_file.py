"""The days shown in the diary as a table to take away; no word of what the matters are about."""

from collections.abc import Iterator

from aiohttp import web
from sqlalchemy import select

from booking.model import Room
from booking.timetable import Kind, Line, Part
from console.diary import Look, lines_of, look_of
from console.sheets import download
from console.visit import Visit
from core.texts import plain


async def csv(visit: Visit) -> web.StreamResponse:
    """As .csv."""
    return await _file(visit, "csv")


async def xlsx(visit: Visit) -> web.StreamResponse:
    """As .xlsx."""
    return await _file(visit, "xlsx")


async def _file(visit: Visit, kind: str) -> web.StreamResponse:
    async with visit.reading() as session:
        look = await look_of(session, visit)
        lines = await lines_of(session, visit, look)
        rooms: dict[int | None, str] = {
            room.id: room.name for room in await session.scalars(select(Room))
        }
    head = plain("diary.file_head").split(",")
    where = look.center.code if look.center else "own"
    name = f"diary-{where}-{look.days[0]}-{'room' if look.rooms else 'advisor'}"
    return await download(name, kind, head, list(_rows(lines, look, rooms)))


def _rows(lines: list[Line], look: Look, rooms: dict[int | None, str]) -> Iterator[list[object]]:
    for n, _ in enumerate(look.days):
        for line in lines:
            for part in line.days[n].parts:
                yield _row(line, part, rooms)


def _row(line: Line, part: Part, rooms: dict[int | None, str]) -> list[object]:
    clock = [
        f"{part.local_start:%Y-%m-%d}",
        f"{part.local_start:%H:%M}",
        f"{part.local_end:%H:%M}" if part.local_end.date() == part.local_start.date() else "24:00",
    ]
    if part.kind != Kind.MEETING or part.sheet is None:
        what = plain(f"diary.part_{part.kind.value}")
        return [*clock, what, line.name, line.agency, "", "", "", "", part.reason]
    one = part.sheet
    row = one.appointment
    return [
        *clock,
        plain(f"diary.status_{row.status}"),
        one.advisor.name,
        one.agency.name,
        rooms.get(row.room_id, ""),
        row.name,
        row.enterprise_name,
        row.code,
        "",
    ]
