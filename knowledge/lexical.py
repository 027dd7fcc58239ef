"""What words and characters say about each entry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.entry import Entry
from knowledge.inverted import Vocabulary, grams, grams_index, words_index
from knowledge.kinds import Kinds
from knowledge.normalise import Plain, curated

NAMES = ("words", "words-covered", "grams", "grams-covered", "text-grams", "all-words",
         "best-grams", "best-words", "kind")  # fmt: skip
_ADDED = 0.4  # the field's words for lay ones were not typed, and weigh less

Features = NDArray[np.float32]


def answer_text(entry: Entry) -> str:
    """Everything the newest wording of an entry says."""
    text = entry.texts[-1]
    lines = [line for section in text.sections for line in section.lines]
    return "\n".join([entry.question, text.short, *lines])


class Lexical:
    """Indexes over phrasings, over all phrasings of an entry together, and over its text."""

    def __init__(self, entries: Sequence[Entry], asked: Sequence[Sequence[Plain]]) -> None:
        sizes = [len(ways) for ways in asked]
        self._starts = np.cumsum([0, *sizes])[:-1]
        flat = [way for ways in asked for way in ways]
        joined = [way.joined for way in flat]
        texts = [curated(answer_text(entry)) for entry in entries]
        words = [[word for way in ways for word in _words(way)] for ways in asked]
        self._kinds = Kinds(asked)
        self._known = Vocabulary()
        every = [[*own, *text.words] for own, text in zip(words, texts, strict=True)]
        self._all_words = words_index(every, self._known)
        self._words = words_index(words, self._known)
        self._each_words = words_index([_words(way) for way in flat], self._known)
        size, one_each = len(entries), np.arange(len(flat))
        self._grams = grams_index(joined, np.repeat(np.arange(size), sizes), size)
        self._each_grams = grams_index(joined, one_each, len(flat))
        self._text_grams = grams_index([text.joined for text in texts], np.arange(size), size)

    def features(self, question: Plain) -> Features:
        """One row an entry, one column a name."""
        typed = [*dict.fromkeys(question.words)]
        words = self._known.find([*typed, *question.field_words])
        weights = np.repeat([1.0, _ADDED], [len(typed), len(question.field_words)])
        pieces = grams(question.joined)
        equal = np.ones(len(pieces))
        columns = [
            self._words.bm25(words, weights),
            self._words.covered(words),
            self._grams.bm25(pieces, equal),
            self._grams.covered(pieces),
            self._text_grams.covered(pieces),
            self._all_words.covered(words),
            self._best(self._each_grams.cosine(pieces)),
            self._best(self._each_words.bm25(words, weights)),
            self._kinds.likeness(question),
        ]
        return np.stack(columns, axis=1)

    def known_share(self, question: Plain) -> float:
        """Which share of the question's words, by rarity, the base uses at all."""
        words = self._known.find(dict.fromkeys(question.words))
        rarity = self._all_words.idf(words)
        return float(rarity[self._all_words.holds(words)].sum() / max(rarity.sum(), 1e-9))

    def _best(self, scores: Features) -> Features:
        return np.maximum.reduceat(scores, self._starts)


def _words(way: Plain) -> list[str]:
    return [*way.words, *way.field_words]
