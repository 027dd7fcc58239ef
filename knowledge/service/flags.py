"""Flags as entries are rewritten: which a new text settles, and which it brings upon itself."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import local_day
from core.database import changed, insert_or_ignore
from directory.actor import Actor
from knowledge.entry import Text
from knowledge.folder import Files, read_texts
from knowledge.model import Flag
from knowledge.service.record import name_of, note

WHOLE_LAW = ""
_TOLD = ("law", "article", "from_day", "why", "actor_id", "actor", "at")

Texts = dict[str, tuple[Text, ...]]  # by entry


@dataclass(frozen=True, slots=True)
class Rewritten:
    """An entry whose files begin to answer. before: those replaced. written: when they were."""

    entry_id: str
    files: Files
    before: Files
    written: datetime


def cites(text: Text, law: str, article: str = WHOLE_LAW) -> bool:
    """Whether a text rests on an article, or on anything of a law."""
    return any(
        source.law == law and article in (WHOLE_LAW, source.article) for source in text.sources
    )


async def open_flag(
    session: AsyncSession, entry_id: str, told: Flag, *, actor: Actor, now: datetime
) -> bool:
    """Flag an entry for the change of ``told``, also where that was settled before.

    False where it is flagged for it already.
    """
    values = {name: getattr(told, name) for name in _TOLD}
    values |= {"cleared_at": None, "cleared_by": "", "cleared": "", "note": ""}
    new = await insert_or_ignore(session, Flag, entry_id=entry_id, **values)
    if not new:
        settled = update(Flag).where(
            Flag.entry_id == entry_id,
            Flag.law == told.law,
            Flag.article == told.article,
            Flag.from_day == told.from_day,
            Flag.cleared_at.is_not(None),
        )
        new = changed(await session.execute(settled.values(**values)))
    if new:
        why = f"《{told.law}》{told.article} {told.from_day.isoformat()}：{told.why}"
        note(session, "flag", entry_id, actor=actor, now=now, why=why)
    return new


async def follow(
    session: AsyncSession, rewritten: Sequence[Rewritten], *, actor: Actor, now: datetime
) -> None:
    """Settle the flags that new texts answer; flag entries that newly cite what changes."""
    flags = (await session.scalars(select(Flag).order_by(Flag.at, Flag.id))).all()
    if not flags or not rewritten:
        return
    texts, replaced = await asyncio.to_thread(_read, rewritten)
    held = {(flag.entry_id, flag.law, flag.article, flag.from_day): flag for flag in flags}
    changes = {(flag.law, flag.article, flag.from_day): flag for flag in flags}
    settled: list[int] = []
    for item in rewritten:
        for key, change in changes.items():
            left = _given_from(change.from_day, texts.get(item.entry_id, ()))
            flag = held.get((item.entry_id, *key))
            if flag is None and _touched(left, change, item.written):
                await open_flag(session, item.entry_id, change, actor=actor, now=now)
            elif flag is not None and flag.cleared_at is None and item.before:
                before = replaced.get(item.entry_id, ())
                if all(text not in before and _answers(text, flag, item.written) for text in left):
                    settled.append(flag.id)
    await session.execute(
        update(Flag)
        .where(Flag.id.in_(settled))
        .values(cleared_at=now, cleared_by=name_of(actor), cleared="published")
    )


def _read(rewritten: Sequence[Rewritten]) -> tuple[Texts, Texts]:
    return _texts(item.files for item in rewritten), _texts(item.before for item in rewritten)


def _texts(many: Iterable[Files]) -> Texts:
    reading = read_texts({name: text for files in many for name, text in files.items()})
    return {entry.id: entry.texts for entry in reading.base.entries.values()}


def _given_from(day: date, texts: Sequence[Text]) -> list[Text]:
    """The texts that are still given on a day or after it."""
    return [text for text in texts if text.valid_until is None or text.valid_until >= day]


def _touched(texts: Sequence[Text], change: Flag, written: datetime) -> bool:
    return any(
        cites(text, change.law, change.article) and not _answers(text, change, written)
        for text in texts
    )


def _answers(text: Text, change: Flag, written: datetime) -> bool:
    """Whether a text was written after the change was told, and for it or reviewed since."""
    told = local_day(change.at)
    return change.at < written and (text.valid_from >= change.from_day or text.reviewed_on >= told)
