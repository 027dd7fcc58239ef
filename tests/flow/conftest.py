"""The desk and the web page as most flows need them; a file that wants others has its own."""

from collections.abc import AsyncIterator

import pytest

from bot.channels.web.socket import Limits
from core.config import Config
from core.database import Database
from directory.actor import account_actor
from directory.model import Account
from knowledge.engine import Engine
from tests.fakes_desk import DeskWorld, desk_of
from tests.fakes_web import WebPage, WebStation, populated
from tests.flow.escalating import Staff
from tests.world import World

SMALL = Limits(frame_bytes=64 * 1024, sockets=2, burst=4, burst_seconds=3600)


@pytest.fixture
async def desk(world: World) -> AsyncIterator[DeskWorld]:
    """The desk of a station on SQLite."""
    async with desk_of(world) as served:
        yield served


@pytest.fixture
async def both_desks(both_worlds: World) -> AsyncIterator[DeskWorld]:
    """The same on each backend."""
    async with desk_of(both_worlds) as served:
        yield served


@pytest.fixture
async def strict(
    sqlite_database: Database, config: Config, engine: Engine
) -> AsyncIterator[WebStation]:
    async with populated(sqlite_database, config, engine, limits=SMALL) as station:
        yield station


@pytest.fixture
async def page(served: WebStation) -> AsyncIterator[WebPage]:
    async with served.page() as page:
        await page.connect()
        yield page


@pytest.fixture
async def staff(world: World) -> Staff:
    """A member of the north center's staff."""
    async with world.session() as session:
        return Staff(world, account_actor(await session.get_one(Account, world.ids["staff"])))
