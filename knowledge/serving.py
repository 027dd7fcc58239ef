"""The engine that answers now. It is exchanged as a whole, in a thread, without a stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import MappingProxyType

from core.clock import Clock
from core.database import Database
from knowledge.engine import Engine
from knowledge.folder import Files, entry_of, read_texts
from knowledge.lawbook import LawBook
from knowledge.load import Base, Reading, read_folder
from knowledge.problem import Problem
from knowledge.queries import edition, flagged_from, published_files
from knowledge.statutes.library import Mark, mark_of
from knowledge.validity import with_changes

EVERY = 15.0  # seconds between two looks for a new publication

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why the newest publication is not what answers; the desk shows it until it is put right.

    partial: its sound entries answer nevertheless, the others are silent.
    """

    edition: int
    at: datetime
    problems: tuple[str, ...]
    partial: bool = False


class Serving:
    """One replica's engine, following the publications in the database.

    folder: the files that are served while the database has no published version.
    laws: the law texts at hand, read when they are needed.
    law_store: the file of imported laws, or a folder of law texts; when it changes (a folder:
        when a file comes or goes), they are read again.
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
        law_store: Path | None = None,
        every: float = EVERY,
    ) -> None:
        self.engine = engine
        self.database = database
        self.folder = folder
        self.clock = clock
        self.trouble: Trouble | None = None
        self._opened = engine
        self._whole = False
        self._every = every
        self._read_laws = laws
        self._law_store = law_store
        self._laws: LawBook | None = None
        self._laws_read = False
        self._laws_mark: Mark | None = None
        self._noted: tuple[int, Mark | None] | None = None
        self._turn = asyncio.Lock()
        self._wake = asyncio.Event()

    def laws(self) -> LawBook | None:
        """The law texts at hand; for a thread, the first reading takes a moment."""
        if not self._laws_read:
            self._laws, self._laws_read = self._read_laws(), True
        return self._laws

    async def refresh(self) -> bool:
        """Serve the newest publication and law texts. True when the engine was exchanged.

        A base that does not load leaves a sound one as it is; at the start, where there is none
        yet, its sound entries are served. Either way see ``trouble``.
        """
        async with self._turn:
            mark = mark_of(self._law_store) if self._law_store else None
            async with self.database.reading() as session:
                number = await edition(session)
                if (number, mark) == self._noted:
                    return False
                files, flags = await published_files(session), await flagged_from(session)
            exchanged, wrong = await asyncio.to_thread(self._exchange, files, flags, mark)
            self.trouble = None
            if wrong:
                self._complain(number, tuple(str(item) for item in wrong))
            self._noted = number, mark
            return exchanged

    def _exchange(
        self, files: Files, flags: Mapping[str, date], mark: Mark | None
    ) -> tuple[bool, tuple[Problem, ...]]:
        """Whether the engine was exchanged, and what is wrong with the base."""
        if mark != self._laws_mark:
            self._laws_read, self._laws_mark = False, mark
        laws = self.laws()
        if not files and not flags and laws is None and self.engine is self._opened:
            self._whole = True
            return False, ()  # it was opened on these very files
        reading = read_texts(files) if files else read_folder(self.folder)
        if reading.errors and (self._whole or not files):
            return False, reading.errors
        self._whole = not reading.errors
        base = with_changes(_sound(reading), flags, laws)
        if base.entries == self.engine.base.entries:
            return False, reading.errors
        self.engine = self.engine.over(base)
        log.info("knowledge base exchanged: %d entries", len(base))
        return True, reading.errors

    def _complain(self, number: int, problems: tuple[str, ...]) -> None:
        partial = not self._whole and self.engine is not self._opened
        self.trouble = Trouble(number, self.clock(), problems, partial)
        log.error(
            "the published knowledge base does not load; %s:\n%s",
            "only its sound entries answer" if partial else "the one before goes on answering",
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


def _sound(reading: Reading) -> Base:
    """Without every entry that has an error in any of its files: half of one would mislead."""
    bad = {entry_of(item.file) for item in reading.errors}
    kept = {name: entry for name, entry in reading.base.entries.items() if name not in bad}
    return Base(MappingProxyType(kept))
