"""附件: files of a ticket. Content is put away first; the row makes it a file of the ticket."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from escalation.filekind import clean_name, kind_of
from escalation.lifecycle import NotYours, Party, party_of, write_event
from escalation.model import Ticket
from escalation.model_reply import Attachment, AttachmentUse
from escalation.queries import access_ticket
from escalation.service.talk import TALKABLE, TalkOver
from escalation.vault import Vault

MOST_FILES = 30


class TooManyFiles(Refusal):
    key = "files.too_many"


class UnknownFile(Refusal):
    """There is none, or it is not this actor's business."""

    key = "files.unknown"


@dataclass(frozen=True)
class Upload:
    """A content put away."""

    name: str
    kind: str
    size: int
    sha256: str
    stored: str


def put_away(vault: Vault, name: str, content: bytes, *, largest_mb: int) -> Upload:
    """Look what it is and keep it; blocks. Raises what ``kind_of`` raises."""
    kind = kind_of(name, content, largest_mb=largest_mb)
    digest = hashlib.sha256(content).hexdigest()
    return Upload(clean_name(name), kind, len(content), digest, vault.put(content))


async def attach(
    session: AsyncSession,
    *,
    actor: Actor,
    ticket_id: int,
    upload: Upload,
    now: datetime,
    link_id: int | None = None,
) -> Attachment:
    """Make it a file of the ticket. Raises UnknownTicket, NotYours, TalkOver, TooManyFiles."""
    ticket = await access_ticket(session, actor, ticket_id, lock=True)
    party = party_of(actor, ticket)
    if party not in (Party.STAFF, Party.ASKER, Party.EXPERT):
        raise NotYours
    if ticket.status not in TALKABLE:
        raise TalkOver(number=ticket.number)
    count = select(func.count()).where(Attachment.ticket_id == ticket.id)
    if (await session.scalar(count) or 0) >= MOST_FILES:
        raise TooManyFiles(number=ticket.number, most=MOST_FILES)
    row = Attachment(
        **vars(upload),
        ticket_id=ticket.id,
        by=actor.name[:40],
        by_party=party,
        account_id=actor.id if party is Party.STAFF else None,
        link_id=link_id,
        at=now,
    )
    session.add(row)
    write_event(session, ticket, "file", actor=actor, now=now, note=upload.name, shown=False)
    await session.flush()
    return row


async def take_out(
    session: AsyncSession,
    *,
    actor: Actor,
    attachment_id: int,
    now: datetime,
    link_id: int | None = None,
) -> Attachment:
    """Write the download down, then it may begin. Raises UnknownFile, UnknownTicket."""
    row = await session.get(Attachment, attachment_id)
    if row is None:
        raise UnknownFile
    await access_ticket(session, actor, row.ticket_id)
    session.add(
        AttachmentUse(
            attachment_id=row.id,
            account_id=actor.id if actor.kind == "desk" else None,
            link_id=link_id,
            who=actor.name[:40] or actor.kind,
            at=now,
        )
    )
    await session.flush()
    return row


async def files_of(session: AsyncSession, ticket: Ticket) -> Sequence[tuple[Attachment, int]]:
    """The files of a ticket already accessed, with how often each was downloaded."""
    uses = (
        select(AttachmentUse.attachment_id, func.count().label("uses"))
        .group_by(AttachmentUse.attachment_id)
        .subquery()
    )
    found = await session.execute(
        select(Attachment, func.coalesce(uses.c.uses, 0))
        .outerjoin(uses, uses.c.attachment_id == Attachment.id)
        .where(Attachment.ticket_id == ticket.id)
        .order_by(Attachment.id)
    )
    return [(row, count) for row, count in found]
