"""内部备注: a note among the staff, and @用户名 who should look at it."""

import re
from datetime import datetime

from rapidfuzz import process
from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.errors import Refusal
from directory.actor import Actor
from directory.model import Account, Role
from escalation.lifecycle import NotYours, Party, party_of, write_event
from escalation.model import Ticket
from escalation.model_reply import Mention
from escalation.queries import access_ticket
from escalation.sealing import readable
from escalation.service.answer import words

_AT = re.compile(r"(?<![A-Za-z0-9._-])[@＠]([A-Za-z0-9][A-Za-z0-9._-]{0,39})")
_NEAR = 3


class NobodyMentioned(Refusal):
    """@name of an account that does not exist or may not see the ticket."""

    key = "answering.nobody_mentioned"


async def note(
    session: AsyncSession, *, actor: Actor, ticket_id: int, text: str, now: datetime
) -> Ticket:
    """Add a note that only staff see; everybody mentioned gets an alert.

    Raises UnknownTicket, NoWords, NotYours, NobodyMentioned.
    """
    ticket, said = await access_ticket(session, actor, ticket_id, lock=True), words(text)
    if party_of(actor, ticket) is not Party.STAFF:
        raise NotYours
    mentioned = await _mentioned(session, ticket, said)
    write_event(session, ticket, "note", actor=actor, now=now, note=said, shown=False)
    kept = {"by": actor.name[:40], "note": readable(ticket, said), "at": now}
    session.add_all(
        Mention(ticket_id=ticket.id, account_id=account.id, **kept) for account in mentioned
    )
    await session.flush()
    return ticket


async def see_mention(
    session: AsyncSession, *, actor: Actor, mention_id: int, now: datetime
) -> Mention | None:
    """The mention, if it is the actor's; from now on it is seen."""
    mention = await session.get(Mention, mention_id)
    if mention is None or mention.account_id != actor.id:
        return None
    await session.execute(
        update(Mention)
        .where(Mention.id == mention_id, Mention.seen_at.is_(None))
        .values(seen_at=now)
    )
    return mention


async def _mentioned(session: AsyncSession, ticket: Ticket, text: str) -> list[Account]:
    names = list(dict.fromkeys(name.rstrip(".-").lower() for name in _AT.findall(text)))
    if not names:
        return []
    known = {one.username.lower(): one for one in await staff_of(session, ticket)}
    for name in names:
        if name not in known:
            near = process.extract(name, list(known), limit=_NEAR)
            shown = "、".join(f"@{known[n].username}" for n, *_ in near)
            raise NobodyMentioned(given=f"@{name}", near=shown)
    return [known[name] for name in names]


async def staff_of(session: AsyncSession, ticket: Ticket) -> list[Account]:
    """Those who work on the ticket: its center's staff and the province."""
    center = Account.role.in_((Role.STAFF, Role.DIRECTOR)) & (Account.center_id == ticket.center_id)
    query = select(Account).where(Account.active, or_(center, Account.role == Role.PROVINCE))
    return list(await session.scalars(query.order_by(Account.username)))
