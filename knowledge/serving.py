"""The engine that answers now. It is exchanged as a whole, in a thread, without a stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from core.clock import Clock
from core.database import Database
from knowledge.engine import Engine
from knowledge.folder import Files, read_texts
from knowledge.lawbook import LawBook
from knowledge.load import read_folder
from knowledge.problem import BadBase
from knowledge.queries import edition, flagged_from, published_files
from knowledge.validity import with_changes

EVERY = 15.0  # seconds between two looks for a new publication

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the newest publication is not what answers; the desk shows it until it is put right."""

    edition: int
    at: datetime
    problems: tuple[str, ...]


class Serving:
    """One replica's engine, following the publications in the database.

    folder: the files that are served while the database has no published version.
    laws: the law texts at hand, read when they are needed.
    every: seconds between two looks for a publication of another process.
    """

    def __init__(
        self,
        engine: Engine,
        database: Database,
        folder: Path,
        clock: Clock,
        laws: Callable[[], LawBook | None] = lambda: None,
        *,
        every: float = EVERY,
    ) -> None:
        self.engine = engine
        self.database = database
        self.folder = folder
        self.clock = clock
        self.trouble: Trouble | None = None
        self._every = every
        self._read_laws = laws
        self._laws: LawBook | None = None
        self._laws_read = False
        self._noted: int | None = None
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()

    def laws(self) -> LawBook | None:
        """The law texts at hand; for a thread, the first reading takes a moment."""
        if not self._laws_read:
            self._laws, self._laws_read = self._read_laws(), True
        return self._laws

    async def refresh(self) -> bool:
        """Serve the newest publication. True when the engine was exchanged.

        A base that does not load leaves the running one as it is: see ``trouble``.
        """
        async with self._turn:
            async with self.database.reading() as session:
                number = await edition(session)
                if number == self._noted:
                    return False
                files, flags = await published_files(session), await flagged_from(session)
            try:
                exchanged = await asyncio.to_thread(self._exchange, files, flags)
            except BadBase as bad:
                self._complain(number, tuple(str(item) for item in bad.problems))
                exchanged = False
            else:
                self.trouble = None
            self._noted = number
            return exchanged

    def _exchange(self, files: Files, flags: Mapping[str, date]) -> bool:
        laws = self.laws()
        if not files and not flags and laws is None:
            return False  # the engine was opened on these very files
        reading = read_texts(files) if files else read_folder(self.folder)
        if reading.errors:
            raise BadBase(reading.errors)
        base = with_changes(reading.base, flags, laws)
        if base.entries == self.engine.base.entries:
            return False
        self.engine = self.engine.over(base)
        log.info("knowledge base exchanged: %d entries", len(base))
        return True

    def _complain(self, number: int, problems: tuple[str, ...]) -> None:
        self.trouble = Trouble(number, self.clock(), problems)
        log.error(
            "the published knowledge base does not load; the one before goes on answering:\n%s",
            "\n".join(problems),
        )

    def wake(self) -> None:
        """Look at once instead of at the next turn."""
        self._wake.set()

    async def run(self) -> None:
        """Follow the publications until cancelled."""
        while True:
            try:
                await self.refresh()
            except Exception:
                log.exception("no new knowledge base; the next try is in %s s", self._every)
            # wait_for would swallow a cancellation that comes together with the waking.
            with suppress(TimeoutError):
                async with asyncio.timeout(self._every):
                    await self._wake.wait()
            self._wake.clear()
