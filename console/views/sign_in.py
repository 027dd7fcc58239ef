"""Sign in with user name and password; where a second factor is set up, its code comes next."""

from aiohttp import web

from console.auth import DEVICE_COOKIE, start_session
from console.views.sign_in_code import ask_for_code
from console.visit import Visit
from directory import audit
from directory.actor import Actor
from directory.service import SignInRefused, check_password


async def show(visit: Visit) -> web.StreamResponse:
    """The form; who is signed in already goes home."""
    if visit.signed_in is not None:
        return visit.go("home")
    return visit.render(
        "sign_in.html", next=visit.query("next") or visit.form.values.get("next", "")
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Check name and password; whatever was wrong, the answer is the same."""
    username = visit.form.line("username", most=40, missing="desk.sign_in.username_missing")
    password = await visit.secret("password")
    if not password:
        visit.form.wrong("password", "desk.sign_in.password_missing")
    visit.form.require_good()
    async with visit.writing() as session:
        account = await check_password(
            session,
            username=username.lower(),
            password=password,
            now=visit.now,
            device=visit.request.cookies.get(DEVICE_COOKIE, ""),
        )
        if account is None:
            stranger = Actor(kind="stranger", name=username)
            audit.write(session, "sign_in_failed", actor=stranger, now=visit.now, what=username)
    if account is None:
        raise SignInRefused
    onward = visit.form.values.get("next", "")
    if account.totp_sealed is not None:
        return ask_for_code(visit, account, onward)
    return await start_session(visit, account, onward)
