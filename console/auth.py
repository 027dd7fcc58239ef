"""The door of the desk: who is it, was the form ours, and what every answer carries."""

import hmac
import logging
from collections.abc import Awaitable, Callable
from uuid import uuid4

from aiohttp import web

from console.desk import DESK
from console.forms import Form
from console.visit import Visit
from core.security import new_token, sign
from directory import audit
from directory.actor import account_actor
from directory.model import Account, Center, DeskSession
from directory.service import know_device
from directory.sessions import (
    SEEN_EVERY,
    close_desk_session,
    desk_session,
    open_desk_session,
    touch,
)

log = logging.getLogger(__name__)

SESSION_COOKIE = "desk_session"
GUEST_COOKIE = "desk_guest"
DEVICE_COOKIE = "desk_device"
DEVICE_SECONDS = 365 * 24 * 3600
CSRF_FIELD = "csrf"
WITH_FILES = frozenset({"attach", "upload"})  # routes that take a file
VISIT = web.RequestKey("visit", Visit)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",
}

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@web.middleware
async def door(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Open the visit, check the form token, turn errors into pages, add the security headers."""
    if isinstance(request.match_info.route.resource, web.StaticResource):
        response = await handler(request)
        response.headers["Cache-Control"] = "no-cache"  # kept, but asked about (ETag)
        return _with_headers(response)
    visit = Visit(request, request.app[DESK], request.app[DESK].clock())
    request[VISIT] = visit
    try:
        return _with_headers(await _answer(request, visit, handler))
    finally:
        for posted in visit.files.values():
            posted.file.close()


def _with_headers(response: web.StreamResponse) -> web.StreamResponse:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response


async def _answer(request: web.Request, visit: Visit, handler: Handler) -> web.StreamResponse:
    try:
        await _recognise(visit)
        if request.method == "POST":
            await _check_form(visit)
        response = await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _error_page(visit, error.status)
    except Exception:
        number = uuid4().hex[:8]
        log.exception("desk request %s failed: %s %s", number, request.method, request.path)
        return _error_page(visit, 500, number)
    if visit.signed_in is None and isinstance(response, web.Response):
        _keep_guest(visit, response)
    return response


async def _recognise(visit: Visit) -> None:
    """Session cookie → account → actor; a guest gets a form token of their own."""
    token = visit.request.cookies.get(SESSION_COOKIE)
    if token:
        async with visit.reading() as session:
            found = await desk_session(session, token=token, now=visit.now)
            if found is not None:
                row, account = found
                visit.signed_in, visit.csrf, visit.session = (
                    account_actor(account),
                    row.csrf_token,
                    row,
                )
                required = visit.desk.config.security.two_factor_roles
                visit.owes_second = account.role in required and account.totp_sealed is None
                if account.center_id is not None:
                    visit.center = await session.get(Center, account.center_id)
        if found is not None:
            await _keep_seen(visit, found[0])
            return
    guest = visit.request.cookies.get(GUEST_COOKIE) or new_token(18)
    visit.guest = guest
    visit.csrf = sign(visit.desk.config.security.secret_key, GUEST_COOKIE, guest)


async def _keep_seen(visit: Visit, row: DeskSession) -> None:
    if visit.now - row.last_seen_at > SEEN_EVERY:
        async with visit.writing() as session:
            await touch(session, row.id, now=visit.now)


async def still_signed_in(visit: Visit) -> bool:
    """Whether a visit that lasts is still allowed to; its actor is read anew."""
    visit.signed_in, visit.now = None, visit.desk.clock()
    await _recognise(visit)
    return visit.signed_in is not None


async def _check_form(visit: Visit) -> None:
    if visit.request.match_info.route.name in WITH_FILES:
        # More than is taken, so that a file too large gets a sentence and not a broken line.
        most = visit.desk.config.attachments.largest_mb * 4 * 1024 * 1024
        visit.request = visit.request.clone(client_max_size=most)
    try:
        fields = await visit.request.post()
    except ValueError as error:
        raise web.HTTPBadRequest from error
    visit.form = Form.posted(fields)
    visit.files = {name: v for name, v in fields.items() if isinstance(v, web.FileField)}
    given = visit.form.values.pop(CSRF_FIELD, "")
    if not hmac.compare_digest(given.encode(), visit.csrf.encode()):
        raise web.HTTPForbidden


def _keep_guest(visit: Visit, response: web.Response) -> None:
    if visit.request.cookies.get(GUEST_COOKIE) != visit.guest:
        visit.set_cookie(response, GUEST_COOKIE, visit.guest, None)


def _error_page(visit: Visit, status: int, number: str = "") -> web.Response:
    """What went wrong and what to do; what was typed is shown so that it can be copied."""
    visit.status = status
    return visit.render("error.html", number=number)


async def start_session(
    visit: Visit, account: Account, onward: str = "", *, by_link: bool = False
) -> web.StreamResponse:
    """Sign the account in on this browser, which is known from now on, and go to where it came
    for."""
    hours = visit.desk.config.security.session_hours
    agent = visit.request.headers.get("User-Agent", "")
    async with visit.writing() as session:
        token = await open_desk_session(
            session,
            account_id=account.id,
            now=visit.now,
            hours=hours,
            agent=agent,
            by_link=by_link,
        )
        device = await know_device(session, account, now=visit.now)
        how = "link" if by_link else "password"
        actor = account_actor(account)
        audit.write(session, "sign_in", actor=actor, now=visit.now, what=how, detail=agent)
    response = visit.go_to(onward if _is_ours(visit, onward) else visit.url("home"))
    visit.set_cookie(response, SESSION_COOKIE, token, hours * 3600)
    visit.set_cookie(response, DEVICE_COOKIE, device, DEVICE_SECONDS)
    return response


async def end_session(visit: Visit) -> web.StreamResponse:
    """Forget this browser's session."""
    token = visit.request.cookies.get(SESSION_COOKIE, "")
    async with visit.writing() as session:
        await close_desk_session(session, token=token)
        audit.write(session, "sign_out", actor=visit.actor, now=visit.now)
    response = visit.go("sign_in", said="desk.sign_in.signed_out")
    response.del_cookie(SESSION_COOKIE, path=visit.url("home"))
    return response


def _is_ours(visit: Visit, address: str) -> bool:
    """Whether the address is a page of the desk, not another site's."""
    return address.startswith(visit.url("home")) and not any(char.isspace() for char in address)
