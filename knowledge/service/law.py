"""A law changes on a day: every entry that cites it is flagged until somebody has looked."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database import changed
from core.errors import Refusal
from directory.actor import Actor
from knowledge.entry import Entry
from knowledge.load import Base
from knowledge.model import Flag
from knowledge.queries import require_editor
from knowledge.service.flags import WHOLE_LAW, cites, open_flag
from knowledge.service.record import account_of, name_of, next_edition, note, require_why


class NobodyCites(Refusal):
    """No entry cites this law or article: perhaps its name is written differently."""

    key = "kb.nobody_cites"


class UnknownFlag(Refusal):
    key = "kb.unknown_flag"


@dataclass(frozen=True, slots=True)
class Told:
    """The entries that were flagged, and the articles among those told that no entry cites."""

    flagged: tuple[str, ...]
    uncited: tuple[str, ...]


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
) -> Told:
    """Flag the entries of ``base`` that cite the articles, or the law where none is named.

    The same change told again opens the flags that were settled, and no second ones.
    Raises NotAnEditor, WhyMissing, NobodyCites.
    """
    require_editor(actor)
    why, law = require_why(why), law.strip().strip("《》")
    wanted = [article.strip() for article in articles if article.strip()] or [WHOLE_LAW]
    found = {article: citing(base, law, article) for article in wanted}
    if not any(found.values()):
        raise NobodyCites(law=law, articles="、".join(filter(None, wanted)) or "—")
    await next_edition(session, now=now)
    flagged: dict[str, None] = {}  # in the order of the base, each once
    for article, entries in found.items():
        told = Flag(
            law=law, article=article, from_day=from_day, why=why,
            actor_id=account_of(actor), actor=name_of(actor), at=now,
        )  # fmt: skip
        for entry in entries:
            if await open_flag(session, entry.id, told, actor=actor, now=now):
                flagged[entry.id] = None
    await session.flush()
    return Told(tuple(flagged), tuple(article for article in found if not found[article]))


def citing(base: Base, law: str, article: str = WHOLE_LAW) -> list[Entry]:
    """The entries any of whose texts cites an article, or anything of a law."""
    return [
        entry
        for entry in base.entries.values()
        if any(cites(text, law, article) for text in entry.texts)
    ]


async def looked_at(
    session: AsyncSession,
    *,
    actor: Actor,
    entry_id: str,
    shown: Collection[int],
    remark: str,
    now: datetime,
) -> None:
    """The entry stays right as it is. shown: the flags that were seen; later ones stay open.

    Raises NotAnEditor, WhyMissing, UnknownFlag.
    """
    require_editor(actor)
    remark = require_why(remark)
    await next_edition(session, now=now)
    result = await session.execute(
        update(Flag)
        .where(Flag.entry_id == entry_id, Flag.id.in_(shown), Flag.cleared_at.is_(None))
        .values(cleared_at=now, cleared_by=name_of(actor), cleared="unchanged", note=remark)
    )
    if not changed(result):
        raise UnknownFlag
    note(session, "unflag", entry_id, actor=actor, now=now, why=remark)
    await session.flush()
