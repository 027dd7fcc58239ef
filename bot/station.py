"""The running product without its web server: engine, dispatcher, channels, pump, jobs."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from booking.links import Links
from booking.service.expire import release_expired
from booking.service.pass_on import unanswered
from booking.service.remind import reminders
from booking.service.wait_offers import offer_freed
from bot.channels.citations import Link
from bot.channels.port import Channel
from bot.dispatch import Dispatcher
from bot.pump import Pump
from bot.recent import recent_questions
from bot.reminders import send_due_reminders
from bot.sessions import close_silent_sessions
from core.clock import Clock, system_clock
from core.config import Config
from core.database import Database
from core.jobs import Job
from core.outbox import RetryPolicy
from core.seal import Sealer
from escalation.deadlines import ServiceLevels
from escalation.sealing import seal_left_plain
from escalation.service.index import index_changed
from escalation.service.overdue import watch_deadlines
from escalation.service.pages import expert_pages
from escalation.service.presence import forget_absent
from escalation.service.recompute import follow_calendar
from escalation.service.talk import end_silent_talks
from escalation.service.watch import watch_promises
from knowledge.engine import Engine
from knowledge.exam import Examiner
from knowledge.lawbook import LawBook
from knowledge.service.gaps import drop_old
from knowledge.serving import Serving
from knowledge.statutes.citation import Citation
from knowledge.statutes.library import Library
from knowledge.statutes.opening import open_statutes
from knowledge.statutes.store import store_file
from knowledge.validity import law_book


@dataclass(frozen=True)
class Station:
    """Everything that serves people, wired."""

    config: Config
    database: Database
    serving: Serving
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
        library: Library | None = None,
    ) -> "Station":
        """Wire the parts for these channels."""
        database = database or Database(config.database.url)
        database.sealer = sealer(config)
        library = library or open_library(config)
        pump = Pump(database, {c.name: c for c in channels}, retry_policy(config), clock)
        serving = Serving(
            engine,
            database,
            config.paths.entries,
            clock,
            lambda: configured_laws(config),
            law_store=Path(config.knowledge.statutes or store_file(config.paths.var)),
        )
        dispatcher = Dispatcher(database, serving, config, clock, pump.wake, library=library)
        return cls(config, database, serving, dispatcher, pump, all_jobs(config), clock)

    @property
    def examiner(self) -> Examiner:
        """Holds exams of changed entries beside this service."""
        return Examiner(self.serving, recent_questions)

    @property
    def library(self) -> Library | None:
        """The imported law texts."""
        return self.dispatcher.library

    @property
    def engine(self) -> Engine:
        """The engine that answers now."""
        return self.serving.engine


def sealer(config: Config) -> Sealer | None:
    """What confidential words are encrypted with: a key of their own, else the secret key."""
    key = config.security.confidential_key or config.security.secret_key
    return Sealer(key) if key else None


def configured_laws(config: Config) -> LawBook | None:
    """The law texts at hand: of the configured folder, else those imported."""
    folder = config.knowledge.statutes
    return law_book(Path(folder) if folder else None, config.paths.var)


def share_time() -> None:
    """Let the threads of this process take turns ten times as often as Python does by itself:
    every answer of the database has to wait for the thread that matches to give way."""
    sys.setswitchinterval(0.0005)


def open_engine(config: Config) -> Engine:
    """The answering engine over the configured base."""
    return Engine.open(
        config.paths.entries, config.paths.var / "cache", embed=config.knowledge.embeddings
    )


def open_library(config: Config) -> Library:
    """The law texts that were imported, or will be."""
    opened = partial(
        open_statutes,
        entries=config.paths.entries,
        cache=config.paths.var / "cache",
        embed=config.knowledge.embeddings,
    )
    return Library(store_file(config.paths.var), opened)


def law_link(config: Config, library: Library) -> Link | None:
    """Links for channels elsewhere; none while the address is that of this machine only."""
    base = config.server.public_url.rstrip("/")
    if not base or urlsplit(base).hostname in ("localhost", "127.0.0.1", "::1"):
        return None

    def link(cited: Citation, day: date) -> str | None:
        path = library.link(cited, day)
        return path and base + path

    return link


def retry_policy(config: Config) -> RetryPolicy:
    """The outbox settings as a policy."""
    return RetryPolicy(
        lease=timedelta(seconds=config.outbox.lease_seconds),
        delays=tuple(timedelta(seconds=s) for s in config.outbox.retry_seconds),
    )


def service_levels(config: Config) -> ServiceLevels:
    """The promises of the settings."""
    return ServiceLevels(config.escalation, config.calendar())


def all_jobs(config: Config) -> list[Job]:
    """Every background job and its pace."""
    booking, worktime, links = config.booking, config.calendar(), Links.of(config)
    return [
        Job("close-silent-sessions", 60, close_silent_sessions),
        Job("booking-release-expired-holds", 30, release_expired),
        Job("booking-remind", 60, reminders(booking, links)),
        Job("booking-waiting-list", 30, offer_freed(booking, worktime)),
        Job("booking-unanswered", 60, unanswered(booking, worktime, links)),
        Job("ticket-deadlines", 60, watch_deadlines),
        Job("ticket-promises", 60, watch_promises(service_levels(config))),
        Job("ticket-calendar", 3600, follow_calendar(service_levels(config))),
        Job("ticket-search", 2, index_changed),
        Job("ticket-seal-left", 3600, seal_left_plain),
        Job("talks-fallen-silent", 60, end_silent_talks),
        Job("presence-forget", 3600, forget_absent),
        Job("expert-pages", 5, expert_pages(config)),
        Job("deadline-remind", 60, send_due_reminders),
        Job("kb-drop-old-gaps", 3600, drop_old(config.knowledge.gap_days)),
    ]
