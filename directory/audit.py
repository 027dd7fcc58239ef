"""The audit log (审计日志): who did what that an inspector may ask about. It only grows.

The database itself refuses to change or delete a row: triggers on both backends.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import DDL, ForeignKey, Index, Select, String, event, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Base, Instant
from directory.actor import Actor


class AuditLine(Base):
    """One act. ``verb``: a key below ``audit.verb``; ``what``: the thing it was done to.

    center_id: the actor's own sub-center; None for the province and for strangers.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        Index("ix_audit_log_at", "at"),
        Index("ix_audit_log_center", "center_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    actor: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(12), default="")
    center_id: Mapped[int | None] = mapped_column(ForeignKey("centers.id"))
    verb: Mapped[str] = mapped_column(String(30))
    what: Mapped[str] = mapped_column(String(80), default="")
    detail: Mapped[str] = mapped_column(String(300), default="")


SQLITE_GUARD = tuple(
    f"CREATE TRIGGER audit_log_{verb.lower()} BEFORE {verb} ON audit_log "
    "BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END"
    for verb in ("UPDATE", "DELETE")
)
POSTGRES_GUARD = (
    "CREATE OR REPLACE FUNCTION audit_log_only_grows() RETURNS trigger AS $$ "
    "BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$ LANGUAGE plpgsql",
    "CREATE TRIGGER audit_log_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log "
    "FOR EACH STATEMENT EXECUTE FUNCTION audit_log_only_grows()",
)
for _dialect, _statements in (("sqlite", SQLITE_GUARD), ("postgresql", POSTGRES_GUARD)):
    for _statement in _statements:
        _guard = DDL(_statement).execute_if(dialect=_dialect)  # type: ignore[no-untyped-call]
        event.listen(AuditLine.__table__, "after_create", _guard)


@dataclass(frozen=True)
class Wanted:
    """What to look for; empty fields do not narrow."""

    words: str = ""
    verb: str = ""
    since: datetime | None = None
    until: datetime | None = None
    center_id: int | None = None


def write(
    session: AsyncSession,
    verb: str,
    *,
    actor: Actor,
    now: datetime,
    what: str = "",
    detail: str = "",
) -> None:
    """Add a line; it is kept if the act is."""
    session.add(
        AuditLine(
            at=now,
            actor_id=actor.id if actor.kind == "desk" else None,
            actor=actor.name[:40],
            role=actor.role or actor.kind,
            center_id=actor.center_id,
            verb=verb,
            what=what[:80],
            detail=detail[:300],
        )
    )


async def lines(
    session: AsyncSession, wanted: Wanted, *, before: int | None = None, limit: int = 50
) -> Sequence[AuditLine]:
    """The newest lines first; ``before``: older than that one."""
    query = _narrowed(wanted).order_by(AuditLine.id.desc()).limit(limit)
    if before is not None:
        query = query.where(AuditLine.id < before)
    return (await session.scalars(query)).all()


def _narrowed(wanted: Wanted) -> Select[AuditLine]:
    query = select(AuditLine)
    if wanted.center_id is not None:
        query = query.where(AuditLine.center_id == wanted.center_id)
    if wanted.verb:
        query = query.where(AuditLine.verb == wanted.verb)
    if wanted.since is not None:
        query = query.where(AuditLine.at >= wanted.since)
    if wanted.until is not None:
        query = query.where(AuditLine.at < wanted.until)
    if wanted.words:
        said = (AuditLine.actor, AuditLine.what, AuditLine.detail)
        query = query.where(or_(*(c.contains(wanted.words, autoescape=True) for c in said)))
    return query
