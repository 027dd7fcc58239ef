"""My account: password, second factor, signed-in browsers."""

from datetime import timedelta

from aiohttp import web

from console.auth import SESSION_COOKIE
from console.visit import Visit
from directory import audit
from directory.accounts import change_password
from directory.model import Account
from directory.passwords import LEAST_ALONE, LEAST_WITH_SECOND
from directory.sessions import end_sessions, sessions_of

JUST_NOW = timedelta(minutes=15)  # so long who came by a link may set a password without the old


async def show(visit: Visit) -> web.StreamResponse:
    """Everything on one page."""
    async with visit.reading() as session:
        account = await session.get_one(Account, visit.actor.id)
        rows = await sessions_of(session, account.id, now=visit.now)
    second = account.totp_sealed is not None
    return visit.render(
        "account.html",
        account=account,
        sessions=rows,
        second=second,
        codes_left=len(account.recovery),
        asks_old=not _came_by_link(visit),
        least=LEAST_WITH_SECOND if second else LEAST_ALONE,
    )


async def password(visit: Visit) -> web.StreamResponse:
    """Change it; every other browser is signed out."""
    old, new, again = [await visit.secret(name) for name in ("old", "new", "again")]
    if new != again:
        visit.form.wrong("again", "account.not_the_same")
    visit.form.require_good()
    async with visit.writing() as session:
        await change_password(
            session,
            actor=visit.actor,
            old=None if _came_by_link(visit) else old,
            new=new,
            keep=visit.request.cookies.get(SESSION_COOKIE, ""),
            now=visit.now,
        )
    return visit.go("account", said="account.password_kept")


async def end_one(visit: Visit) -> web.StreamResponse:
    """Sign one browser out."""
    async with visit.writing() as session:
        await end_sessions(session, visit.actor.id or 0, only=visit.id_of())
        audit.write(session, "sessions_ended", actor=visit.actor, now=visit.now, what="one")
    return visit.go("account", said="account.session_ended")


async def end_others(visit: Visit) -> web.StreamResponse:
    """Sign every other browser out."""
    keep = visit.request.cookies.get(SESSION_COOKIE, "")
    async with visit.writing() as session:
        await end_sessions(session, visit.actor.id or 0, keep=keep)
        audit.write(session, "sessions_ended", actor=visit.actor, now=visit.now, what="others")
    return visit.go("account", said="account.sessions_ended")


def _came_by_link(visit: Visit) -> bool:
    row = visit.session
    return row is not None and row.by_link and visit.now - row.created_at < JUST_NOW
