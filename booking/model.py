"""Tables of the booking room."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    and_,
    or_,
)
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column

from booking.model_life import Share as Share  # noqa: PLC0414 (one of the tables)
from core.clock import local
from core.database import Base, Instant

BLOCK = 32  # quarters; a day of China begins where a block does
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CLOCK_SLACK = timedelta(minutes=10)  # how far the clocks of two replicas may be apart


class Status(StrEnum):
    """held → requested → booked → attended or no_show.

    A hold lapses. A requested one (待机构确认) occupies its time like a booked one, but waits for
    its agency's word; where the settings ask for none, what is held is booked at once. Both can be
    cancelled, and a requested one that no agency can take ends as refused.
    """

    HELD = "held"
    LAPSED = "lapsed"
    REQUESTED = "requested"
    BOOKED = "booked"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"


STANDING = (Status.REQUESTED, Status.BOOKED)  # agreed on with the person and still to come


class Place(StrEnum):
    """Where a consultation takes place; only one on site needs a room."""

    ON_SITE = "on_site"
    PHONE = "phone"
    VIDEO = "video"


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


class SpecialDay(Base):
    """A day on which an advisor keeps other hours than the week says, rest days included.

    Several rows a day are several spans; a row without times closes the day.
    """

    __tablename__ = "special_days"
    __table_args__ = (Index("ix_special_days_advisor", "advisor_id", "day"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisors.id"))
    day: Mapped[date]
    start: Mapped[time | None]
    end: Mapped[time | None]
    reason: Mapped[str] = mapped_column(String(80), default="")


class AdvisorLimits(Base):
    """How much an advisor takes on. Without a row: one person at a time, the settings' limit a day.

    capacity: consultations at the same time. daily_limit: consultations a day, 0 for no limit.
    """

    __tablename__ = "advisor_limits"

    id: Mapped[int] = mapped_column(primary_key=True)
    advisor_id: Mapped[int] = mapped_column(ForeignKey("advisors.id"), unique=True)
    capacity: Mapped[int] = mapped_column(default=1)
    daily_limit: Mapped[int] = mapped_column(default=0)


class Room(Base):
    """A consultation room of a center; ``capacity``: consultations in it at the same time.

    A center without active rooms is not limited by rooms.
    """

    __tablename__ = "rooms"
    __table_args__ = (UniqueConstraint("center_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    center_id: Mapped[int] = mapped_column(ForeignKey("centers.id"))
    name: Mapped[str] = mapped_column(String(40))
    capacity: Mapped[int] = mapped_column(default=1)
    active: Mapped[bool] = mapped_column(default=True)


class RoomClosure(Base):
    """A room cannot be used for a while."""

    __tablename__ = "room_closures"
    __table_args__ = (Index("ix_room_closures_room", "room_id", "ends_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"))
    starts_at: Mapped[datetime] = mapped_column(Instant)
    ends_at: Mapped[datetime] = mapped_column(Instant)
    reason: Mapped[str] = mapped_column(String(80), default="")


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
    room_id: the room of one on site, where the center has rooms.
    kept: why it is outside the present rules (``conflicts.Why``, comma between), where a person
        has decided that it takes place all the same.
    respond_by: until when the agency has to say yes or no, while requested; agreed_at: when it
        said yes.
    sealed: a confidential matter (保密预约): no text of it is kept, nobody but its advisor sees
        whose it is.
    late_minutes: how much later the person has said they will be, 0 for on time.
    booked_by: who arranged it for the person that comes, empty where that is the same person.
    follows_id: the consultation that this one goes on from.
    outcome: what the advisor wrote down afterwards. rating: what the person gave, 1 to 5.
    """

    __tablename__ = "appointments"
    __table_args__ = (
        Index("ix_appointments_advisor", "advisor_id", "starts_at"),
        Index("ix_appointments_center", "center_id", "starts_at"),
        Index("ix_appointments_contact", "contact_id", "starts_at"),
        Index("ix_appointments_enterprise", "enterprise_id", "starts_at"),
        Index("ix_appointments_status", "status", "starts_at"),
        Index("ix_appointments_hold", "hold_until"),
        Index("ix_appointments_respond", "respond_by"),
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
    place: Mapped[str] = mapped_column(String(8), default=Place.ON_SITE)
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    kept: Mapped[str] = mapped_column(String(60), default="")
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
    respond_by: Mapped[datetime | None] = mapped_column(Instant)
    agreed_at: Mapped[datetime | None] = mapped_column(Instant)
    sealed: Mapped[bool] = mapped_column(default=False)
    late_minutes: Mapped[int] = mapped_column(default=0)
    booked_by: Mapped[str] = mapped_column(String(40), default="")
    follows_id: Mapped[int | None] = mapped_column(ForeignKey("appointments.id"))
    outcome: Mapped[str] = mapped_column(String(2000), default="")
    outcome_at: Mapped[datetime | None] = mapped_column(Instant)
    rating: Mapped[int | None]
    rated_at: Mapped[datetime | None] = mapped_column(Instant)

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


def held() -> ColumnElement[bool]:
    """The condition that a row is a hold, live or over.

    Only holds have an end, and an index on it, so that a database without statistics does not read
    years of appointments to find a handful of holds.
    """
    return and_(Appointment.status == Status.HELD, Appointment.hold_until > LONG_AGO)


def run_out(now: datetime) -> ColumnElement[bool]:
    """The condition that a row is a hold which is over, whether or not a job has noticed.

    One made well in the future was made before the server's clock was put back; it would else keep
    its time far longer than anybody was promised.
    """
    ahead = now + CLOCK_SLACK
    return and_(held(), or_(Appointment.hold_until <= now, Appointment.created_at > ahead))


def _block(context: DefaultExecutionContext) -> int:
    quarter: int = context.get_current_parameters()["quarter"]  # type: ignore[no-untyped-call]
    return quarter // BLOCK


class Cell(Base):
    """A quarter of an hour of an advisor or of a room that a hold or an appointment occupies.

    quarter: see ``quarters.quarter``. seat: which of the advisor's or the room's places, from 0.
    block: the eight hours it is in, by which the database adds up what is taken (see diaries.py).
        It follows from the quarter, so the unique indexes forbid no less for holding it.
    The unique indexes are what makes double booking impossible, whatever the lengths and whoever
    writes: two overlapping consultations share at least one cell, and the database takes one only.
    A null is equal to nothing, so each index holds for the cells of its kind alone.
    """

    __tablename__ = "booking_cells"
    __table_args__ = (
        CheckConstraint("(advisor_id IS NULL) <> (room_id IS NULL)", name="one_owner"),
        CheckConstraint(f"block = quarter / {BLOCK}", name="block_of_quarter"),
        Index("uq_booking_cells_advisor", "advisor_id", "block", "seat", "quarter", unique=True),
        Index("uq_booking_cells_room", "room_id", "block", "seat", "quarter", unique=True),
        Index("ix_booking_cells_appointment", "appointment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    advisor_id: Mapped[int | None] = mapped_column(ForeignKey("advisors.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    seat: Mapped[int] = mapped_column(default=0)
    quarter: Mapped[int]
    block: Mapped[int] = mapped_column(default=_block)
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
