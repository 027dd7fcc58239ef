"""Find the articles that settle what a lay person asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from knowledge.embed import Embedder
from knowledge.entry import Entry
from knowledge.normalise import plain
from knowledge.statutes.cues import cited_articles, speaks_of_coming
from knowledge.statutes.fields import Asked, ByEntries, ByMeaning, ByText, Scores
from knowledge.statutes.shelf import Shelf, Standing
from knowledge.statutes.text import Article, Law
from knowledge.statutes.wordings import citations, plain_words

MOST = 10
# What each field may add; chosen on the labelled questions by `benchmarks/statutes.py`.
WEIGHTS = {"words": 1.0, "grams": 1.0, "meaning": 1.0, "entries": 2.0}
# How near a question must come to one of the entries that cite articles, or to an article's plain
# words: set so that none of the foreign questions of `dev_foreign.jsonl` did.
FLOORS = {"entries": 0.943, "entries, words": 0.42, "meaning": 0.931}
_EXPIRED = 0.7  # better than nothing where the newer text is not at hand


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that may settle the question."""

    law: Law
    article: Article
    score: float  # 0 to 1; compares hits of one question, not of two
    standing: Standing


class Statutes:
    """Everything computed once for a set of laws. Holds no state of any question."""

    def __init__(
        self,
        laws: Iterable[Law],
        entries: Sequence[Entry] = (),
        embedder: Embedder | None = None,
    ) -> None:
        self._shelf = Shelf(laws)
        self._embedder = embedder
        words = plain_words(self._shelf)
        size = len(self._shelf.placed)
        self._text = ByText(self._shelf.placed, words)
        self._meaning = ByMeaning(self._shelf.placed, words, embedder) if embedder else None
        cited = citations(entries, self._shelf)
        self._entries = ByEntries(entries, cited, size, embedder) if any(cited) else None
        self._coming = lru_cache(maxsize=16)(self._coming_on)
        self._shares = lru_cache(maxsize=16)(self._shares_on)

    def __len__(self) -> int:
        return len(self._shelf.placed)

    def search(self, question: str, day: date, most: int = MOST) -> list[Hit]:
        """The best articles in force on a day, best first.

        A text not yet in force is given too where the question speaks of what is coming, or
        where the law has no other; an expired one only where no newer text is at hand.
        """
        asked = Asked.of(plain(question), self._embedder)
        return self._found(question, asked, day, most)

    def confident(self, question: str, day: date, most: int) -> list[Hit]:
        """The same, but nothing for a question unlike any that an article is known to settle.

        Unlike the scores, which only compare the hits of one question, this tells questions apart.
        """
        asked = Asked.of(plain(question), self._embedder)
        if not any(near >= FLOORS[name] for name, near in self._nearest(asked).items()):
            return []
        return self._found(question, asked, day, most)

    def _nearest(self, asked: Asked) -> dict[str, float]:
        """How near the question comes to what is known to be asked, by field."""
        found = self._entries.nearest(asked) if self._entries else {}
        if self._meaning:
            found["meaning"] = self._meaning.nearest(asked)
        return found

    def _found(self, question: str, asked: Asked, day: date, most: int) -> list[Hit]:
        if not asked.plain.joined or not len(self):
            return []
        coming = speaks_of_coming(question, self._coming(day), day)
        shares = self._shares(day, coming)
        scores = self._scores(asked, shares)
        for number in cited_articles(question, self._shelf):
            scores[number] = shares[number]
        order = np.argsort(-scores, kind="stable")[:most]
        return [self._hit(n, float(scores[n]), day) for n in order if scores[n] > 0]

    def _hit(self, number: int, score: float, day: date) -> Hit:
        item = self._shelf.placed[number]
        return Hit(item.law, item.article, round(score, 4), self._shelf.standing(item.law, day))

    def _scores(self, asked: Asked, shares: Scores) -> Scores:
        """All fields together, as a share of the most they could add."""
        fields = self.fields(asked, shares > 0)
        total = sum(WEIGHTS[name] for name in fields)
        added = sum(WEIGHTS[name] * scores for name, scores in fields.items())
        return np.asarray(added * shares / total, dtype=np.float32)

    def fields(self, asked: Asked, open_to: NDArray[np.bool_]) -> dict[str, Scores]:
        """What each field says about every article, from 0 to 1."""
        found = dict(self._text.scores(asked, open_to))
        if self._meaning:
            found["meaning"] = self._meaning.scores(asked, open_to)
        if self._entries:
            found["entries"] = self._entries.scores(asked, open_to)
        return found

    def _coming_on(self, day: date) -> tuple[Law, ...]:
        laws = self._shelf.laws
        return tuple(law for law in laws if self._shelf.standing(law, day) is Standing.COMING)

    def _shares_on(self, day: date, coming: bool) -> Scores:
        """What an article's score counts on a day; 0 for one that is not shown."""
        share = {Standing.IN_FORCE: 1.0, Standing.EXPIRED: _EXPIRED, Standing.REPLACED: 0.0}
        laws = self._shelf.laws
        known = {law.name for law in laws if self._shelf.standing(law, day) in share}
        of_law = [
            share.get(self._shelf.standing(law, day), float(coming or law.name not in known))
            for law in laws
        ]
        return np.repeat(of_law, [len(law.articles) for law in laws]).astype(np.float32)
