"""What a socket has still to tell: its chat as stored in the inbox and the outbox.

Ids are given out before the commit, so a row may become visible after one with a higher id. A
reader therefore keeps looking back over ``OVERLAP``, the longest a transaction may take.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from bot.channels.citations import Link
from bot.channels.web.format import message_frame, own_frame
from bot.model import Conversation, Inbox
from core.outbox import OutboxRow
from directory.model import Center

CHANNEL = "web"
OVERLAP = timedelta(minutes=1)
DAY = timedelta(hours=24)
LONGEST_REPLAY = 300

_TAP = re.compile(r"([A-Za-z0-9_-]{8})\.(\d{1,3})")


@dataclass(frozen=True)
class Shown:
    """What the page has of one kind of row: the highest id ever, and those on the screen.

    ``ids`` None: everything up to ``last``.
    """

    last: int = 0
    ids: frozenset[int] | None = None


@dataclass
class Taken:
    """Rows already taken up: all up to ``floor``, and those in ``since`` with their times."""

    floor: int = 0
    since: dict[int, datetime] = field(default_factory=dict)

    def add(self, ids: dict[int, datetime], now: datetime) -> None:
        """Take rows up; those too old to be overtaken raise the floor."""
        self.since |= ids
        settled = {row_id for row_id, at in self.since.items() if at < now - OVERLAP}
        self.floor = max({self.floor} | settled)
        for row_id in settled:
            del self.since[row_id]


class Strand:
    """The rows of one chat in one table, each read once."""

    def __init__(self, model: type[Inbox] | type[OutboxRow], chat: str) -> None:
        self._model: Any = model
        self._at = model.received_at if issubclass(model, Inbox) else model.created_at
        self._mine = and_(model.channel == CHANNEL, model.chat == chat)
        self._taken = Taken()

    async def open(self, session: AsyncSession, shown: Shown, now: datetime) -> Sequence[Any]:
        """The last day, and whatever is newer than what the page saw, less what it shows."""
        model, at = self._model, self._at
        floor = await session.scalar(
            select(func.max(model.id)).where(self._mine, at < now - OVERLAP)
        )
        self._taken = Taken(floor or 0)
        self._taken.add(await self._recent(session), now)
        wanted = at >= now - DAY
        if shown.last:
            newer = model.id > shown.last
            wanted = newer if shown.ids is None else or_(newer, wanted)
        newest = select(model).where(self._mine, wanted).order_by(model.id.desc())
        rows = (await session.scalars(newest.limit(LONGEST_REPLAY))).all()
        self._taken.add(self._times(rows), now)
        return [row for row in reversed(rows) if row.id not in (shown.ids or ())]

    async def more(self, session: AsyncSession, now: datetime) -> Sequence[Any]:
        """What has come since."""
        model = self._model
        rows = (
            await session.scalars(
                select(model)
                .where(
                    self._mine,
                    model.id > self._taken.floor,
                    model.id.not_in(list(self._taken.since)),
                )
                .order_by(model.id)
            )
        ).all()
        self._taken.add(self._times(rows), now)
        return rows

    async def _recent(self, session: AsyncSession) -> dict[int, datetime]:
        found = await session.execute(
            select(self._model.id, self._at).where(self._mine, self._model.id > self._taken.floor)
        )
        return {row.id: row[1] for row in found}

    def _times(self, rows: Sequence[Any]) -> dict[int, datetime]:
        return {row.id: getattr(row, self._at.key) for row in rows}


class Tail:
    """One socket's view of its chat, as frames in the order of the conversation."""

    def __init__(self, chat: str, link: Link | None = None) -> None:
        self.chat = chat
        self._link = link
        self._own = Strand(Inbox, chat)
        self._told = Strand(OutboxRow, chat)

    async def open(
        self, session: AsyncSession, *, told: Shown, own: Shown, now: datetime
    ) -> list[dict[str, Any]]:
        """What the page lacks when it connects."""
        lines = await self._own.open(session, own, now)
        return await self._frames(session, lines, await self._told.open(session, told, now))

    async def more(self, session: AsyncSession, now: datetime) -> list[dict[str, Any]]:
        """What has come since."""
        lines = await self._own.more(session, now)
        return await self._frames(session, lines, await self._told.more(session, now))

    async def _frames(
        self, session: AsyncSession, lines: Sequence[Inbox], told: Sequence[OutboxRow]
    ) -> list[dict[str, Any]]:
        labels = await self._labels(session, lines)
        own = [
            own_frame(row.id, row.event_id.rpartition(":")[2], text, row.received_at)
            for row in lines
            if (text := labels.get(row.text, "" if _TAP.fullmatch(row.text) else row.text))
        ]
        messages = [message_frame(row, self._link) for row in told]
        return sorted(own + messages, key=conversation_order)

    async def _labels(self, session: AsyncSession, lines: Sequence[Inbox]) -> dict[str, str]:
        """What was written on the tapped buttons, by ``menu.index``."""
        taps = [tap for row in lines if (tap := _TAP.fullmatch(row.text))]
        menus = await session.scalars(
            select(OutboxRow).where(
                OutboxRow.menu.in_({tap[1] for tap in taps}),
                OutboxRow.channel == CHANNEL,
                OutboxRow.chat == self.chat,
            )
        )
        labels = {
            row.menu: [button["label"] for line in row.payload["buttons"] for button in line]
            for row in menus
        }
        return {
            tap[0]: labels[tap[1]][int(tap[2])]
            for tap in taps
            if int(tap[2]) < len(labels.get(tap[1], ()))
        }


def conversation_order(frame: dict[str, Any]) -> tuple[float, bool, int]:
    """By time; of one instant the person's line before the answers to it."""
    return frame["at"], frame["type"] == "message", frame["seq"]


async def chat_state(session: AsyncSession, chat: str) -> dict[str, Any]:
    """Whether the chat has begun, and by which sub-center's link the person came."""
    found = (
        await session.execute(
            select(Conversation.id, Center.code)
            .outerjoin(Center, Center.id == Conversation.center_id)
            .where(Conversation.channel == CHANNEL, Conversation.chat == chat)
        )
    ).first()
    return {"begun": found is not None, "center": found.code if found else None}


class Watch:
    """Notices rows that another replica committed, for all chats of this process at once."""

    def __init__(self) -> None:
        self._taken: Taken | None = None

    async def news(self, session: AsyncSession, now: datetime) -> set[str]:
        """The chats with rows not seen before."""
        if self._taken is None:
            self._taken = Taken(await self._start(session, now))
        rows = (
            await session.execute(
                select(OutboxRow.id, OutboxRow.chat, OutboxRow.created_at).where(
                    OutboxRow.channel == CHANNEL, OutboxRow.id > self._taken.floor
                )
            )
        ).all()
        news = {row.chat for row in rows if row.id not in self._taken.since}
        self._taken.add({row.id: row.created_at for row in rows}, now)
        return news

    async def _start(self, session: AsyncSession, now: datetime) -> int:
        settled = await session.scalar(
            select(OutboxRow.id)
            .where(OutboxRow.created_at < now - OVERLAP)
            .order_by(OutboxRow.id.desc())
            .limit(1)
        )
        return settled or 0
