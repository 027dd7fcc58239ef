"""Accounts, bookings, tickets and the desk grow"""

import sqlalchemy as sa
from alembic import op

from core.database import Instant
from core.fulltext import index_statements
from directory.audit import POSTGRES_GUARD, SQLITE_GUARD

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "search_marks",
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("last_id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_search_marks")),
    )
    op.create_table(
        "search_rows",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_rows")),
        sa.UniqueConstraint("kind", "ticket_id", name=op.f("uq_search_rows_kind_ticket_id")),
    )
    _all(index_statements("search_rows", op.get_bind().dialect.name))
    op.create_table(
        "incentive_weights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("attended", sa.Integer(), nullable=False),
        sa.Column("no_show", sa.Integer(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("prompt", sa.Integer(), nullable=False),
        sa.Column("set_at", Instant(timezone=True), nullable=False),
        sa.Column("set_by", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["center_id"], ["centers.id"], name=op.f("fk_incentive_weights_center_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incentive_weights")),
        sa.UniqueConstraint("center_id", name=op.f("uq_incentive_weights_center_id")),
    )
    op.create_table(
        "kb_gaps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("why", sa.String(length=10), nullable=False),
        sa.Column("entry_id", sa.String(length=80), nullable=True),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("handled_at", Instant(timezone=True), nullable=True),
        sa.Column("handled_by", sa.String(length=40), nullable=False),
        sa.Column("handled", sa.String(length=10), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["center_id"], ["centers.id"], name=op.f("fk_kb_gaps_center_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kb_gaps")),
        sa.UniqueConstraint("mark", name=op.f("uq_kb_gaps_mark")),
    )
    with op.batch_alter_table("kb_gaps", schema=None) as batch_op:
        batch_op.create_index("ix_kb_gaps_day", ["day"], unique=False)
        batch_op.create_index("ix_kb_gaps_open", ["handled_at", "id"], unique=False)

    op.create_table(
        "busy_sources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=False),
        sa.Column("read_at", Instant(timezone=True), nullable=True),
        sa.Column("tried_at", Instant(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["advisors.id"], name=op.f("fk_busy_sources_advisor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_sources")),
        sa.UniqueConstraint("advisor_id", name=op.f("uq_busy_sources_advisor_id")),
    )
    with op.batch_alter_table("busy_sources", schema=None) as batch_op:
        batch_op.create_index("ix_busy_sources_due", ["due_at"], unique=False)

    op.create_table(
        "calendar_feeds",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["advisors.id"], name=op.f("fk_calendar_feeds_advisor_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feeds")),
        sa.UniqueConstraint("advisor_id", name=op.f("uq_calendar_feeds_advisor_id")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_calendar_feeds_fingerprint")),
    )
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("expert_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_absences_account_id")
        ),
        sa.ForeignKeyConstraint(["expert_id"], ["experts.id"], name=op.f("fk_absences_expert_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    with op.batch_alter_table("absences", schema=None) as batch_op:
        batch_op.create_index("ix_absences_days", ["first_day", "last_day"], unique=False)

    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=40), nullable=False),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("verb", sa.String(length=30), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("detail", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["accounts.id"], name=op.f("fk_audit_log_actor_id")),
        sa.ForeignKeyConstraint(["center_id"], ["centers.id"], name=op.f("fk_audit_log_center_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.create_index("ix_audit_log_at", ["at"], unique=False)
        batch_op.create_index("ix_audit_log_center", ["center_id", "id"], unique=False)

    _all(SQLITE_GUARD if op.get_bind().dialect.name == "sqlite" else POSTGRES_GUARD)
    op.create_table(
        "booking_waiting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=False),
        sa.Column("area", sa.String(length=20), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=True),
        sa.Column("advisor_id", sa.Integer(), nullable=True),
        sa.Column("enterprise_id", sa.Integer(), nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=False),
        sa.Column("lang", sa.String(length=5), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["advisors.id"], name=op.f("fk_booking_waiting_advisor_id")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_booking_waiting_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["center_id"], ["centers.id"], name=op.f("fk_booking_waiting_center_id")
        ),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name=op.f("fk_booking_waiting_contact_id")
        ),
        sa.ForeignKeyConstraint(
            ["enterprise_id"], ["enterprises.id"], name=op.f("fk_booking_waiting_enterprise_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_waiting")),
    )
    with op.batch_alter_table("booking_waiting", schema=None) as batch_op:
        batch_op.create_index("ix_booking_waiting_active", ["active", "id"], unique=False)
        batch_op.create_index("ix_booking_waiting_contact", ["contact_id"], unique=False)

    op.create_table(
        "busy_spans",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(timezone=True), nullable=False),
        sa.Column("ends_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["advisors.id"], name=op.f("fk_busy_spans_advisor_id")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["busy_sources.id"], name=op.f("fk_busy_spans_source_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_busy_spans")),
    )
    with op.batch_alter_table("busy_spans", schema=None) as batch_op:
        batch_op.create_index("ix_busy_spans_advisor", ["advisor_id", "ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_busy_spans_source_id"), ["source_id"], unique=False)

    op.create_table(
        "canned_replies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", Instant(timezone=True), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("retired_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_canned_replies_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["center_id"], ["centers.id"], name=op.f("fk_canned_replies_center_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_canned_replies")),
    )
    with op.batch_alter_table("canned_replies", schema=None) as batch_op:
        batch_op.create_index("ix_canned_replies_owner", ["center_id", "account_id"], unique=False)

    op.create_table(
        "desk_bells",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("seen_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_desk_bells_account_id")
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_desk_bells")),
    )
    op.create_table(
        "desk_views",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("center_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=24), nullable=False),
        sa.Column("query", sa.String(length=400), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_desk_views_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["center_id"], ["centers.id"], name=op.f("fk_desk_views_center_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_views")),
        sa.UniqueConstraint("account_id", "name", name=op.f("uq_desk_views_account_id_name")),
    )
    with op.batch_alter_table("desk_views", schema=None) as batch_op:
        batch_op.create_index("ix_desk_views_center", ["center_id", "shared"], unique=False)

    op.create_table(
        "known_devices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("failed_sign_ins", sa.Integer(), nullable=False),
        sa.Column("locked_until", Instant(timezone=True), nullable=True),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_known_devices_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_known_devices_fingerprint")),
    )
    op.create_table(
        "attachments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("by_party", sa.String(length=10), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_attachments_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_attachments_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachments")),
        sa.UniqueConstraint("stored", name=op.f("uq_attachments_stored")),
    )
    with op.batch_alter_table("attachments", schema=None) as batch_op:
        batch_op.create_index("ix_attachments_ticket", ["ticket_id", "id"], unique=False)

    op.create_table(
        "booking_brief_answers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_booking_brief_answers_appointment_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_brief_answers")),
        sa.UniqueConstraint(
            "appointment_id", "number", name=op.f("uq_booking_brief_answers_appointment_id_number")
        ),
    )
    op.create_table(
        "booking_imports",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_booking_imports_appointment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_imports")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_booking_imports_fingerprint")),
    )
    op.create_table(
        "booking_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("advisor_id", sa.Integer(), nullable=False),
        sa.Column("agency_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(timezone=True), nullable=False),
        sa.Column("asked_at", Instant(timezone=True), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=False),
        sa.Column("answered_at", Instant(timezone=True), nullable=True),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["advisor_id"], ["advisors.id"], name=op.f("fk_booking_requests_advisor_id")
        ),
        sa.ForeignKeyConstraint(
            ["agency_id"], ["agencies.id"], name=op.f("fk_booking_requests_agency_id")
        ),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_booking_requests_appointment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_requests")),
    )
    with op.batch_alter_table("booking_requests", schema=None) as batch_op:
        batch_op.create_index(
            "ix_booking_requests_advisor", ["advisor_id", "asked_at"], unique=False
        )
        batch_op.create_index("ix_booking_requests_appointment", ["appointment_id"], unique=False)

    op.create_table(
        "booking_wait_offers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("waiting_id", sa.Integer(), nullable=False),
        sa.Column("appointment_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", Instant(timezone=True), nullable=False),
        sa.Column("offered_at", Instant(timezone=True), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"],
            ["appointments.id"],
            name=op.f("fk_booking_wait_offers_appointment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["waiting_id"], ["booking_waiting.id"], name=op.f("fk_booking_wait_offers_waiting_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_wait_offers")),
        sa.UniqueConstraint("appointment_id", name=op.f("uq_booking_wait_offers_appointment_id")),
        sa.UniqueConstraint(
            "waiting_id", "starts_at", name=op.f("uq_booking_wait_offers_waiting_id_starts_at")
        ),
    )
    op.create_table(
        "mentions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("seen_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_mentions_account_id")
        ),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_mentions_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mentions")),
    )
    with op.batch_alter_table("mentions", schema=None) as batch_op:
        batch_op.create_index("ix_mentions_unseen", ["account_id", "seen_at"], unique=False)

    op.create_table(
        "reply_drafts",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("saved_at", Instant(timezone=True), nullable=False),
        sa.Column("sent_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_reply_drafts_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_reply_drafts_ticket_id")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "account_id", "field", name=op.f("pk_reply_drafts")),
    )
    op.create_table(
        "talks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("chat", sa.String(length=80), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("since", Instant(timezone=True), nullable=False),
        sa.Column("last_at", Instant(timezone=True), nullable=False),
        sa.Column("acknowledged", sa.Boolean(), nullable=False),
        sa.Column("flow_since", sa.Boolean(), nullable=False),
        sa.Column("ended_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_talks_account_id")),
        sa.ForeignKeyConstraint(["ticket_id"], ["tickets.id"], name=op.f("fk_talks_ticket_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_talks")),
        sa.UniqueConstraint("channel", "chat", name=op.f("uq_talks_channel_chat")),
    )
    with op.batch_alter_table("talks", schema=None) as batch_op:
        batch_op.create_index("ix_talks_silent", ["ended_at", "last_at"], unique=False)

    op.create_table(
        "ticket_alerts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("since", Instant(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("due_at", Instant(timezone=True), nullable=False),
        sa.Column("done_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_ticket_alerts_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_alerts_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_alerts")),
        sa.UniqueConstraint(
            "ticket_id", "kind", "since", name=op.f("uq_ticket_alerts_ticket_id_kind_since")
        ),
    )
    with op.batch_alter_table("ticket_alerts", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_alerts_open", ["done_at", "due_at"], unique=False)

    op.create_table(
        "ticket_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_ticket_messages_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_messages_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_messages")),
    )
    with op.batch_alter_table("ticket_messages", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_messages_ticket", ["ticket_id", "id"], unique=False)

    op.create_table(
        "ticket_opinions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=False),
        sa.Column("since", Instant(timezone=True), nullable=False),
        sa.Column("stance", sa.String(length=10), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("given_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["experts.id"], name=op.f("fk_ticket_opinions_expert_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_opinions_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_opinions")),
        sa.UniqueConstraint(
            "ticket_id",
            "expert_id",
            "since",
            name=op.f("uq_ticket_opinions_ticket_id_expert_id_since"),
        ),
    )
    with op.batch_alter_table("ticket_opinions", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_opinions_expert", ["expert_id", "given_at"], unique=False)

    op.create_table(
        "ticket_presence",
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("writing", sa.Boolean(), nullable=False),
        sa.Column("until", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_ticket_presence_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_presence_ticket_id")
        ),
        sa.PrimaryKeyConstraint("ticket_id", "account_id", name=op.f("pk_ticket_presence")),
    )
    op.create_table(
        "attachment_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("attachment_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("link_id", sa.Integer(), nullable=True),
        sa.Column("who", sa.String(length=40), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_attachment_uses_account_id")
        ),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_attachment_uses_attachment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment_uses")),
    )
    with op.batch_alter_table("attachment_uses", schema=None) as batch_op:
        batch_op.create_index(
            "ix_attachment_uses_attachment", ["attachment_id", "id"], unique=False
        )

    op.create_table(
        "ticket_links",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=8), nullable=False),
        sa.Column("ticket_id", sa.Integer(), nullable=False),
        sa.Column("expert_id", sa.Integer(), nullable=True),
        sa.Column("attachment_id", sa.Integer(), nullable=True),
        sa.Column("for_event", sa.Integer(), nullable=True),
        sa.Column("browser", sa.String(length=64), nullable=True),
        sa.Column("created_at", Instant(timezone=True), nullable=False),
        sa.Column("expires_at", Instant(timezone=True), nullable=False),
        sa.Column("used_at", Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachments.id"], name=op.f("fk_ticket_links_attachment_id")
        ),
        sa.ForeignKeyConstraint(
            ["expert_id"], ["experts.id"], name=op.f("fk_ticket_links_expert_id")
        ),
        sa.ForeignKeyConstraint(
            ["for_event"], ["ticket_events.id"], name=op.f("fk_ticket_links_for_event")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["tickets.id"], name=op.f("fk_ticket_links_ticket_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ticket_links")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_ticket_links_fingerprint")),
        sa.UniqueConstraint("for_event", name=op.f("uq_ticket_links_for_event")),
    )
    with op.batch_alter_table("ticket_links", schema=None) as batch_op:
        batch_op.create_index("ix_ticket_links_ticket", ["ticket_id", "purpose"], unique=False)

    op.create_table(
        "link_uses",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("link_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(timezone=True), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["ticket_links.id"], name=op.f("fk_link_uses_link_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_uses")),
    )
    with op.batch_alter_table("link_uses", schema=None) as batch_op:
        batch_op.create_index("ix_link_uses_link", ["link_id", "id"], unique=False)

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("areas", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("languages", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("totp_sealed", sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column("totp_step", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("recovery", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("undertaking_on", sa.Date(), nullable=True))

    with op.batch_alter_table("appointments", schema=None) as batch_op:
        batch_op.add_column(sa.Column("respond_by", Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("agreed_at", Instant(timezone=True), nullable=True))
        batch_op.add_column(
            sa.Column("sealed", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(
            sa.Column("late_minutes", sa.Integer(), nullable=False, server_default="0")
        )
        batch_op.add_column(
            sa.Column("booked_by", sa.String(length=40), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("follows_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("outcome", sa.String(length=2000), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("outcome_at", Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("rating", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rated_at", Instant(timezone=True), nullable=True))
        batch_op.create_index("ix_appointments_respond", ["respond_by"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_appointments_follows_id"), "appointments", ["follows_id"], ["id"]
        )

    with op.batch_alter_table("booking_shares", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("declined", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.drop_constraint(batch_op.f("uq_booking_shares_appointment_id"), type_="unique")
        batch_op.create_index("ix_booking_shares_appointment", ["appointment_id"], unique=False)
        batch_op.create_index(
            "uq_booking_shares_live",
            ["appointment_id"],
            unique=True,
            sqlite_where=sa.text("NOT lapsed AND NOT declined"),
            postgresql_where=sa.text("NOT lapsed AND NOT declined"),
        )

    with op.batch_alter_table("centers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("spans", sa.JSON(), nullable=False, server_default="[]"))

    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("advisor_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_contacts_advisor_id"), "advisors", ["advisor_id"], ["id"]
        )

    op.execute("DELETE FROM desk_sessions")  # sign in anew: when they began is not known
    with op.batch_alter_table("desk_sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("created_at", Instant(timezone=True), nullable=False))
        batch_op.add_column(sa.Column("last_seen_at", Instant(timezone=True), nullable=False))
        batch_op.add_column(
            sa.Column("agent", sa.String(length=120), nullable=False, server_default="")
        )
        batch_op.add_column(
            sa.Column("by_link", sa.Boolean(), nullable=False, server_default=sa.false())
        )

    with op.batch_alter_table("invitations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("advisor_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("welcome", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_invitations_advisor_id"), "advisors", ["advisor_id"], ["id"]
        )

    with op.batch_alter_table("service_counts", schema=None) as batch_op:
        batch_op.create_index("ix_service_counts_enterprise", ["enterprise_id"], unique=False)
        batch_op.create_index("ix_service_counts_reverses", ["reverses_id"], unique=False)

    with op.batch_alter_table("ticket_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sealed", sa.Text(), nullable=True))

    with op.batch_alter_table("tickets", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("expert_accept_due_at", Instant(timezone=True), nullable=True)
        )
        batch_op.add_column(sa.Column("due_steps", sa.JSON(), nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("reply_due_at", Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("first_reply_at", Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("legal_due", sa.Date(), nullable=True))
        batch_op.add_column(
            sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("alert_at", Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("extended_at", Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("waiting_reminded_at", Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("opponent_id", sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("confidential", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("sealed", sa.Text(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_tickets_queue"))
        batch_op.create_index(
            "ix_tickets_queue",
            [
                "center_id",
                "status",
                "due_at",
                "id",
                "area",
                "source",
                "channel",
                "assignee_id",
                "enterprise_id",
                "created_at",
            ],
            unique=False,
        )
        batch_op.create_index("ix_tickets_enterprise", ["enterprise_id", "id"], unique=False)
        batch_op.create_index("ix_tickets_merged", ["merged_into_id"], unique=False)
        batch_op.create_index("ix_tickets_oldest", ["status", "created_at"], unique=False)
        batch_op.create_index("ix_tickets_province", ["status", "due_at", "id"], unique=False)
        batch_op.create_foreign_key(
            batch_op.f("fk_tickets_opponent_id"), "enterprises", ["opponent_id"], ["id"]
        )


def _all(statements: tuple[str, ...]) -> None:
    for statement in statements:
        op.execute(sa.text(statement.replace(":", "\\:")))


def downgrade() -> None:
    raise NotImplementedError("go back by restoring a backup: the later tables hold people's words")
