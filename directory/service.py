"""What can be done with people: recognise a contact, invite, sign in."""

import re
from datetime import datetime, timedelta
from functools import cache
from unicodedata import normalize

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import changed, insert_or_ignore
from core.errors import Refusal
from core.security import fingerprint, hash_password, new_token, verify_password
from directory import queries
from directory.model import Account, Contact, Enterprise, Invitation, KnownDevice
from directory.passwords import cleaned

PHONE = re.compile(r"(1[3-9]\d{9}|0\d{2,3}-?\d{7,8})", re.ASCII)
LOCK_AFTER = 5
LOCK_FOR = timedelta(minutes=10)


class BadPhone(Refusal):
    key = "directory.bad_phone"


class UnknownEnterprise(Refusal):
    key = "directory.unknown_enterprise"


class SignInRefused(Refusal):
    key = "directory.sign_in_refused"


class LinkExpired(Refusal):
    key = "directory.link_expired"


async def recognise(session: AsyncSession, *, channel: str, user: str, now: datetime) -> Contact:
    """The contact behind a channel's user, made on the first message."""
    await insert_or_ignore(session, Contact, channel=channel, user=user, created_at=now)
    return (
        await session.scalars(
            select(Contact).where(Contact.channel == channel, Contact.user == user)
        )
    ).one()


def clean_phone(raw: str) -> str:
    """A mainland mobile or landline number without spaces. Raises BadPhone."""
    halfwidth = normalize("NFKC", raw.strip())
    phone = re.sub(r"[\s()]|(?<=\d)-(?=\d{4}\b)", "", halfwidth).removeprefix("+86")
    if not PHONE.fullmatch(phone):
        raise BadPhone(given=raw.strip()[:30])
    return phone


async def find_enterprise(session: AsyncSession, *, name: str) -> Enterprise:
    """The enterprise a person named. Raises UnknownEnterprise with near names."""
    found = await queries.enterprise_by_name(session, name)
    if found is not None:
        return found
    near = await queries.enterprises_like(session, name.strip()[:40])
    if len(near) == 1:
        return near[0]
    raise UnknownEnterprise(given=name.strip()[:40], near="、".join(e.name for e in near) or "无")


def tie_to_enterprise(contact: Contact, enterprise: Enterprise) -> None:
    """Remember for whom the contact asks; the enterprise's center becomes the contact's."""
    contact.enterprise_id = enterprise.id
    contact.center_id = enterprise.center_id


async def invite(
    session: AsyncSession,
    *,
    now: datetime,
    account_id: int | None = None,
    expert_id: int | None = None,
    advisor_id: int | None = None,
    valid_for: timedelta = timedelta(days=3),
    welcome: bool = False,
) -> str:
    """A one-time token that signs an account in or ties a chat to an expert or an advisor."""
    token = new_token(12)
    session.add(
        Invitation(
            fingerprint=fingerprint(token),
            account_id=account_id,
            expert_id=expert_id,
            advisor_id=advisor_id,
            expires_at=now + valid_for,
            welcome=welcome,
        )
    )
    await session.flush()
    return token


async def redeem(session: AsyncSession, *, token: str, now: datetime) -> Invitation:
    """Use a one-time token. Exactly one of several simultaneous uses succeeds.

    Raises LinkExpired when it was used, has run out or never existed.
    """
    mark = fingerprint(token)
    result = await session.execute(
        update(Invitation)
        .where(
            Invitation.fingerprint == mark,
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(used_at=now)
    )
    if not changed(result):
        raise LinkExpired
    return (await session.scalars(select(Invitation).where(Invitation.fingerprint == mark))).one()


async def check_password(
    session: AsyncSession,
    *,
    username: str,
    password: str,
    now: datetime,
    device: str = "",
) -> Account | None:
    """The account when the password fits, else None. Five misses lock for ten minutes.

    The lock is per account, never per address: a park shares one. ``device``: the token of a
    browser that the account signed in from before; its misses are counted by themselves.
    """
    account = await queries.account_by_username(session, username, lock=True)
    if account is None:
        verify_password(_nobody(), password)  # so that the time taken does not tell who exists
        return None
    counter = await _counter(session, account, device)
    if counter.locked_until is not None and counter.locked_until > now:
        return None
    if verify_password(account.password_hash, cleaned(password)):
        counter.failed_sign_ins, counter.locked_until = 0, None
        return account
    await missed(session, account, now=now, device=device)
    return None


async def missed(
    session: AsyncSession, account: Account, *, now: datetime, device: str = ""
) -> None:
    """A wrong password or code."""
    counter = await _counter(session, account, device)
    counter.failed_sign_ins += 1
    if counter.failed_sign_ins >= LOCK_AFTER:
        counter.failed_sign_ins, counter.locked_until = 0, now + LOCK_FOR
    await session.flush()


async def is_locked(session: AsyncSession, account: Account, *, now: datetime, device: str) -> bool:
    """Whether this browser has to wait."""
    counter = await _counter(session, account, device)
    return counter.locked_until is not None and counter.locked_until > now


async def know_device(session: AsyncSession, account: Account, *, now: datetime) -> str:
    """Remember the browser; the token for its cookie."""
    token = new_token()
    session.add(KnownDevice(account_id=account.id, fingerprint=fingerprint(token), created_at=now))
    await session.flush()
    return token


async def _counter(session: AsyncSession, account: Account, device: str) -> Account | KnownDevice:
    known = await session.scalar(
        select(KnownDevice).where(
            KnownDevice.fingerprint == fingerprint(device), KnownDevice.account_id == account.id
        )
    )
    return account if known is None else known


@cache
def _nobody() -> str:
    return hash_password(new_token())
