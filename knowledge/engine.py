"""The answering engine: everything between a typed question and a decision, without a database."""

from __future__ import annotations

import logging
from datetime import date
from pathlib import Path

from knowledge.answer import Answer, compose
from knowledge.calibration import Calibration, Way, calibration
from knowledge.decide import Decision, decide, handoff
from knowledge.embed import Cached, Embedder, open_encoder
from knowledge.follow import Last
from knowledge.guard import settled
from knowledge.load import Base, load, read_folder
from knowledge.match import Matcher, Ranking
from knowledge.moment import Moment
from knowledge.normalise import plain
from knowledge.talk import dated, pick, understand

ENTRIES = Path(__file__).parent / "entries"
_HEAD, _TAIL = 60, 120  # of a long story, how it begins and what it ends in asking

log = logging.getLogger(__name__)


class Engine:
    """A base made ready for questions. Immutable: a changed base makes a new engine."""

    def __init__(
        self, base: Base, embedder: Embedder | None = None, fitted: Calibration | None = None
    ) -> None:
        self.base = base
        self._embedder = embedder
        self._fitted = fitted or calibration()
        self._matcher = Matcher(base, embedder, self._fitted)

    @classmethod
    def open(
        cls,
        entries: Path = ENTRIES,
        cache: Path | None = Path("var/cache"),
        *,
        embed: bool = True,
        strict: bool = True,
    ) -> Engine:
        """Read the entries and make them ready; `BadBase` names everything wrong with them.

        With `strict` off, unsound files are left out and named in the log.
        """
        if strict:
            base = load(entries)
        else:
            reading = read_folder(entries)
            base = reading.base
            for item in reading.errors:
                log.error("%s", item)
        embedder = open_encoder() if embed else None
        return cls(base, Cached(embedder, cache) if embedder and cache else embedder)

    def over(self, base: Base, embedder: Embedder | None = None) -> Engine:
        """An engine over another base, matching as this one does.

        embedder: one to use instead, where this engine has one at all.
        """
        return Engine(base, self._embedder and (embedder or self._embedder), self._fitted)

    @property
    def embedder(self) -> Embedder | None:
        """What makes its sentence vectors; None where words alone decide."""
        return self._embedder

    @property
    def has_vectors(self) -> bool:
        """Whether sentence vectors take part; where not, the service says so at start."""
        return self._matcher.has_vectors

    def answer(self, entry_id: str, day: date) -> Answer | None:
        """One entry as it stands on a day; None for an id that is gone or not in force."""
        entry = self.base.entries.get(entry_id)
        return None if entry is None else compose(entry, day, self.base)

    def ask(self, message: str, day: date, last: Last | None = None) -> Decision:
        """What to do with a message on a day; `last` is what its chat was answered before."""
        return understand(self, message, day, last)

    def pick(self, entry_id: str, day: date, asked_for: date | None = None) -> Decision:
        """The answer of an entry that was chosen; `asked_for`: by the rules of another day."""
        decision = pick(self, entry_id, day)
        if asked_for is None or asked_for == day:
            return decision
        return dated(self, decision, Moment(asked_for, asked_for < day, True, ""), day)

    def rank(self, question: str) -> Ranking | str:
        """The slow part, for a thread: the ranking, or why the message is no question."""
        reason = settled(question)
        if reason:
            return reason
        return self._matcher.rank(plain(_shortened(question)))

    def phrased(self, question: str) -> bool:
        """Whether a message stands in the base as a way of asking."""
        return self._matcher.phrased(plain(question))

    def decide(self, ranking: Ranking | str, day: date) -> Decision:
        """The quick part."""
        if isinstance(ranking, str):
            return handoff(ranking)
        return decide(ranking, self.way, self.base, day)

    @property
    def way(self) -> Way:
        """The thresholds in use."""
        return self._fitted.vectors if self.has_vectors else self._fitted.words


def _shortened(question: str) -> str:
    if len(question) <= _HEAD + _TAIL:
        return question
    return question[:_HEAD] + "\n" + question[-_TAIL:]
