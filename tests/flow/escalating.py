"""Those who escalate: a person with a question, a member of staff, an expert."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sqlalchemy import select

from directory.actor import Actor
from directory.service import invite
from escalation.deadlines import ServiceLevels
from escalation.model import Ticket
from ledger.model import ServiceCount
from tests.world import Person, World

QUESTION = "我们的产品在展会上展出过，现在还能不能申请专利"
KNOWN = "专利年费忘交了，专利还在吗，怎么补救？"  # an entry of the base, word for word
NUMBER = "NORTH-20261123-001"


@dataclass
class Staff:
    """A member of staff, who works through the services as the desk does."""

    world: World
    actor: Actor

    @property
    def levels(self) -> ServiceLevels:
        config = self.world.station.config
        return ServiceLevels(config.escalation, config.calendar())

    async def do(self, verb: Callable[..., Awaitable[Ticket]], **given: object) -> Ticket:
        """One step on the newest ticket, its messages sent."""
        async with self.world.session() as session:
            ticket_id = await session.scalar(select(Ticket.id).order_by(Ticket.id.desc()).limit(1))
            done = await verb(
                session, actor=self.actor, ticket_id=ticket_id, now=self.world.clock(), **given
            )
        await self.world.drain()
        return done


async def tied_expert(world: World, chat: str = "doctor", name: str = "expert_filing") -> Person:
    """An expert's chat, tied by a one-time link as the desk hands it out."""
    async with world.session() as session:
        token = await invite(session, now=world.clock(), expert_id=world.ids[name])
    person = world.person(chat)
    await person.open(f"x_{token}")
    return person


async def submitted(world: World, chat: str = "zhang", question: str = QUESTION) -> Person:
    """A person who came by the north center's link and handed in a question."""
    person = world.person(chat)
    await person.open("c_north")
    await person.say("转人工")
    await person.say(question)
    await person.tap("不填")
    await person.tap("不填")
    await person.tap("专利申请")
    await person.tap("同意并提交")
    return person


async def tickets(world: World) -> list[Ticket]:
    async with world.session() as session:
        return list(await session.scalars(select(Ticket).order_by(Ticket.id)))


async def counts(world: World) -> list[str]:
    async with world.session() as session:
        return sorted(await session.scalars(select(ServiceCount.code)))
