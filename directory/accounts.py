"""Desk accounts: who manages whom, invitations by one-time link, passwords."""

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from core.security import hash_password, verify_password
from directory import audit
from directory.actor import Actor
from directory.model import Account, Advisor, Expert, Role
from directory.passwords import cleaned, require_good
from directory.service import invite
from directory.sessions import end_sessions
from directory.two_factor import take_off

UNUSABLE = "!"  # no password fits: the account is entered by one-time link
_USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,38})[a-z0-9]")
# Whom a director may have in the own sub-center; the province may have anybody.
OF_A_CENTER = (Role.STAFF, Role.DIRECTOR, Role.ADVISOR)


class UnknownAccount(Refusal):
    """There is none, or it is not this actor's business; which of the two is not told."""

    key = "account.unknown"


class BadUsername(Refusal):
    key = "account.bad_username"


class UsernameTaken(Refusal):
    key = "account.username_taken"


class BadPlace(Refusal):
    """The role needs a sub-center, an advisor or an expert that was not named, or not one's own."""

    key = "account.bad_place"


class LastOne(Refusal):
    """Without this account nobody could manage the others; or it is one's own."""

    key = "account.last_one"


class WrongPassword(Refusal):
    key = "account.wrong_password"


def manages(actor: Actor, account: Account) -> bool:
    """Whether the account is this actor's to change."""
    if actor.is_province:
        return True
    own_center = account.center_id is not None and account.center_id == actor.center_id
    return actor.role == Role.DIRECTOR and own_center and account.role in OF_A_CENTER


async def access_account(session: AsyncSession, actor: Actor, account_id: int) -> Account:
    """The account, for whoever manages it. Raises UnknownAccount."""
    account = await session.get(Account, account_id, populate_existing=True, with_for_update=True)
    if account is None or not manages(actor, account):
        raise UnknownAccount
    return account


async def managed(session: AsyncSession, actor: Actor) -> Sequence[Account]:
    """The accounts an actor manages, active ones first."""
    query = select(Account).order_by(Account.active.desc(), Account.center_id, Account.id)
    return [one for one in await session.scalars(query) if manages(actor, one)]


async def create_account(
    session: AsyncSession,
    *,
    actor: Actor,
    username: str,
    name: str,
    role: Role,
    now: datetime,
    valid_for: timedelta,
    center_id: int | None = None,
    advisor_id: int | None = None,
    expert_id: int | None = None,
    undertaking_on: date | None = None,
) -> tuple[Account, str]:
    """A new account and its one-time link. Raises BadUsername, UsernameTaken, BadPlace."""
    username = username.strip().lower()
    if not _USERNAME.fullmatch(username):
        raise BadUsername
    if await session.scalar(select(Account.id).where(Account.username == username)) is not None:
        raise UsernameTaken(username=username)
    advisor = await session.get(Advisor, advisor_id) if advisor_id is not None else None
    center = center_id if advisor is None else advisor.center_id
    account = Account(
        username=username,
        password_hash=UNUSABLE,
        name=name,
        role=role,
        center_id=center if role in OF_A_CENTER else None,
        advisor_id=advisor_id if role == Role.ADVISOR else None,
        expert_id=expert_id if role == Role.EXPERT else None,
        undertaking_on=undertaking_on,
        recovery=[],
    )
    await _require_place(session, actor, account)
    session.add(account)
    await session.flush()
    audit.write(session, "account_new", actor=actor, now=now, what=username, detail=role)
    return account, await _link(session, account, now, valid_for)


async def _link(
    session: AsyncSession, account: Account, now: datetime, valid_for: timedelta
) -> str:
    return await invite(session, now=now, account_id=account.id, valid_for=valid_for, welcome=True)


async def _require_place(session: AsyncSession, actor: Actor, account: Account) -> None:
    expert = await session.get(Expert, account.expert_id) if account.expert_id else None
    fits = {
        Role.STAFF: account.center_id is not None,
        Role.DIRECTOR: account.center_id is not None,
        Role.ADVISOR: account.advisor_id is not None and account.center_id is not None,
        Role.EXPERT: expert is not None,
    }
    if not fits.get(Role(account.role), True) or not manages(actor, account):
        raise BadPlace


async def new_link(
    session: AsyncSession, *, actor: Actor, account_id: int, now: datetime, valid_for: timedelta
) -> str:
    """A one-time link for somebody who cannot get in; it also opens what was locked."""
    account = await access_account(session, actor, account_id)
    account.failed_sign_ins, account.locked_until = 0, None
    audit.write(session, "account_link", actor=actor, now=now, what=account.username)
    return await _link(session, account, now, valid_for)


async def set_active(
    session: AsyncSession, *, actor: Actor, account_id: int, active: bool, now: datetime
) -> Account:
    """Switch an account off, which signs it out everywhere, or on again. Raises LastOne."""
    account = await access_account(session, actor, account_id)
    if not active and (account.id == actor.id or await _is_last(session, account)):
        raise LastOne
    account.active = active
    if not active:
        await end_sessions(session, account.id)
    verb = "account_on" if active else "account_off"
    audit.write(session, verb, actor=actor, now=now, what=account.username)
    await session.flush()
    return account


async def _is_last(session: AsyncSession, account: Account) -> bool:
    """Whether it is the only provincial administrator."""
    if account.role != Role.PROVINCE:
        return False
    others = select(func.count()).where(
        Account.role == Role.PROVINCE, Account.active, Account.id != account.id
    )
    return not await session.scalar(others)


async def reset_two_factor(
    session: AsyncSession, *, actor: Actor, account_id: int, now: datetime
) -> Account:
    """The device was lost: the next sign-in sets up another one. Signs out everywhere."""
    account = await access_account(session, actor, account_id)
    await take_off(session, account)
    await end_sessions(session, account.id)
    audit.write(session, "two_factor_reset", actor=actor, now=now, what=account.username)
    return account


async def record_undertaking(
    session: AsyncSession, *, actor: Actor, account_id: int, day: date, now: datetime
) -> Account:
    """Write down when the confidentiality undertaking (保密承诺书) was signed."""
    account = await access_account(session, actor, account_id)
    account.undertaking_on = day
    detail = day.isoformat()
    audit.write(session, "undertaking", actor=actor, now=now, what=account.username, detail=detail)
    await session.flush()
    return account


async def change_password(
    session: AsyncSession,
    *,
    actor: Actor,
    old: str | None,
    new: str,
    keep: str,
    now: datetime,
) -> None:
    """Set a new password and sign out every other browser.

    old: the present one; None where the person came by a one-time link just now. keep: the cookie
    of this browser. Raises WrongPassword, PasswordShort, PasswordLong, PasswordCommon.
    """
    account = await session.get_one(Account, actor.id, with_for_update=True)
    if old is not None and not verify_password(account.password_hash, cleaned(old)):
        raise WrongPassword
    kept = require_good(
        new,
        names=[account.username, account.name],
        second_factor=account.totp_sealed is not None,
    )
    account.password_hash = hash_password(kept)
    await end_sessions(session, account.id, keep=keep)
    audit.write(session, "password", actor=actor, now=now, what=account.username)
    await session.flush()
