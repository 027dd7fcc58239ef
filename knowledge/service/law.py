"""A law changes on a day: every entry that cites it is flagged until somebody has looked."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import changed, insert_or_ignore
from core.errors import Refusal
from directory.actor import Actor
from knowledge.entry import Entry
from knowledge.load import Base
from knowledge.model import Flag
from knowledge.queries import require_editor
from knowledge.service.record import account_of, name_of, next_edition, note, require_why

WHOLE_LAW = ""


class NobodyCites(Refusal):
    """No entry cites this law or article: perhaps its name is written differently."""

    key = "kb.nobody_cites"


class UnknownFlag(Refusal):
    key = "kb.unknown_flag"


async def law_changed(
    session: AsyncSession,
    *,
    actor: Actor,
    base: Base,
    law: str,
    articles: Sequence[str],
    from_day: date,
    why: str,
    now: datetime,
) -> list[str]:
    """Flag the entries of ``base`` that cite the articles, or the law where none is named.

    Gives their ids. The same change told twice flags nobody anew.
    Raises NotAnEditor, WhyMissing, NobodyCites.
    """
    require_editor(actor)
    why, law = require_why(why), law.strip().strip("《》")
    wanted = [article.strip() for article in articles if article.strip()] or [WHOLE_LAW]
    found = [(entry.id, article) for article in wanted for entry in citing(base, law, article)]
    if not found:
        raise NobodyCites(law=law, articles="、".join(filter(None, wanted)) or "—")
    await next_edition(session, now=now)
    for entry_id, article in found:
        new = await insert_or_ignore(
            session, Flag,
            entry_id=entry_id, law=law, article=article, from_day=from_day, why=why,
            actor_id=account_of(actor), actor=name_of(actor), at=now,
            cleared_by="", cleared="", note="",
        )  # fmt: skip
        if new:
            told = f"《{law}》{article} {from_day.isoformat()}：{why}"
            note(session, "flag", entry_id, actor=actor, now=now, why=told)
    await session.flush()
    return list(dict.fromkeys(entry_id for entry_id, _ in found))


def citing(base: Base, law: str, article: str = WHOLE_LAW) -> list[Entry]:
    """The entries any of whose texts cites an article, or anything of a law."""
    return [
        entry
        for entry in base.entries.values()
        if any(
            source.law == law and article in (WHOLE_LAW, source.article)
            for text in entry.texts
            for source in text.sources
        )
    ]


async def looked_at(
    session: AsyncSession, *, actor: Actor, entry_id: str, remark: str, now: datetime
) -> None:
    """The entry stays right as it is. Raises NotAnEditor, WhyMissing, UnknownFlag."""
    require_editor(actor)
    remark = require_why(remark)
    await next_edition(session, now=now)
    result = await session.execute(
        update(Flag)
        .where(Flag.entry_id == entry_id, Flag.cleared_at.is_(None))
        .values(cleared_at=now, cleared_by=name_of(actor), cleared="unchanged", note=remark)
    )
    if not changed(result):
        raise UnknownFlag
    note(session, "unflag", entry_id, actor=actor, now=now, why=remark)
    await session.flush()
