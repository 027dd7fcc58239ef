"""Sign in with user name and password."""

from aiohttp import web

from console.auth import start_session
from console.visit import Visit
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
    password = (await visit.request.post()).get("password", "")
    if not isinstance(password, str) or not password:
        visit.form.wrong("password", "desk.sign_in.password_missing")
    visit.form.values.pop("password", None)
    visit.form.require_good()
    async with visit.writing() as session:
        account = await check_password(
            session, username=username, password=str(password)[:200], now=visit.now
        )
    if account is None:
        raise SignInRefused
    return await start_session(visit, account.id, visit.form.values.get("next", ""))
