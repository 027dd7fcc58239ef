"""Tables of the booking room."""

from datetime import datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.clock import local
from core.database import Base, Instant


class Status(StrEnum):
    """held → booked → attended or no_show; a booked one can be cancelled, a hold lapses."""

    HELD = "held"
    LAPSED = "lapsed"
    BOOKED = "booked"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


class Availability(Base):
    """A span of an advisor's week, wall-clock time in China; several a day (lunch) are fine.

    weekday: 0 is Monday.
    """

    __tablename__ = "availability"
    __table_args__ = (Index("ix_availability_advisor", "advisor_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisors.id"))
    weekday: Mapped[int]
    start: Mapped[time]
    end: Mapped[time]


class Leave(Base):
    """An advisor is away (请假、外出), whatever the weekly rules say."""

    __tablename__ = "leaves"
    __table_args__ = (Index("ix_leaves_advisor", "advisor_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisors.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(80), default="")


class Appointment(Base):
    """One consultation, from the hold on. Who it is for is filled in when it is confirmed.

    agency_id, center_id: the advisor's at that time; a later move of theirs changes no history.
    uid, sequence: identity and revision in calendar programs (RFC 5545).
    channel, chat, lang: where the person who booked is told things.
    arranged_at: when the present time was agreed on, by booking or moving; None until confirmed.
    settled_at, settled_by: when and by whom it was cancelled or its attendance written down;
        reason: why the desk cancelled it, as the person was told.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        Index("ix_appointments_advisor", "advisor_id", "starts_at"),
        Index("ix_appointments_center", "center_id", "starts_at"),
        Index("ix_appointments_contact", "contact_id", "starts_at"),
        Index("ix_appointments_enterprise", "enterprise_id", "starts_at"),
        Index("ix_appointments_status", "status", "starts_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(String(8), unique=True)
    status: Mapped[str] = mapped_column(String(10), default=Status.HELD)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisors.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id"))
    enterprise_id: Mapped[int | None] = mapped_column(ForeignKey("enterprises.id"))
    enterprise_name: Mapped[str] = mapped_column(String(120), default="")
    name: Mapped[str] = mapped_column(String(40), default="")
    phone: Mapped[str] = mapped_column(String(20), default="")
    area: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(300), default="")
    starts_at: Mapped[datetime] = mapped_column(Instant)
    minutes: Mapped[int]
    hold_until: Mapped[datetime | None] = mapped_column(Instant)
    uid: Mapped[str] = mapped_column(String(60), unique=True)
    sequence: Mapped[int] = mapped_column(default=0)
    channel: Mapped[str] = mapped_column(String(20))
    chat: Mapped[str] = mapped_column(String(80))
    lang: Mapped[str] = mapped_column(String(5))
    created_at: Mapped[datetime] = mapped_column(Instant)
    arranged_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_at: Mapped[datetime | None] = mapped_column(Instant)
    settled_by: Mapped[str | None] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(100), default="")

    @property
    def ends_at(self) -> datetime:
        """When the consultation is over."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def local_start(self) -> datetime:
        """The start on a wall clock in China."""
        return local(self.starts_at)

    @property
    def local_end(self) -> datetime:
        """The end on a wall clock in China."""
        return local(self.ends_at)


class Cell(Base):
    """A quarter of an hour of an advisor that a hold or an appointment occupies.

    The unique index is what makes double booking impossible, whatever the lengths and whoever
    writes: two overlapping consultations share at least one cell, and the database takes one only.
    """

    __tablename__ = "booking_cells"
    __table_args__ = (
        Index("uq_booking_cells_advisor_id_starts_at", "advisor_id", "starts_at", unique=True),
        Index("ix_booking_cells_appointment", "appointment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisors.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"))


class ReminderSent(Base):
    """A reminder that was dealt with: sent, or left out because the booking came too late for it.

    It names the start, so that a moved appointment is reminded of anew.
    """

    __tablename__ = "booking_reminders"
    __table_args__ = (UniqueConstraint("appointment_id", "hours", "starts_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"))
    hours: Mapped[int]
    starts_at: Mapped[datetime] = mapped_column(Instant)
    sent_at: Mapped[datetime] = mapped_column(Instant)


class Share(Base):
    """A line of the share log (分配记录): which agency of a center was offered a consultation.

    rotated: it fell to the agency by the rotation; else the person chose the agency.
    lapsed: the hold ran out or was given up, so nothing came of the offer.
    """

    __tablename__ = "booking_shares"
    __table_args__ = (Index("ix_booking_shares_center", "center_id", "offered_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    agency_id: Mapped[int] = mapped_column(ForeignKey("agencies.id"))
    appointment_id: Mapped[int] = mapped_column(ForeignKey("appointments.id"), unique=True)
    rotated: Mapped[bool]
    offered_at: Mapped[datetime] = mapped_column(Instant)
    booked_at: Mapped[datetime | None] = mapped_column(Instant)
    lapsed: Mapped[bool] = mapped_column(default=False)
