"""The imported laws of a running service: pages to look up, and a search made ready beside."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from knowledge.statutes.citation import Citation
from knowledge.statutes.search import Hit, Statutes
from knowledge.statutes.shelf import Placed, Shelf, Standing
from knowledge.statutes.store import saved
from knowledge.statutes.text import Law

log = logging.getLogger(__name__)

_BEST = (Standing.IN_FORCE, Standing.EXPIRED, Standing.COMING, Standing.REPLACED)
Opened = Callable[[tuple[Law, ...]], Statutes]
Mark = tuple[int, int]  # when the store was written, and its size


@dataclass(frozen=True, slots=True)
class Leaf:
    """One article of one version, with what stands around it.

    others: the same number in the other versions of the law, which may say something else.
    """

    law: Law
    article: Placed
    standing: Standing
    before: str | None
    after: str | None
    others: tuple[tuple[Law, Standing], ...]


class Library:
    """What is imported below var; a new import is noticed without a restart.

    Safe for threads. While a search is being made ready, there is none (or the one before).
    """

    def __init__(self, file: Path, opened: Opened) -> None:
        self._file = file
        self._opened = opened
        self._lock = threading.Lock()
        self._mark: Mark | None = None
        self._shelf: Shelf | None = None
        self._search: Statutes | None = None
        self._making: threading.Thread | None = None

    @property
    def shelf(self) -> Shelf | None:
        """The laws; None where nothing is imported."""
        with self._lock:
            self._look()
            return self._shelf

    def find(self, cited: Citation, day: date) -> Leaf | None:
        """The article that a citation means on a day; None where it is not imported."""
        shelf = self.shelf
        if shelf is None:
            return None
        numbers = shelf.named(cited.law, cited.article)
        if cited.version:
            numbers = [n for n in numbers if shelf.placed[n].law.label == cited.version]
        standing = {n: shelf.standing(shelf.placed[n].law, day) for n in numbers}
        best = min(reversed(numbers), key=lambda n: _BEST.index(standing[n]), default=None)
        return None if best is None else _leaf(shelf, best, day)

    def link(self, cited: Citation, day: date) -> str | None:
        """The path of the article's page; None where it is not imported."""
        return cited.path if self.find(cited, day) else None

    def version(
        self, name: str, label: str | None, day: date
    ) -> tuple[Law, Standing, tuple[tuple[Law, Standing], ...]] | None:
        """A law in the version of that label, else in the one in force, and its other versions."""
        shelf = self.shelf
        held = [law for law in shelf.laws if law.name == name] if shelf else []
        meant = [law for law in held if label in (None, law.label)]
        if shelf is None or not meant:
            return None
        standing = {law.label: shelf.standing(law, day) for law in held}
        law = min(reversed(meant), key=lambda law: _BEST.index(standing[law.label]))
        others = tuple((one, standing[one.label]) for one in held if one is not law)
        return law, standing[law.label], others

    def ready(self, *, wait: bool = False) -> Statutes | None:
        """The search; None where nothing is imported, or where it is still being made ready.

        wait: make it ready now, in this thread's time.
        """
        with self._lock:
            self._look()
            if self._shelf is not None and self._making is None:
                laws, mark = tuple(self._shelf.laws), self._mark
                self._making = threading.Thread(target=self._make, args=(laws, mark), daemon=True)
                self._making.start()
            making = self._making
        if wait and making is not None:
            making.join()
        return self._search

    def confident(self, question: str, day: date, most: int, *, wait: bool = False) -> list[Hit]:
        """The best articles in force, where the search is sure enough of the first; else none."""
        search = self.ready(wait=wait)
        return search.confident(question, day, most) if search else []

    def _look(self) -> None:
        """Take up what was imported since the last look."""
        mark = mark_of(self._file)
        if mark is None:
            self._mark = self._shelf = self._search = self._making = None
            return
        if mark == self._mark:
            return
        self._mark, laws = mark, saved(self._file)
        self._shelf, self._making = Shelf(laws) if laws is not None else None, None
        if laws is None:
            self._search = None
            log.error("%s is no store of law texts; import them anew", self._file.name)

    def _make(self, laws: tuple[Law, ...], mark: Mark | None) -> None:
        try:
            search = self._opened(laws)
        except Exception:
            log.exception("the search over the law texts could not be made ready")
            return
        if mark == self._mark:
            self._search = search


def mark_of(file: Path) -> Mark | None:
    """Another one after every import; None where nothing is imported."""
    try:
        status = file.stat()
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size


def _leaf(shelf: Shelf, number: int, day: date) -> Leaf:
    placed = shelf.placed[number]
    law, names = placed.law, [article.name for article in placed.law.articles]
    place = names.index(placed.article.name)
    others = (
        shelf.placed[n].law
        for n in shelf.named(law.name, placed.article.name)
        if shelf.placed[n].law is not law
    )
    return Leaf(
        law,
        placed,
        shelf.standing(law, day),
        names[place - 1] if place else None,
        names[place + 1] if place + 1 < len(names) else None,
        tuple((other, shelf.standing(other, day)) for other in others),
    )
