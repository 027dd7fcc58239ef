"""The running product without its web server: engine, dispatcher, channels, pump, jobs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from booking.service.expire import release_expired
from booking.service.remind import reminders
from bot.channels.port import Channel
from bot.dispatch import Dispatcher
from bot.pump import Pump
from bot.sessions import close_silent_sessions
from core.clock import Clock, system_clock
from core.config import Config
from core.database import Database
from core.jobs import Job
from core.outbox import RetryPolicy
from escalation.service.overdue import watch_deadlines
from knowledge.engine import Engine


@dataclass(frozen=True)
class Station:
    """Everything that serves people, wired."""

    config: Config
    database: Database
    engine: Engine
    dispatcher: Dispatcher
    pump: Pump
    jobs: list[Job]
    clock: Clock

    @classmethod
    def build(
        cls,
        config: Config,
        channels: Sequence[Channel],
        *,
        engine: Engine,
        database: Database | None = None,
        clock: Clock = system_clock,
    ) -> "Station":
        """Wire the parts for these channels."""
        database = database or Database(config.database.url)
        pump = Pump(database, {c.name: c for c in channels}, retry_policy(config), clock)
        dispatcher = Dispatcher(database, engine, config, clock, pump.wake)
        return cls(config, database, engine, dispatcher, pump, all_jobs(config), clock)


def open_engine(config: Config) -> Engine:
    """The answering engine over the configured base."""
    return Engine.open(
        config.paths.entries, config.paths.var / "cache", embed=config.knowledge.embeddings
    )


def retry_policy(config: Config) -> RetryPolicy:
    """The outbox settings as a policy."""
    return RetryPolicy(
        lease=timedelta(seconds=config.outbox.lease_seconds),
        delays=tuple(timedelta(seconds=s) for s in config.outbox.retry_seconds),
    )


def all_jobs(config: Config) -> list[Job]:
    """Every background job and its pace."""
    return [
        Job("close-silent-sessions", 60, close_silent_sessions),
        Job("booking-release-expired-holds", 30, release_expired),
        Job("booking-remind", 60, reminders(config.booking)),
        Job("ticket-deadlines", 60, watch_deadlines),
    ]
