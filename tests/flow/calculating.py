"""How a calculation is asked for in a chat."""

from sqlalchemy import select

from bot.model import Conversation
from tests.world import Person, World


async def flow(world: World) -> str | None:
    """The flow that the only chat is in."""
    async with world.session() as session:
        return (await session.scalars(select(Conversation.flow))).one()


async def run(person: Person, *texts: str) -> str:
    """Type one line after the other; the last thing said."""
    for text in texts:
        said = await person.say(text)
    return said[-1]


async def in_english(world: World, person: Person) -> None:
    await person.open("c_north")
    async with world.session() as session:
        (await session.scalars(select(Conversation))).one().lang = "en"
