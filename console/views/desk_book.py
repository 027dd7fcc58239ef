"""代约: book for somebody at the window or on the phone; see somebody who just walked in."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.availability import Window, first_free, free_days, free_starts
from booking.model import Place
from booking.service.at_desk import NobodyFree, book_at_desk, first_start, see_now
from booking.service.confirm import Person
from booking.service.hold import Wish
from console.clashes import moment_in
from console.enterprise_field import enterprise_in
from console.visit import Visit
from core.clock import local_day
from core.errors import Refusal
from core.security import new_token
from directory.model import Advisor, Agency
from directory.queries import advisors_of
from directory.service import clean_phone
from escalation.service.open import TOPICS
from knowledge.entry import AREAS

ANY, FIRST = "any", "first"
PLACES = tuple(place.value for place in Place)


@dataclass(frozen=True)
class Asked:
    """What is asked for so far, from the address or from a form that was refused."""

    area: str
    who: str
    minutes: int
    place: str
    day: date | None

    def wish(self, visit: Visit, starts_at: datetime) -> Wish:
        """As the services take it."""
        kind, _, number = self.who.partition("-")
        chosen = int(number) if number.isdecimal() else None
        return Wish(
            center_id=visit.actor.center_id or 0,
            area=self.area,
            starts_at=starts_at,
            minutes=self.minutes,
            agency_id=chosen if kind == "agency" else None,
            advisor_id=chosen if kind == "advisor" else None,
            place=self.place,
        )


async def show(visit: Visit) -> web.StreamResponse:
    """First what and with whom, then one of the free times and for whom."""
    asked = _asked(visit)
    async with visit.reading() as session:
        center_id = visit.actor.center_id or 0
        people = await advisors_of(session, center_id)
        served = [area for area in AREAS if any(area in one.areas for one, _ in people)]
        free = await _free(session, visit, asked) if asked.area in served else {}
    return visit.render(
        "desk_book.html",
        asked=asked,
        areas=served,
        people=[pair for pair in people if asked.area in pair[0].areas],
        agencies=_agencies(people, asked.area),
        lengths=visit.desk.config.booking.lengths,
        places=PLACES,
        free=free,
        **_fallback(visit),
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Book it; then its page, with the code to read out."""
    form, settings = visit.form, visit.desk.config.booking
    asked, worktime = _asked(visit), visit.desk.worktime
    form.choice("area", AREAS, "desk.walk_in.area_missing")
    first = form.values.get("starts_at") == FIRST
    starts_at = visit.now if first else moment_in(visit, "starts_at")
    async with visit.writing() as session:
        person = await _person(session, visit, phone_needed=True)
        form.require_good()
        assert starts_at is not None
        wish = asked.wish(visit, starts_at)
        if first:
            starts_at = await first_start(
                session, wish=wish, settings=settings, worktime=worktime, now=visit.now
            )
        row = await book_at_desk(
            session,
            actor=visit.actor,
            wish=asked.wish(visit, starts_at),
            person=person,
            settings=settings,
            worktime=worktime,
            now=visit.now,
        )
    return visit.go_to(visit.url("appointment", id=row.id), "diary.booked", code=row.code)


async def now(visit: Visit) -> web.StreamResponse:
    """Somebody walked in: seen at once by whoever is free."""
    asked = _asked(visit)
    visit.form.choice("area", AREAS, "desk.walk_in.area_missing")
    try:
        async with visit.writing() as session:
            person = await _person(session, visit, phone_needed=False)
            visit.form.require_good()
            row = await see_now(
                session,
                actor=visit.actor,
                wish=asked.wish(visit, visit.now),
                person=person,
                settings=visit.desk.config.booking,
                worktime=visit.desk.worktime,
                now=visit.now,
            )
    except NobodyFree:
        visit.form.values["nobody"] = "yes"
        raise
    address = visit.url("appointment", id=row.id)
    return visit.go_to(address, "desk.appointment.checked_in", name=row.name)


def _asked(visit: Visit) -> Asked:
    def given(name: str) -> str:
        return visit.form.values.get(name) or visit.query(name)

    lengths = visit.desk.config.booking.lengths
    minutes = given("minutes")
    try:
        day = date.fromisoformat(given("day"))
    except ValueError:
        day = None
    return Asked(
        area=given("area"),
        who=given("who") or ANY,
        minutes=int(minutes) if minutes in map(str, lengths) else lengths[0],
        place=given("place") if given("place") in PLACES else Place.ON_SITE,
        day=day,
    )


async def _free(session: AsyncSession, visit: Visit, asked: Asked) -> dict[str, Any]:
    """The first free time, the days with free times, and the times of the day asked for."""
    wish = asked.wish(visit, visit.now)
    window = Window.at(visit.now, visit.desk.config.booking, visit.desk.worktime)
    pairs = await queries.candidates(
        session, center_id=wish.center_id, area=wish.area, now=visit.now
    )
    ids = [advisor.id for advisor, agency in pairs if wish.fits(advisor, agency)]
    diaries = await queries.diaries(session, ids, window, place=wish.place)
    days = free_days(diaries, wish.minutes, window)
    day = asked.day if asked.day in days else (days[0] if days else None)
    return {
        "first": first_free(diaries, wish.minutes, window),
        "days": days,
        "day": day,
        "times": free_starts(diaries, day, wish.minutes, window) if day else [],
        "last": local_day(visit.now) + timedelta(days=visit.desk.config.booking.horizon_days),
    }


def _agencies(people: Any, area: str) -> list[Agency]:
    """The agencies that serve the topic, by name."""
    found: dict[int, Agency] = {
        agency.id: agency for advisor, agency in people if _serves(advisor, area)
    }
    return sorted(found.values(), key=lambda agency: agency.name)


def _serves(advisor: Advisor, area: str) -> bool:
    return area in advisor.areas


async def _person(session: AsyncSession, visit: Visit, *, phone_needed: bool) -> Person:
    form = visit.form
    name = form.line("name", most=40, missing="diary.name_missing")
    missing = "diary.phone_missing" if phone_needed else None
    phone = form.line("phone", most=30, missing=missing)
    try:
        phone = clean_phone(phone) if phone else ""
    except Refusal as refusal:
        form.wrong("phone", refusal.key, **refusal.params)
    enterprise_name, enterprise_id = await enterprise_in(session, visit)
    return Person(name, phone, enterprise_name, enterprise_id)


def _fallback(visit: Visit) -> dict[str, Any]:
    """What the walk-in register needs when nobody is free to see a walk-in."""
    return {
        "nobody": visit.form.values.get("nobody") == "yes",
        "once": new_token(12),
        "topics": TOPICS,
        "today": local_day(visit.now),
    }
