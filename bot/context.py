"""What a handler is given, and how it keeps a flow."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from booking.links import Links
from bot.messages import Incoming, Reply
from bot.model import Conversation
from core.clock import local_day
from core.config import Config
from core.messages import Address
from core.worktime import Worktime
from directory.actor import Actor
from directory.model import Contact
from knowledge.decide import Decision
from knowledge.engine import Engine
from knowledge.statutes.library import Library


@dataclass(frozen=True)
class Action:
    """A tapped or typed button: ``book.slot:17:30`` → intent book, verb slot, args (17, 30)."""

    intent: str
    verb: str
    args: tuple[str, ...] = ()

    @classmethod
    def parse(cls, do: str) -> "Action":
        """From the ``do`` of a button."""
        name, *args = do.split(":")
        intent, _, verb = name.partition(".")
        return cls(intent, verb, tuple(args))


@dataclass
class Ctx:
    """One event's surroundings. ``decision`` is the engine's view of the text, if there is text."""

    session: AsyncSession
    now: datetime
    config: Config
    worktime: Worktime
    engine: Engine
    conversation: Conversation
    contact: Contact
    actor: Actor
    address: Address
    action: Action | None = None
    decision: Decision | None = None
    library: Library | None = None  # the imported law texts
    heard_by_person: bool = False  # the words went to a person of the staff, not to the bot

    @property
    def today(self) -> date:
        """The calendar day in China."""
        return local_day(self.now)

    @property
    def center_id(self) -> int | None:
        """The sub-center that services count for: the enterprise's, else the link's."""
        return self.contact.center_id or self.conversation.center_id

    @property
    def links(self) -> Links:
        """The signed links of appointments."""
        return Links.of(self.config)

    @property
    def data(self) -> dict[str, Any]:
        """What the flow under way has collected so far."""
        return self.conversation.data

    @property
    def step(self) -> str | None:
        """The flow's present question."""
        return self.conversation.step

    def begin(self, flow: str, step: str, **data: Any) -> None:
        """Start a flow at its first question."""
        row = self.conversation
        row.flow, row.step, row.data, row.trail = flow, step, data, []

    def advance(self, step: str, **data: Any) -> None:
        """Go on to the next question, remembering the present one for 返回."""
        row = self.conversation
        row.trail = [*row.trail, [row.step, row.data]]
        row.step, row.data = step, {**row.data, **data}

    def go_back(self) -> bool:
        """Return to the question before. False at the first."""
        row = self.conversation
        if not row.trail:
            return False
        row.step, row.data = row.trail[-1]
        row.trail = row.trail[:-1]
        return True

    def end(self) -> None:
        """Leave the flow. What was asked before it is no context for what is asked after it."""
        row = self.conversation
        row.flow, row.step, row.data, row.trail, row.last_entry = None, None, {}, [], None


Handler = Callable[[Incoming, Ctx], Awaitable[Reply | None]]
Prompt = Callable[[Ctx], Awaitable[Reply]]


@dataclass(frozen=True)
class Intent:
    """One thing a person can ask the bot to do.

    handle: gets every button of the intent, its commands (verb "start"), and, while its flow is
        under way, what is typed. It returns None for typed text that does not answer the flow's
        question; that text is then treated as a new question and the flow is kept.
    commands: what can be typed to start it, besides tapping.
    prompt: puts the present question of the flow again; required for intents with a flow.
    leave: gives back what the flow was holding when the person cancels it.
    """

    name: str
    handle: Handler
    commands: tuple[str, ...] = ()
    prompt: Prompt | None = None
    leave: Callable[[Ctx], Awaitable[None]] | None = None
