"""Drafts: what is being written is kept as it is typed, and gone once it is sent."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import insert_or_ignore
from core.errors import Refusal
from directory.actor import Actor
from escalation.model_reply import ReplyDraft
from escalation.queries import access_ticket
from escalation.sealing import put_words

BOXES = ("answer", "say", "facts", "note", "inner")
LONGEST = 10_000


class NoSuchBox(Refusal):
    key = "answering.no_such_box"


async def save_draft(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    field: str,
    text: str,
    opened_at: datetime,
    now: datetime,
) -> bool:
    """Keep what is in a box. False when it was sent since the page was opened (``opened_at``).

    Raises UnknownTicket, NoSuchBox.
    """
    if field not in BOXES:
        raise NoSuchBox
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    draft = await _row(session, actor, ticket_id, field, now=now)
    if draft.sent_at is not None and draft.sent_at > opened_at:
        return False
    put_words(session, ticket, draft, text=text[:LONGEST])
    draft.saved_at = now
    await session.flush()
    return True


async def clear_draft(
    session: AsyncSession, *, actor: Actor, ticket_id: int, field: str, now: datetime
) -> None:
    """The box was sent."""
    draft = await _row(session, actor, ticket_id, field, now=now)
    draft.text, draft.sealed, draft.saved_at, draft.sent_at = "", None, now, now
    await session.flush()


async def _row(
    session: AsyncSession, actor: Actor, ticket_id: int, field: str, *, now: datetime
) -> ReplyDraft:
    key = {"ticket_id": ticket_id, "account_id": actor.id, "field": field}
    await insert_or_ignore(session, ReplyDraft, **key, text="", saved_at=now)
    return (
        await session.scalars(
            select(ReplyDraft)
            .filter_by(**key)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
    ).one()
