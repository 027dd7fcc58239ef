"""Background jobs, derived from state: each asks the database what is due.

A job is safe to run on every replica and twice: it claims rows by conditional update.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.database import Database

log = logging.getLogger(__name__)

JobFunction = Callable[[AsyncSession, datetime], Awaitable[None]]


@dataclass(frozen=True)
class Job:
    """A named function and how often it looks for work."""

    name: str
    every_seconds: float
    run: JobFunction


async def tick(database: Database, job: Job, now: datetime) -> None:
    """Run one job once, in one transaction."""
    async with database.transaction() as session:
        await job.run(session, now)


async def run_forever(
    database: Database, jobs: list[Job], clock: Clock, after_tick: Callable[[], None]
) -> None:
    """Run every job at its own pace until cancelled. A failing job is logged and tried again."""

    async def loop(job: Job) -> None:
        while True:
            try:
                await tick(database, job, clock())
                after_tick()
            except Exception:
                log.exception("job %s failed; it runs again in %s s", job.name, job.every_seconds)
            await asyncio.sleep(job.every_seconds)

    async with asyncio.TaskGroup() as group:
        for job in jobs:
            group.create_task(loop(job))
