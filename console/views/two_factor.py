"""Set up the second factor: a QR code, a first code, then the recovery codes, shown once."""

import segno
from aiohttp import web

from console.visit import Visit
from core.security import sign, unsign
from directory import audit
from directory.model import Account
from directory.two_factor import WrongCode, address, new_secret, set_up

FIELD = "two_factor_secret"


async def show(visit: Visit) -> web.StreamResponse:
    """A fresh secret as a QR code; it counts only once a code of it was typed."""
    key = visit.desk.config.security.secret_key
    secret = unsign(key, FIELD, visit.form.values.get("secret", "")) or new_secret()
    async with visit.reading() as session:
        account = await session.get_one(Account, visit.actor.id)
    image = segno.make(address(secret, account.username), error="m")
    return visit.render(
        "two_factor.html",
        secret=secret,
        signed=sign(key, FIELD, secret),
        picture=image.svg_data_uri(scale=5, border=2),
        already=account.totp_sealed is not None,
    )


async def submit(visit: Visit) -> web.StreamResponse:
    """Keep it, and show the recovery codes. Raises WrongCode."""
    key = visit.desk.config.security.secret_key
    secret = unsign(key, FIELD, visit.form.values.get("secret", ""))
    if secret is None:
        raise WrongCode
    code = visit.form.line("code", most=12).replace(" ", "")
    async with visit.writing() as session:
        account = await session.get_one(Account, visit.actor.id, with_for_update=True)
        codes = await set_up(session, account, secret=secret, code=code, key=key, now=visit.now)
        audit.write(session, "two_factor", actor=visit.actor, now=visit.now, what=account.username)
    visit.owes_second = False
    return visit.render("two_factor_codes.html", codes=codes)
