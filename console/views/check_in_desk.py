"""签到: check in by the code that the person reads out or shows."""

from aiohttp import web
from sqlalchemy.ext.asyncio import AsyncSession

from booking.check_in_code import read_code
from booking.model import Appointment, Status
from booking.queries import UnknownAppointment, by_code, sheet, unsealed
from booking.service.attend import BEFORE, check_in
from console.visit import Visit
from core.clock import local_day
from core.errors import Refusal

LONGEST = 300


class NotOurCode(Refusal):
    """Nothing here has that code: mistyped, of another center, or of another advisor."""

    key = "diary.not_our_code"


class ForgedCode(Refusal):
    """The signature of a scanned code does not fit."""

    key = "diary.forged_code"


async def show(visit: Visit) -> web.StreamResponse:
    """The field; with a code, whose it is."""
    given = visit.form.values.get("code") or visit.request.query.get("code", "")[:LONGEST]
    visit.form.values["code"] = given
    found = None
    if given and visit.refusal is None:
        try:
            async with visit.reading() as session:
                row = await _found(session, visit, given)
                found = unsealed(visit.actor, await sheet(session, row))
            visit.form.values["code"] = found.appointment.code
        except Refusal as refusal:
            visit.refuse(refusal, 404)
    ready = found is not None and _ready(found.appointment, visit)
    return visit.render("check_in_desk.html", found=found, ready=ready)


async def submit(visit: Visit) -> web.StreamResponse:
    """Write it down; ready for the next one."""
    given = visit.form.line("code", most=LONGEST, missing="diary.code_missing")
    visit.form.require_good()
    async with visit.writing() as session:
        row = await _found(session, visit, given)
        row = await check_in(session, actor=visit.actor, appointment_id=row.id, now=visit.now)
    return visit.go_to(
        visit.url("check_in_desk"), "desk.appointment.checked_in", name=row.name or row.code
    )


def _ready(row: Appointment, visit: Visit) -> bool:
    """Whether it can be checked in now."""
    may_come = row.status in BEFORE[Status.ATTENDED]
    return may_come and local_day(row.starts_at) <= local_day(visit.now)


async def _found(session: AsyncSession, visit: Visit, given: str) -> Appointment:
    """Raises NotOurCode, ForgedCode."""
    code = read_code(visit.desk.config.security.secret_key, given)
    if code is None:
        raise ForgedCode
    try:
        return await by_code(session, visit.actor, code)
    except UnknownAppointment as unknown:
        raise NotOurCode(code=code[:20]) from unknown
