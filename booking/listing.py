"""A liaison's list, pasted or as .csv, read into rows; what cannot be read says so by its line."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from core.clock import local_day
from core.errors import Refusal
from core.sanitise import visible
from core.texts import LANGUAGES, plain
from core.when import parse_day, parse_time
from directory.service import clean_phone
from knowledge.entry import AREAS

MOST_ROWS = 50
LONGEST = {"name": 40, "phone": 30, "enterprise": 120, "advisor": 40}
COLUMNS = ("name", "phone", "enterprise", "area", "day", "time", "advisor")
SEPARATORS = "\t,，;；"
ENCODINGS = ("utf-8-sig", "gb18030")


class BadList(Refusal):
    """Nothing in it, too much of it, or it is no text."""

    key = "diary.bad_list"


class BadRow(Refusal):
    """A row that cannot be read; ``key`` says what is wrong with it."""


@dataclass(frozen=True)
class Entry:
    """A row as it was meant. day, clock None: the first free one."""

    number: int
    name: str
    phone: str
    enterprise: str
    area: str
    day: date | None = None
    clock: time | None = None
    advisor: str = ""


@dataclass(frozen=True)
class Trouble:
    """A row that cannot be booked as it stands."""

    number: int
    name: str
    refusal: Refusal


Listed = Entry | Trouble


def decoded(data: bytes) -> str:
    """The text of a file as Excel and its relatives write it in China. Raises BadList."""
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadList(most=MOST_ROWS)


def read_list(text: str, now: datetime) -> list[Listed]:
    """The rows with their line numbers. A head line is recognised and may name another order.

    Raises BadList.
    """
    if "\0" in text:
        raise BadList(most=MOST_ROWS)
    lines = list(_lines(text))
    order: Sequence[str] = COLUMNS
    if lines and (head := _head(lines[0][1])):
        order, lines = head, lines[1:]
    if not 0 < len(lines) <= MOST_ROWS:
        raise BadList(most=MOST_ROWS)
    return [_read(number, dict(zip(order, cells, strict=False)), now) for number, cells in lines]


def _lines(text: str) -> Iterator[tuple[int, list[str]]]:
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max(SEPARATORS, key=first.count)
    reader = csv.reader(text.splitlines(), delimiter=separator)
    try:
        for cells in reader:
            tidy = [" ".join(visible(cell).split()) for cell in cells]
            if any(tidy):
                yield reader.line_num, tidy
    except csv.Error as error:
        raise BadList(most=MOST_ROWS) from error


def _head(cells: Sequence[str]) -> list[str] | None:
    """The columns that a head line names; None where the line is none."""
    known = {
        name.strip().lower(): column
        for column in COLUMNS
        for lang in LANGUAGES
        for name in plain(f"diary.column_{column}", lang).split(",")
    }
    found = [known.get(cell.lower(), "") for cell in cells]
    return found if "name" in found and "phone" in found else None


def _read(number: int, cells: Mapping[str, str], now: datetime) -> Listed:
    name = cells.get("name", "")
    try:
        return _entry(number, cells, now)
    except Refusal as refusal:
        return Trouble(number, name[: LONGEST["name"]], refusal)


def _entry(number: int, cells: Mapping[str, str], now: datetime) -> Entry:
    for column, most in LONGEST.items():
        if len(cells.get(column, "")) > most:
            raise BadRow("diary.row_too_long", most=most)
    if not cells.get("name"):
        raise BadRow("diary.row_name_missing")
    day, clock = _when(cells, now)
    return Entry(
        number=number,
        name=cells["name"],
        phone=clean_phone(cells.get("phone", "")),
        enterprise=cells.get("enterprise", ""),
        area=_area(cells.get("area", "")),
        day=day,
        clock=clock,
        advisor=cells.get("advisor", ""),
    )


def _area(given: str) -> str:
    """A topic by its name in any language, or a part of it that only one has."""
    names = {area: [plain(f"area.{area}", lang).lower() for lang in LANGUAGES] for area in AREAS}
    wanted = given.lower()
    exact = [area for area in AREAS if wanted in (area, *names[area])]
    near = [area for area in AREAS if wanted and any(wanted in name for name in names[area])]
    found = exact or near
    if len(found) != 1:
        known = "、".join(plain(f"area.{area}") for area in AREAS)
        raise BadRow("diary.row_area_unknown", given=given, known=known)
    return found[0]


def _when(cells: Mapping[str, str], now: datetime) -> tuple[date | None, time | None]:
    """The wished day and time; the day's cell may hold both."""
    said_day, said_time = cells.get("day", ""), cells.get("time", "")
    today = local_day(now)
    day = parse_day(said_day, today) if said_day else None
    clock = parse_time(said_time or said_day)
    if (said_day and day is None) or (said_time and clock is None) or (clock and day is None):
        raise BadRow("diary.row_when_unknown", given=f"{said_day} {said_time}".strip())
    if day is not None and not today <= day <= today + timedelta(days=366):
        raise BadRow("diary.row_day_past", given=day.isoformat())
    return day, clock
