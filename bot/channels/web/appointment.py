"""The page behind an appointment's signed link: see it, move it, cancel it, say you are late.

The signed code in the address is the key; a change must come from a page of ours besides. The link
ends with the appointment.
"""

from datetime import datetime

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from booking import queries
from booking.availability import Window, nearest
from booking.links import Links, holder
from booking.model import STANDING, Appointment
from booking.service.cancel import cancel
from booking.service.late import say_late
from booking.service.notice import LATE
from booking.service.reschedule import reschedule
from bot.channels.web.pages import Pages
from bot.channels.web.visitor import Visitors
from core.clock import Clock, local, local_day
from core.config import Config
from core.database import Database
from core.errors import Refusal
from core.texts import plain
from directory.actor import SYSTEM

OFFERED = 8
GONE, REFUSED = 410, 409


class AppointmentPages:
    """Renders the page and takes its forms."""

    def __init__(self, config: Config, database: Database, clock: Clock, pages: Pages) -> None:
        self._config = config
        self._database = database
        self._clock = clock
        self._pages = pages
        self._worktime = config.calendar()
        self._links = Links.of(config)
        self._visitors = Visitors(config)

    async def show(self, request: web.Request) -> web.Response:
        """The appointment as it stands, and what can be done about it."""
        async with self._database.reading() as session:
            row = await self._row(session, request)
            return await self._page(session, row, request)

    async def change(self, request: web.Request) -> web.Response:
        """Do what a form of the page says, once; then show the page anew."""
        if not self._visitors.on_our_page(request):
            raise web.HTTPForbidden
        form = await request.post()
        do, value = str(form.get("do", "")), str(form.get("value", ""))
        try:
            async with self._database.transaction() as session:
                row = await self._row(session, request)
                await self._do(session, row, do, value)
        except Refusal as refusal:
            async with self._database.reading() as session:
                row = await self._row(session, request)
                said = plain(refusal.key, row.lang, **refusal.params)
                return await self._page(session, row, request, wrong=said)
        raise web.HTTPSeeOther(request.path)

    async def _row(self, session: AsyncSession, request: web.Request) -> Appointment:
        """The appointment that the address names. Raises HTTPNotFound for one we did not sign."""
        code = self._links.code(request.match_info["signed"])
        if code is None:
            raise web.HTTPNotFound
        try:
            return await queries.by_code(session, SYSTEM, code)
        except queries.UnknownAppointment as unknown:
            raise web.HTTPNotFound from unknown

    async def _do(self, session: AsyncSession, row: Appointment, do: str, value: str) -> None:
        actor, now = holder(row), self._clock()
        if row.ends_at <= now:
            return
        if do == "cancel":
            await cancel(session, actor=actor, appointment_id=row.id, now=now)
        elif do == "late" and value.isascii() and value.isdecimal():
            await say_late(
                session, actor=actor, appointment_id=row.id, minutes=int(value[:3]), now=now
            )
        elif do == "move":
            await reschedule(
                session,
                actor=actor,
                appointment_id=row.id,
                starts_at=_instant(value),
                settings=self._config.booking,
                worktime=self._worktime,
                now=now,
                links=self._links,
            )
        else:
            raise web.HTTPBadRequest

    async def _page(
        self, session: AsyncSession, row: Appointment, request: web.Request, wrong: str = ""
    ) -> web.Response:
        now = self._clock()
        over = row.ends_at <= now
        standing = row.status in STANDING and not over
        to_come = standing and row.starts_at > now
        response = self._pages.page(
            "appointment.html",
            status=GONE if over else REFUSED if wrong else 200,
            s=await queries.sheet(session, row),
            path=request.path,
            wrong=wrong,
            over=over,
            can_change=to_come,
            late=LATE if standing and local_day(now) == local_day(row.starts_at) else (),
            starts=[local(start) for start in await self._nearest(session, row)] if to_come else [],
        )
        response.headers["Referrer-Policy"] = "same-origin"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    async def _nearest(self, session: AsyncSession, row: Appointment) -> list[datetime]:
        """Free times of its advisor close to the present one."""
        window = Window.at(self._clock(), self._config.booking, self._worktime)
        diaries = await queries.diaries(
            session, [row.advisor_id], window, moving=row.id, place=row.place
        )
        found = nearest(diaries, row.starts_at, row.minutes, window, OFFERED + 1)
        return [start for start in found if start != row.starts_at][:OFFERED]


def _instant(value: str) -> datetime:
    """An instant with its zone. Raises HTTPBadRequest for anything that no form of ours sends."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise web.HTTPBadRequest from error
    if found.tzinfo is None:
        raise web.HTTPBadRequest
    return found
