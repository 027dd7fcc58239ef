"""Tables of the people and organisations."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant


class Role(StrEnum):
    """What a desk account may do."""

    STAFF = "staff"  # 分中心人员
    DIRECTOR = "director"  # 分中心主任
    ADVISOR = "advisor"  # 入驻机构顾问
    EXPERT = "expert"  # 省级专家
    EDITOR = "editor"  # 知识编辑
    PROVINCE = "province"  # 省级管理员
    AUDIT = "audit"  # 审计


class Center(Base):
    """A sub-center (知识产权综合服务分中心); ``code`` names it in links and ticket numbers.

    spans: its own working hours (``09:00-12:00``); empty: those of the settings.
    """

    __tablename__ = "centers"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    address: Mapped[str] = mapped_column(String(120), default="")
    spans: Mapped[list[str]] = mapped_column(JSON, default=list)


class Agency(Base):
    """A patent or trademark agency (代理机构) resident in one or more sub-centers."""

    __tablename__ = "agencies"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    credit_grade: Mapped[str] = mapped_column(String(2), default="B")


class Advisor(Base):
    """An agency's person (顾问) who sits in one sub-center. ``areas``: knowledge areas served."""

    __tablename__ = "advisors"

    id: Mapped[int] = mapped_column(primary_key=True)
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    name: Mapped[str] = mapped_column(String(40))
    areas: Mapped[list[str]] = mapped_column(JSON, default=list)
    active: Mapped[bool] = mapped_column(default=True)


class Expert(Base):
    """A provincial expert (省级专家). ``areas``: knowledge areas answered."""

    __tablename__ = "experts"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    areas: Mapped[list[str]] = mapped_column(JSON, default=list)
    active: Mapped[bool] = mapped_column(default=True)


class Enterprise(Base):
    """An enterprise of a park. ``uscc``: unified social credit code (统一社会信用代码)."""

    __tablename__ = "enterprises"

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    name: Mapped[str] = mapped_column(String(120), unique=True)
    uscc: Mapped[str | None] = mapped_column(String(18), unique=True)
    high_tech: Mapped[bool] = mapped_column(default=False)  # 高新技术企业
    above_scale: Mapped[bool] = mapped_column(default=False)  # 规模以上工业企业


class Contact(Base):
    """A person as a channel knows them (channel, user), and what they told us."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("channel", "user"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    user: Mapped[str] = mapped_column(String(80))
    name: Mapped[str | None] = mapped_column(String(40))
    phone: Mapped[str | None] = mapped_column(String(20))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("centers.id"))
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("advisors.id"))
    created_at: Mapped[datetime] = mapped_column(Instant)


class Liaison(Base):
    """An enterprise's IP liaison (知识产权联络员); one person may serve several enterprises."""

    __tablename__ = "liaisons"
    __table_args__ = (UniqueConstraint("enterprise_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    name: Mapped[str] = mapped_column(String(40))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    since: Mapped[date]
    active: Mapped[bool] = mapped_column(default=True)


class Account(Base):
    """A sign-in of the desk. Staff and directors belong to one sub-center; the province to none.

    totp_sealed: the secret of the second factor, see core.seal; totp_step: the last code's time
        step, so that a code that was looked at works once. recovery: fingerprints of codes for a
        lost device.
    undertaking_on: when the confidentiality undertaking (保密承诺书) was signed.
    areas, languages: what this person is asked first; empty: everything.
    """

    __tablename__ = "accounts"

    id: Mapped[int] = mapped_column(primary_key=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(12))
    center_id: Mapped[int | None] = mapped_column(ForeignKey("centers.id"))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("advisors.id"))
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"))
    areas: Mapped[list[str]] = mapped_column(JSON, default=list)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
    active: Mapped[bool] = mapped_column(default=True)
    totp_sealed: Mapped[str | None] = mapped_column(String(255))
    totp_step: Mapped[int | None]
    recovery: Mapped[list[str]] = mapped_column(JSON, default=list)
    undertaking_on: Mapped[date | None]


class KnownDevice(Base):
    """A browser that an account signed in from before. Its misses are counted apart, so that a
    stranger who guesses cannot lock the account's people out."""

    __tablename__ = "known_devices"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    failed_sign_ins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
    created_at: Mapped[datetime] = mapped_column(Instant)


class DeskSession(Base):
    """A signed-in browser. Only the fingerprint of its cookie is kept.

    agent: what the browser calls itself. by_link: signed in by a one-time link.
    """

    __tablename__ = "desk_sessions"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    csrf_token: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime] = mapped_column(Instant)
    last_seen_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    agent: Mapped[str] = mapped_column(String(120), default="")
    by_link: Mapped[bool] = mapped_column(default=False)


class Invitation(Base):
    """A one-time link: signs an account in, or ties a chat to an expert or an advisor. Dead once
    used.

    welcome: the first of a new account, whose password is to be set.
    """

    __tablename__ = "invitations"

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("advisors.id"))
    expires_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)
    welcome: Mapped[bool] = mapped_column(default=False)


class Conflict(Base):
    """A conflict of interest (利益冲突): this agency or expert must not act for this enterprise."""

    __tablename__ = "conflicts"
    __table_args__ = (Index("ix_conflicts_enterprise", "enterprise_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    enterprise_id: Mapped[int] = mapped_column(ForeignKey("enterprises.id"))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"))
    reason: Mapped[str] = mapped_column(String(120))


class Absence(Base):
    """Days of leave (请假) of an account or an expert, both ends included."""

    __tablename__ = "absences"
    __table_args__ = (Index("ix_absences_days", "first_day", "last_day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    expert_id: Mapped[int | None] = mapped_column(ForeignKey("experts.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
