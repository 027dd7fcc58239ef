"""The second factor (两步验证): time-based codes (RFC 6238) and one-time recovery codes."""

import secrets
from datetime import datetime

import pyotp
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import changed
from core.errors import Refusal
from core.seal import seal, unseal
from core.security import fingerprint
from directory.model import Account

PURPOSE = "totp"
ISSUER = "知产小站"
STEP = 30  # seconds a code lasts; the one before and the one after are taken too
CODES = 10
ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"  # nothing that looks like something else


class WrongCode(Refusal):
    """The code does not fit, was used already, or the clock of the device is off."""

    key = "account.wrong_code"


def new_secret() -> str:
    """A secret to be shown once, as a QR code."""
    return pyotp.random_base32()


def address(secret: str, username: str) -> str:
    """What the QR code holds."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


async def set_up(
    session: AsyncSession, account: Account, *, secret: str, code: str, key: str, now: datetime
) -> list[str]:
    """Require codes from now on, once a first one has shown that the device has the secret.

    Gives the recovery codes, which are shown once and kept as fingerprints. Raises WrongCode.
    """
    step = _step_of(secret, code, now)
    if step is None:
        raise WrongCode
    codes = ["-".join(_word() for _ in range(2)) for _ in range(CODES)]
    account.totp_sealed, account.totp_step = seal(key, PURPOSE, secret), step
    account.recovery = [fingerprint(one) for one in codes]
    await session.flush()
    return codes


async def take_off(session: AsyncSession, account: Account) -> None:
    """No second factor any more: for a lost device, by whoever manages the account."""
    account.totp_sealed, account.totp_step, account.recovery = None, None, []
    await session.flush()


async def check(
    session: AsyncSession, account: Account, code: str, *, key: str, now: datetime
) -> bool:
    """Whether a code of the device, or an unused recovery code, fits. Each works once."""
    typed = code.strip().replace(" ", "").lower()
    secret = unseal(key, PURPOSE, account.totp_sealed or "")
    step = _step_of(secret, typed, now) if secret else None
    if step is not None:
        return await _use_step(session, account, step)
    mark = fingerprint(typed)
    if mark not in account.recovery:
        return False
    account.recovery = [one for one in account.recovery if one != mark]
    await session.flush()
    return True


async def _use_step(session: AsyncSession, account: Account, step: int) -> bool:
    """Of two who type the same code at once, one is let in."""
    unused = Account.totp_step.is_(None) | (Account.totp_step < step)
    result = await session.execute(
        update(Account).where(Account.id == account.id, unused).values(totp_step=step)
    )
    return changed(result)


def _step_of(secret: str, code: str, now: datetime) -> int | None:
    """The time step that a code belongs to; None for one that fits none near now."""
    totp, present = pyotp.TOTP(secret), int(now.timestamp()) // STEP
    for step in (present, present - 1, present + 1):
        if secrets.compare_digest(totp.at(step * STEP).encode(), code.strip().encode()):
            return step
    return None


def _word() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(5))
