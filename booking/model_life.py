"""Tables of an appointment's life: share log, requests, the brief, the waiting list."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant

_LIVE = text("NOT lapsed AND NOT declined")


class Share(Base):
    """A line of the share log (分配记录): which agency of a center was offered a consultation.

    rotated: it fell to the agency by the rotation; else the person chose the agency.
    lapsed: the hold ran out or was given up, so nothing came of the offer.
    declined: the agency said no or nothing in time; its turn is used up, and the consultation went
        to the next one, which has a line of its own. So one line of a consultation is live at most.
    """

    __tablename__ = "booking_shares"
    __table_args__ = (
        Index("ix_booking_shares_center", "center_id", "offered_at"),
        Index(
            "uq_booking_shares_live",
            "appointment_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
        Index("ix_booking_shares_appointment", "appointment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"))
    rotated: Mapped[bool]
    offered_at: Mapped[datetime] = mapped_column(Instant)
    booked_at: Mapped[datetime | None] = mapped_column(Instant)
    lapsed: Mapped[bool] = mapped_column(default=False)
    declined: Mapped[bool] = mapped_column(default=False)


class Answer(StrEnum):
    """What came of asking an advisor. Empty while nobody has said anything."""

    OPEN = ""
    AGREED = "agreed"
    DECLINED = "declined"
    SILENT = "silent"  # nothing was said in time
    WITHDRAWN = "withdrawn"  # the person cancelled or moved it, or the desk gave it to another


class Request(Base):
    """An advisor was asked to take a consultation at a time: the response times follow from it."""

    __tablename__ = "booking_requests"
    __table_args__ = (
        Index("ix_booking_requests_appointment", "appointment_id"),
        Index("ix_booking_requests_advisor", "advisor_id", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"))
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisors.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    asked_at: Mapped[datetime] = mapped_column(Instant)
    due_at: Mapped[datetime] = mapped_column(Instant)
    answered_at: Mapped[datetime | None] = mapped_column(Instant)
    answer: Mapped[str] = mapped_column(String(10), default=Answer.OPEN)
    reason: Mapped[str] = mapped_column(String(100), default="")


class BriefAnswer(Base):
    """An answer to one of the short questions before a consultation; never of a sealed one."""

    __tablename__ = "booking_brief_answers"
    __table_args__ = (UniqueConstraint("appointment_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(String(200))


class Waiting(Base):
    """A person on the waiting list (候补) for a time of an advisor, an agency or anybody.

    agency_id, advisor_id None: any. active False: got a time, left, or the days are over.
    """

    __tablename__ = "booking_waiting"
    __table_args__ = (
        Index("ix_booking_waiting_active", "active", "id"),
        Index("ix_booking_waiting_contact", "contact_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id"))
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    area: Mapped[str] = mapped_column(String(20))
    agency_id: Mapped[int | None] = mapped_column(ForeignKey("agencies.id"))
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("advisors.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    first_day: Mapped[date]
    last_day: Mapped[date]
    minutes: Mapped[int]
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(80))
    lang: Mapped[str] = mapped_column(String(5))
    created_at: Mapped[datetime] = mapped_column(Instant)
    active: Mapped[bool] = mapped_column(default=True)


class WaitOffer(Base):
    """A freed time that was held for one person of the waiting list; the same is offered once."""

    __tablename__ = "booking_wait_offers"
    __table_args__ = (UniqueConstraint("waiting_id", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    waiting_id: Mapped[int] = mapped_column(ForeignKey("booking_waiting.id"))
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), unique=True)
    starts_at: Mapped[datetime] = mapped_column(Instant)
    offered_at: Mapped[datetime] = mapped_column(Instant)
    open: Mapped[bool] = mapped_column(default=True)
