"""The desk as most flows need it; a file that wants another one has its own."""

from collections.abc import AsyncIterator

import pytest

from tests.fakes_desk import DeskWorld, desk_of
from tests.world import World


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
