"""From an incoming event to replies in the outbox: one event, one transaction."""

import asyncio
import logging
import os
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum
from weakref import WeakValueDictionary

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from bot.context import Ctx
from bot.handlers import INTENTS
from bot.messages import Incoming, Reply, reply
from bot.model import Conversation, Inbox
from bot.route import route
from bot.sanitise import clean
from bot.sessions import last_answer, take_part
from bot.talking import keep_for_ticket
from core import outbox
from core.clock import Clock, local_day
from core.config import Config
from core.database import Database, insert_or_ignore
from core.errors import Refusal
from core.messages import Address
from core.security import fingerprint
from directory.actor import contact_actor
from directory.service import recognise
from knowledge.decide import Decision
from knowledge.engine import Engine
from knowledge.serving import Serving
from knowledge.statutes.library import Library

log = logging.getLogger(__name__)


class Outcome(StrEnum):
    """What became of an event."""

    HANDLED = "handled"
    TO_PERSON = "to_person"  # kept for a person of the staff; the bot said nothing to it
    REFUSED = "refused"
    FAILED = "failed"
    REPEAT = "repeat"


class Dispatcher:
    """Handles events. Safe to run on several replicas over one database."""

    def __init__(
        self,
        database: Database,
        serving: Serving,
        config: Config,
        clock: Clock,
        wake_pump: Callable[[], None] = lambda: None,
        *,
        library: Library | None = None,
    ) -> None:
        self.database = database
        self.serving = serving
        self.config = config
        self.worktime = config.calendar()
        self.clock = clock
        self.wake_pump = wake_pump
        self.library = library
        # One core is for all the rest: threads that match hold up those that read the database.
        self._matching = asyncio.Semaphore(max((os.cpu_count() or 1) - 1, 1))
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    @property
    def engine(self) -> Engine:
        """The engine that answers now; another one may the next time."""
        return self.serving.engine

    async def handle(self, incoming: Incoming) -> Outcome:
        """Handle one event; returns after the commit. A repeat changes and answers nothing.

        Events of one chat are taken in the order of the calls: the conversation's row alone would
        let a quick one overtake a question that is still being matched.
        """
        turn = self._turns.setdefault((incoming.channel, incoming.chat), asyncio.Lock())
        async with turn:
            now = self.clock()
            decision = await self._decide(incoming, now)
            async with self.database.transaction() as session:
                outcome = await self._in_transaction(session, incoming, decision, now)
        if outcome is not Outcome.REPEAT:
            self.wake_pump()
        return outcome

    async def _decide(self, incoming: Incoming, now: datetime) -> Decision | None:
        text = clean(incoming.text or "")
        if not text or text.startswith("/"):
            return None
        try:
            async with self.database.reading() as session:
                last = await last_answer(session, incoming.channel, incoming.chat, now=now)
            async with self._matching:
                return await asyncio.to_thread(self.engine.ask, text, local_day(now), last)
        except Exception:
            log.exception("the engine failed on event %s:%s", incoming.channel, incoming.event_id)
            return None

    async def _in_transaction(
        self, session: AsyncSession, incoming: Incoming, decision: Decision | None, now: datetime
    ) -> Outcome:
        claimed = await insert_or_ignore(
            session,
            Inbox,
            channel=incoming.channel,
            event_id=incoming.event_id,
            chat=incoming.chat,
            text=clean(incoming.text or "") or incoming.button or incoming.file or "",
            received_at=now,
            outcome="",
        )
        if not claimed:
            return Outcome.REPEAT
        ctx = await self._context(session, incoming, decision, now)
        outcome = await self._answer(incoming, ctx)
        await session.execute(
            update(Inbox)
            .where(Inbox.channel == incoming.channel, Inbox.event_id == incoming.event_id)
            .values(outcome=outcome)
        )
        return outcome

    async def _context(
        self, session: AsyncSession, incoming: Incoming, decision: Decision | None, now: datetime
    ) -> Ctx:
        row = await lock_conversation(session, incoming.channel, incoming.chat, now=now)
        await take_part(session, row, now)
        contact = await recognise(session, channel=incoming.channel, user=incoming.user, now=now)
        return Ctx(
            session=session,
            now=now,
            config=self.config,
            worktime=self.worktime,
            engine=self.engine,
            conversation=row,
            contact=contact,
            actor=contact_actor(contact),
            address=Address(incoming.channel, incoming.chat, row.lang),
            decision=decision,
            library=self.library,
        )

    async def _answer(self, incoming: Incoming, ctx: Ctx) -> Outcome:
        """Queue the handler's reply; a refusal or a bug undoes the handler, not the claim."""
        try:
            async with ctx.session.begin_nested():
                flow = ctx.conversation.flow
                answer = await route(incoming, ctx, INTENTS)
                _queue(ctx, answer)
                await keep_for_ticket(incoming, ctx, flow, answer)
            return Outcome.TO_PERSON if ctx.heard_by_person else Outcome.HANDLED
        except Refusal as refusal:
            _queue(ctx, reply(refusal.key, **refusal.params))
            return Outcome.REFUSED
        except Exception:
            name = f"{incoming.channel}:{incoming.event_id}"
            number = fingerprint(name)[:8]
            log.exception("event %s failed, told as %s", name, number)
            _queue(ctx, reply("bot.failed", event=number))
            return Outcome.FAILED


def _queue(ctx: Ctx, answer: Reply) -> None:
    for message in answer.messages:
        outbox.put(ctx.session, ctx.address, message, now=ctx.now)


async def lock_conversation(
    session: AsyncSession, channel: str, chat: str, *, now: datetime
) -> Conversation:
    """The chat's row, made if new, locked until the transaction ends."""
    await insert_or_ignore(
        session,
        Conversation,
        channel=channel,
        chat=chat,
        lang="zh",
        asked_center=False,
        data={},
        trail=[],
        last_at=now,
        session_started_at=now,
        session_answered=False,
        session_counted=False,
    )
    return (
        await session.scalars(
            select(Conversation)
            .where(Conversation.channel == channel, Conversation.chat == chat)
            .with_for_update()
        )
    ).one()
