"""The second step of signing in: the code of the device, or a recovery code."""

from datetime import datetime, timedelta

from aiohttp import web

from console.auth import DEVICE_COOKIE, start_session
from console.visit import Visit
from core.security import sign, unsign
from directory.model import Account
from directory.service import SignInRefused, is_locked, missed
from directory.two_factor import WrongCode, check

STEP_COOKIE = "desk_step"
PATIENCE = timedelta(minutes=10)


def ask_for_code(
    visit: Visit, account: Account, onward: str = "", *, by_link: bool = False
) -> web.Response:
    """The first step was right; go on to the second within ten minutes."""
    until = int((visit.now + PATIENCE).timestamp())
    value = f"{account.id}.{until}.{int(by_link)}"
    signed = sign(visit.desk.config.security.secret_key, STEP_COOKIE, value)
    response = visit.go_to(f"{visit.url('sign_in_code')}?next={onward}")
    visit.set_cookie(response, STEP_COOKIE, signed, int(PATIENCE.total_seconds()))
    return response


async def show(visit: Visit) -> web.StreamResponse:
    """The form; without a first step, that comes first."""
    if _first_step(visit) is None:
        return visit.go("sign_in")
    onward = visit.query("next") or visit.form.values.get("next", "")
    return visit.render("sign_in_code.html", next=onward)


async def submit(visit: Visit) -> web.StreamResponse:
    """Check the code. Misses count like wrong passwords."""
    first = _first_step(visit)
    if first is None:
        raise SignInRefused
    account_id, by_link = first
    device = visit.request.cookies.get(DEVICE_COOKIE, "")
    key = visit.desk.config.security.secret_key
    async with visit.writing() as session:
        account = await session.get_one(Account, account_id, with_for_update=True)
        locked = await is_locked(session, account, now=visit.now, device=device)
        code = visit.form.line("code", most=40)
        right = not locked and await check(session, account, code, key=key, now=visit.now)
        if not right and not locked:
            await missed(session, account, now=visit.now, device=device)
    if not right:
        raise WrongCode
    response = await start_session(
        visit, account, visit.form.values.get("next", ""), by_link=by_link
    )
    response.del_cookie(STEP_COOKIE, path=visit.url("home"))
    return response


def _first_step(visit: Visit) -> tuple[int, bool] | None:
    """Whose password was right a moment ago, and whether that was a one-time link."""
    cookie = visit.request.cookies.get(STEP_COOKIE, "")
    value = unsign(visit.desk.config.security.secret_key, STEP_COOKIE, cookie)
    if value is None:
        return None
    account_id, until, by_link = (int(part) for part in value.split("."))
    if datetime.fromtimestamp(until, visit.now.tzinfo) <= visit.now:
        return None
    return account_id, bool(by_link)
