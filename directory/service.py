"""What can be done with people: recognise a contact, invite, sign in."""

import re
from datetime import datetime, timedelta
from functools import cache
from unicodedata import normalize

from sqlalchemy import delete, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import changed, insert_or_ignore
from core.errors import Refusal
from core.security import fingerprint, hash_password, new_token, verify_password
from directory import queries
from directory.model import Account, Contact, DeskSession, Enterprise, Invitation

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
    session: AsyncSession, *, username: str, password: str, now: datetime
) -> Account | None:
    """The account when the password fits, else None. Five misses lock it for ten minutes.

    The lock is per account, never per address: a park shares one.
    """
    account = await queries.account_by_username(session, username, lock=True)
    if account is None:
        verify_password(_nobody(), password)  # so that the time taken does not tell who exists
        return None
    if account.locked_until is not None and account.locked_until > now:
        return None
    if verify_password(account.password_hash, password):
        account.failed_sign_ins, account.locked_until = 0, None
        return account
    account.failed_sign_ins += 1
    if account.failed_sign_ins >= LOCK_AFTER:
        account.failed_sign_ins, account.locked_until = 0, now + LOCK_FOR
    await session.flush()
    return None


@cache
def _nobody() -> str:
    return hash_password(new_token())


async def open_desk_session(
    session: AsyncSession, *, account_id: int, now: datetime, hours: int
) -> str:
    """Start a browser session; returns the cookie value, of which only a fingerprint is stored."""
    token = new_token()
    await session.execute(delete(DeskSession).where(DeskSession.expires_at <= now))
    session.add(
        DeskSession(
            account_id=account_id,
            fingerprint=fingerprint(token),
            csrf_token=new_token(18),
            expires_at=now + timedelta(hours=hours),
        )
    )
    await session.flush()
    return token


async def desk_session(
    session: AsyncSession, *, token: str, now: datetime
) -> tuple[DeskSession, Account] | None:
    """The live session of a cookie with its account."""
    row = (
        await session.execute(
            select(DeskSession, Account)
            .join(Account, Account.id == DeskSession.account_id)
            .where(
                DeskSession.fingerprint == fingerprint(token),
                DeskSession.expires_at > now,
                Account.active,
            )
        )
    ).first()
    return None if row is None else (row[0], row[1])


async def close_desk_session(session: AsyncSession, *, token: str) -> None:
    """Sign out."""
    await session.execute(delete(DeskSession).where(DeskSession.fingerprint == fingerprint(token)))
